//! Making room, and looking around where a build failed.

use std::io::Read as _;
use std::time::{Duration, Instant, SystemTime};

use wharf_builder::{BuilderFolder, Pruned, UsageKind};

use crate::bench::Bench;

pub(crate) const TESTS: &[(&str, fn())] = &[
    (
        "pruning_with_room_left_takes_nothing_that_is_of_use",
        pruning_with_room_left_takes_nothing_that_is_of_use,
    ),
    (
        "pruning_takes_the_least_recently_used_and_its_files",
        pruning_takes_the_least_recently_used_and_its_files,
    ),
    (
        "pruning_to_nothing_leaves_nothing",
        pruning_to_nothing_leaves_nothing,
    ),
    (
        "nothing_is_pruned_while_an_image_is_in_use",
        nothing_is_pruned_while_an_image_is_in_use,
    ),
    (
        "a_shell_opens_after_the_last_good_step_and_changes_nothing",
        a_shell_opens_after_the_last_good_step_and_changes_nothing,
    ),
];

const ROOMY: u64 = 1 << 40;

fn count_snapshots(bench: &Bench) -> usize {
    std::fs::read_dir(bench.state().join("snapshots"))
        .expect("snapshots")
        .count()
}

fn open(bench: &Bench) -> BuilderFolder {
    BuilderFolder::open(&bench.state()).expect("the builder's folder")
}

/// Prunes once nobody holds the folder: a program that a case beside this one is starting has what is open here for a moment,
/// the lock included.
fn prune_alone(folder: &BuilderFolder, budget: u64, now: SystemTime) -> Pruned {
    let begun = Instant::now();
    loop {
        if let Some(pruned) = folder.prune(budget, now).expect("pruned") {
            return pruned;
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "still in use");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn pruning_with_room_left_takes_nothing_that_is_of_use() {
    let bench = Bench::new();
    let dockerfile = "FROM base\nRUN --mount=type=cache,target=/c echo 1 | tee /c/f > /g\n";
    drop(bench.build(dockerfile).expect());
    // A step that failed leaves its files to the next prune, where this user cannot delete them.
    drop(bench.build("FROM base\nRUN mkdir -p /a/b && chown -R 5 /a && chmod 0 /a/b && exit 1\n"));
    let pruned = prune_alone(&open(&bench), ROOMY, SystemTime::now());
    assert!(pruned.removed.is_empty(), "{:?}", pruned.removed);
    let count = |kind| {
        pruned
            .kept
            .iter()
            .filter(|usage| usage.kind == kind)
            .count()
    };
    assert_eq!(
        (count(UsageKind::Step), count(UsageKind::CacheMount)),
        (4, 1)
    );
    assert_eq!(pruned.layers.len(), 4);
    assert_eq!(count_snapshots(&bench), 4);
    drop(pruned);
    assert_eq!(bench.build(dockerfile).expect().cached(), 4);
}

fn pruning_takes_the_least_recently_used_and_its_files() {
    let bench = Bench::new();
    let old = "FROM base\nRUN dd if=/dev/zero of=/old bs=1M count=8\n";
    let new = "FROM base\nRUN dd if=/dev/zero of=/new bs=1M count=8\n";
    drop(bench.build(old).expect());
    drop(bench.build(new).expect());
    let folder = open(&bench);
    let usage = folder.list_usage().expect("usage");
    let total: u64 = usage.iter().map(|usage| usage.bytes).sum();
    let pruned = prune_alone(&folder, total - 1, SystemTime::now());
    let removed: Vec<&str> = pruned
        .removed
        .iter()
        .map(|usage| usage.description.as_str())
        .collect();
    assert!(
        removed.len() == 1 && removed[0].contains("of=/old"),
        "{removed:?}"
    );
    drop(pruned);
    assert_eq!(count_snapshots(&bench), 4);
    assert_eq!(bench.build(new).expect().cached(), 4);
    assert_eq!(bench.build(old).expect().cached(), 3);
}

fn pruning_to_nothing_leaves_nothing() {
    let bench = Bench::new();
    let dockerfile = "FROM base AS one\nRUN --mount=type=cache,target=/c,uid=5,mode=0700 \
         mkdir -p /c/d && chmod 0 /c/d && echo one > /f\n\
         FROM base\nCOPY --from=one /f /f\nCOPY passwd /p\n";
    drop(bench.build(dockerfile).expect());
    let folder = open(&bench);
    // Beyond the moment that notes of this build were written in.
    let later = SystemTime::now() + Duration::from_secs(5);
    let pruned = prune_alone(&folder, 0, later);
    assert!(pruned.kept.is_empty() && pruned.layers.is_empty());
    for part in [
        "snapshots",
        "mounts",
        "sums",
        "stats",
        "downloads",
        "builds",
    ] {
        let left = std::fs::read_dir(bench.state().join(part)).expect(part);
        assert_eq!(left.count(), 0, "{part}");
    }
    drop(pruned);
    assert!(folder.list_usage().expect("usage").is_empty());
    assert_eq!(bench.build(dockerfile).expect().cached(), 0);
}

fn nothing_is_pruned_while_an_image_is_in_use() {
    let bench = Bench::new();
    let done = bench.build("FROM base\nRUN echo 1 > /f\n").expect();
    let folder = open(&bench);
    let pruned = folder.prune(0, SystemTime::now()).expect("pruned");
    assert!(pruned.is_none());
    assert!(bench.list(&done).contains("bin/busybox"));
    drop(done);
    drop(prune_alone(&folder, 0, SystemTime::now()));
}

fn a_shell_opens_after_the_last_good_step_and_changes_nothing() {
    let bench = Bench::new();
    let done = bench.build(
        "FROM base\nUSER app\nENV GREETING=hi\nWORKDIR /home/app\n\
         RUN echo good > good\nRUN echo bad > bad; exit 3\n",
    );
    let Err(wharf_builder::BuildError::Run {
        build: Some(build), ..
    }) = &done.built
    else {
        panic!("{:?}", done.built);
    };
    let folder = open(&bench);
    let run = |script: &str| {
        let command = ["sh", "-c", script].map(str::to_owned);
        let mut shell = folder.start_shell(build, &command, None).expect("a shell");
        let mut said = String::new();
        let mut output = shell.running.take_stdout().expect("its output");
        output.read_to_string(&mut said).expect("words");
        (said, shell.wait().expect("its end").code)
    };
    let looked = run("pwd; id -un; echo $GREETING; ls; echo mine > new; cat new; exit 5");
    assert_eq!(looked, ("/home/app\napp\nhi\ngood\nmine\n".to_owned(), 5));
    assert_eq!(run("ls").0, "good\n");
    let unknown = folder.start_shell("b0", &[], None).expect_err("no build");
    assert!(unknown.hint().is_some());
    // The state goes with the cache, and the note with the state.
    drop(prune_alone(&folder, 0, SystemTime::now()));
    assert!(folder.start_shell(build, &[], None).is_err());
}
