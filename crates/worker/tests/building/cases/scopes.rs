//! Caches of several tenants.

use wharf_worker::{Launcher, LauncherSettings, WorkerJob};

use super::both;
use super::isolation::send_probe;
use crate::bench::{Bench, settings};
use crate::harness::Case;
use crate::probe::Targets;
use crate::remains::Remains;
use crate::story::Story;

pub(super) fn cases() -> Vec<Case> {
    vec![
        both(
            "c30_a_worker_sees_the_cache_of_its_scope_alone",
            sees_its_own,
        ),
        both(
            "c30_the_same_dockerfile_is_another_scopes_own_affair",
            shares_nothing,
        ),
        both(
            "the_least_recently_used_cache_goes_first_across_scopes",
            makes_room,
        ),
        both("a_cache_that_nobody_needs_is_removed", removes),
    ]
}

/// Writes what cannot be compressed.
const DOCKERFILE: &str = "FROM base\nRUN head -c 20000000 /dev/urandom > /file\n";

fn job(bench: &Bench, scope: &str) -> WorkerJob {
    let mut job = bench.job(DOCKERFILE, &[]);
    scope.clone_into(&mut job.cache_scope);
    job
}

fn build(bench: &Bench, launcher: &Launcher, scope: &str) -> Story {
    bench.runtime.block_on(async {
        let services = std::sync::Arc::clone(&bench.services);
        let started = launcher.start(job(bench, scope), services).await;
        bench.hear(started.expect("a worker"), |_, _| ()).await
    })
}

fn is_cached(story: Story) -> bool {
    story.image().cached_steps > 0
}

fn sees_its_own(bench: &Bench) {
    let other = bench.path("data/builder/other%2frule/builder");
    std::fs::create_dir_all(&other).expect("a folder");
    let targets = Targets {
        process: std::process::id(),
        socket: "none".to_owned(),
        files: vec![
            other,
            bench.path("data/builder/.scopes"),
            "/state/../other%2frule/builder".into(),
        ],
        ..Targets::default()
    };
    let (results, _) = send_probe(bench, &targets);
    let opened = results
        .attacks
        .iter()
        .filter(|(name, _)| name.starts_with("open /"));
    let opened: Vec<bool> = opened.map(|(_, worked)| *worked).collect();
    assert_eq!(opened, [false; 3], "{results:?}");
    assert!(results.state.is_empty(), "{results:?}");
}

fn shares_nothing(bench: &Bench) {
    assert!(!is_cached(build(bench, &bench.launcher, "one/rule")));
    // The very same Dockerfile is built anew elsewhere, and found again at home.
    assert!(!is_cached(build(bench, &bench.launcher, "one/loose")));
    assert!(is_cached(build(bench, &bench.launcher, "one/rule")));
}

fn makes_room(bench: &Bench) {
    let before = Remains::find();
    let launcher = Launcher::new(LauncherSettings {
        // Twice the file, as snapshot and as layer, fits; four times does not.
        cache_bytes: Some(60_000_000),
        ..settings(&bench.path(""))
    });
    let launcher = launcher.expect("a launcher");
    for scope in ["old/rule", "new/rule"] {
        assert!(!is_cached(build(bench, &launcher, scope)));
    }
    bench
        .runtime
        .block_on(launcher.make_room())
        .expect("room is made");
    assert!(is_cached(build(bench, &launcher, "new/rule")));
    assert!(!is_cached(build(bench, &launcher, "old/rule")));
    // It came last, so now the other one goes.
    bench
        .runtime
        .block_on(launcher.make_room())
        .expect("room is made");
    assert!(is_cached(build(bench, &launcher, "old/rule")));
    drop(launcher);
    before.assert_no_more(std::process::id());
}

fn removes(bench: &Bench) {
    for scope in ["gone/rule", "kept/rule"] {
        build(bench, &bench.launcher, scope).image();
    }
    let scopes = || {
        bench
            .runtime
            .block_on(bench.launcher.list_scopes())
            .expect("scopes")
    };
    assert_eq!(scopes().len(), 2);
    let removed = bench
        .runtime
        .block_on(bench.launcher.remove_scope("gone/rule"));
    removed.expect("it is removed");
    assert_eq!(scopes(), ["kept/rule"]);
    assert!(!bench.path("data/builder/gone%2frule").exists());
    assert!(is_cached(build(bench, &bench.launcher, "kept/rule")));
    assert!(!is_cached(build(bench, &bench.launcher, "gone/rule")));
}
