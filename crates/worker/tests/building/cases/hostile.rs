//! What a worker that was taken over can make the server hold, dial or wait for.

use std::fs;
use std::time::{Duration, Instant};

use wharf_testkit::git::GitServer;
use wharf_worker::{
    DialPurpose, FailureKind, GitAccess, GitSource, GitWanted, JobSource, Launcher,
    LauncherSettings, Phase, WorkerEvent, WorkerJob,
};

use super::both;
use crate::bench::{Bench, settings};
use crate::harness::Case;
use crate::probe::{RESULTS, Results, TARGETS, Targets};
use crate::remains::Remains;
use crate::services::HOST;
use crate::story::Story;

pub(super) fn cases() -> Vec<Case> {
    vec![
        both(
            "a_worker_makes_the_server_hold_256_images_at_most",
            asks_for_many,
        ),
        both("a_worker_that_hears_no_answers_is_ended", hears_nothing),
        both("a_worker_fills_neither_log_nor_record", talks_much),
        Case {
            name: "a_worker_goes_through_its_phases_once",
            as_root: true,
            // A second worker's folder belongs to somebody else, who cannot be told to become the probe.
            as_user: false,
            run: repeats_phases,
        },
        Case {
            name: "a_worker_tells_the_readme_that_was_asked_for",
            as_root: true,
            // As above.
            as_user: false,
            run: tells_readmes,
        },
        both("a_worker_dials_for_its_build_alone", dials),
        both("a_cleaning_worker_that_hangs_is_killed", hangs),
        both("authorities_of_the_server_are_believed_by_add", believes),
    ]
}

/// A job of one image whose worker is the probe; what it found, and what the server told.
fn send(bench: &Bench, words: Vec<String>) -> (Results, Story, Vec<WorkerEvent>) {
    send_in(bench, bench.job("FROM base\n", &[]), words)
}

fn send_in(
    bench: &Bench,
    job: WorkerJob,
    words: Vec<String>,
) -> (Results, Story, Vec<WorkerEvent>) {
    let state = bench.state();
    let targets = Targets {
        process: std::process::id(),
        socket: "none".to_owned(),
        words,
        ..Targets::default()
    };
    let text = serde_json::to_vec(&targets).expect("targets");
    fs::write(state.join(TARGETS), text).expect("targets are written");
    let mut steps = Vec::new();
    let story = bench.runtime.block_on(async {
        let handle = bench.start(job).await;
        bench
            .hear(handle, |event, _| match event {
                WorkerEvent::PhaseBegan { phase, at } => steps.push(WorkerEvent::PhaseBegan {
                    phase: *phase,
                    at: *at,
                }),
                WorkerEvent::Progress(event) => steps.push(WorkerEvent::Progress(event.clone())),
                _ => {}
            })
            .await
    });
    let text = fs::read(state.join(RESULTS)).expect("the probe was there");
    let results = serde_json::from_slice(&text).expect("results");
    (results, story, steps)
}

fn begin(phase: &str) -> String {
    format!(r#"!{{"PhaseBegan":{{"phase":"{phase}","at":"2026-01-01T00:00:00Z"}}}}"#)
}

fn end(phase: &str) -> String {
    begin(phase).replace("Began", "Ended")
}

fn resolve(ask: usize, reference: &str) -> String {
    format!(
        r#"{{"Resolve":{{"ask":{ask},"reference":"{reference}","platform":{{"os":"linux","architecture":"amd64"}},"is_always":true}}}}"#
    )
}

fn asks_for_many(bench: &Bench) {
    let same = (0..300).map(|ask| resolve(ask, "base"));
    let others = (300..700).map(|ask| resolve(ask, &format!("many-{ask}")));
    let (results, _, _) = send(bench, same.chain(others).collect());
    assert_eq!(results.answers.len(), 700);
    let refused = results
        .answers
        .iter()
        .filter(|answer| answer.contains("256 images"));
    assert_eq!(refused.count(), 700 - 300 - 255);
    // The first was asked for once, whatever the worker wants to hear again.
    assert_eq!(*bench.services.resolved.lock().unwrap(), 256);
}

fn hears_nothing(bench: &Bench) {
    let before = Remains::find();
    let words = (0..5000).map(|ask| format!("!{}", resolve(ask, "base")));
    let (_, story, _) = send(bench, words.collect());
    let failure = story.failure();
    assert_eq!(failure.kind, FailureKind::WorkerLost);
    assert!(
        failure.message.contains("too many questions"),
        "{failure:?}"
    );
    before.assert_no_more(std::process::id());
}

fn talks_much(bench: &Bench) {
    let at = "2026-01-01T00:00:00Z";
    let mut words = Vec::new();
    for step in 0..5000 {
        let long = "x".repeat(if step < 10 { 30_000 } else { 10 });
        words.push(format!(r#"!{{"Progress":{{"event":"step_started","step":{step},"name":"{long}","at":"{at}"}}}}"#));
        words.push(format!(
            r#"!{{"Progress":{{"event":"warning","rule":null,"message":"{long}","lines":null}}}}"#
        ));
    }
    let (_, story, told) = send(bench, words);
    assert_eq!(story.warnings.len(), 1001);
    assert!(story.warnings.iter().all(|text| text.len() <= 16 << 10));
    // Steps, warnings, and the phase of the start.
    assert_eq!(told.len(), 4096 + 1001 + 1);
}

fn repeats_phases(bench: &Bench) {
    for words in [
        vec![begin("building"), begin("exporting")],
        vec![begin("building"), end("building"), begin("building")],
        vec![begin("building"), end("building"), begin("cloning")],
        vec![end("building")],
    ] {
        let (_, story, _) = send(bench, words);
        let failure = story.failure();
        assert!(
            failure.message.contains("a phase out of order"),
            "{failure:?}"
        );
    }
}

fn tells_readmes(bench: &Bench) {
    let tell = |text: &str| format!(r#"!{{"Readme":"{text}"}}"#);
    let cloning = |readme| {
        let source = GitSource {
            remote: format!("https://{HOST}/app.git"),
            access: GitAccess::Anonymous,
            authority: None,
            wanted: GitWanted::Reference("refs/heads/main".to_owned()),
            submodules: false,
            unless_message_says: Vec::new(),
            readme,
        };
        WorkerJob::new(JobSource::Git(source), "tests")
    };
    for (job, words) in [
        (bench.job("FROM base\n", &[]), vec![tell("1")]),
        (cloning(None), vec![tell("1")]),
        (cloning(Some(4)), vec![tell("12345")]),
        (cloning(Some(4)), vec![tell("1234"), tell("1")]),
    ] {
        let (_, story, _) = send_in(bench, job, words);
        let failure = story.failure();
        assert!(
            failure.message.contains("a README that nobody asked for"),
            "{failure:?}"
        );
    }
    let (_, story, _) = send_in(bench, cloning(Some(4)), vec![tell("1234")]);
    assert_eq!(story.readme, Some(Some("1234".to_owned())));
}

fn dials(bench: &Bench) {
    let dial = |ask| {
        format!(
            r#"{{"Dial":{{"ask":{ask},"target":{{"host":"{HOST}","port":443,"speaks":"Tls"}}}}}}"#
        )
    };
    let (results, story, _) = send(
        bench,
        vec![
            dial(1),
            begin("cloning"),
            dial(2),
            end("cloning"),
            begin("building"),
            dial(3),
            end("building"),
            begin("exporting"),
            dial(4),
        ],
    );
    assert_eq!(
        story.phases,
        [
            Phase::Starting,
            Phase::Cloning,
            Phase::Building,
            Phase::Exporting
        ]
    );
    let refused = |answer: &String| answer.contains("is not where the repository of this build is");
    let refused: Vec<bool> = results.answers.iter().map(refused).collect();
    assert_eq!(refused, [true, true, false, true], "{results:?}");
    let dialed = bench.services.dialed.lock().unwrap();
    assert!(
        matches!(&dialed[..], [(target, DialPurpose::Build)] if target.host == HOST),
        "{dialed:?}"
    );
}

fn hangs(bench: &Bench) {
    let before = Remains::find();
    let launcher = Launcher::new(LauncherSettings {
        cleaning: Duration::from_millis(500),
        ..settings(&bench.path(""))
    })
    .expect("a second launcher");
    let targets = Targets {
        hangs: true,
        ..Targets::default()
    };
    let text = serde_json::to_vec(&targets).expect("targets");
    fs::write(bench.state().join(TARGETS), text).expect("targets are written");
    let began = Instant::now();
    let failure = bench
        .runtime
        .block_on(launcher.clean())
        .expect_err("it hangs");
    assert!(began.elapsed() < Duration::from_secs(10));
    let text = format!("{failure:?}");
    assert!(text.contains("took longer than"), "{text}");
    before.assert_no_more(std::process::id());
    // The probe is gone, and whoever comes next cleans.
    bench.runtime.block_on(launcher.clean()).expect("it cleans");
}

fn believes(bench: &Bench) {
    let server = GitServer::builder().tls().start();
    bench
        .services
        .port
        .store(server.address().port(), std::sync::atomic::Ordering::SeqCst);
    let repository = server.create("team/app");
    repository.push_files("main", "first", &[("a", "1")]);
    // Not `localhost`, where anybody is believed.
    let url = repository.url().replace("127.0.0.1", HOST);
    let dockerfile = format!("FROM base\nADD {url}/HEAD /head\nRUN cat /head\n");
    let failure = bench.build(bench.job(&dockerfile, &[])).failure();
    assert!(failure.message.contains("cannot connect"), "{failure:?}");

    let authority = bench.path("authority.pem");
    fs::write(&authority, server.certificate().expect("a certificate")).expect("a file");
    let launcher = Launcher::new(LauncherSettings {
        authorities: vec![authority],
        ..settings(&bench.path(""))
    });
    let launcher = launcher.expect("a second launcher");
    let story = bench.runtime.block_on(async {
        let services = std::sync::Arc::clone(&bench.services);
        let started = launcher.start(bench.job(&dockerfile, &[]), services).await;
        bench.hear(started.expect("a worker"), |_, _| ()).await
    });
    assert!(story.log.contains("refs/heads/"), "{story:?}");
    story.image();
}
