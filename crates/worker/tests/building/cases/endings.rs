//! Builds that somebody ends.

use std::time::{Duration, Instant};

use wharf_builder::progress::Event;
use wharf_worker::{FailureKind, Phase, WorkerEvent};

use super::both;
use crate::bench::Bench;
use crate::harness::Case;
use crate::remains::{Remains, find_work};

pub(super) fn cases() -> Vec<Case> {
    vec![
        both(
            "f52_a_canceled_build_ends_within_two_seconds_in_every_phase",
            cancels,
        ),
        both(
            "f52_a_worker_that_does_not_listen_is_killed",
            kills_the_deaf,
        ),
        both("a_dropped_handle_ends_the_worker", drops),
        both("a_build_that_takes_too_long_is_stopped", times_out),
        both("the_next_build_after_a_canceled_one_works", recovers),
    ]
}

/// What a person waits for after "cancel".
const PROMPT: Duration = Duration::from_secs(2);

const LONG: &str = "FROM base\nRUN echo begun; sleep 300\n";

fn cancels(bench: &Bench) {
    let before = Remains::find();
    type Moment = fn(&WorkerEvent) -> bool;
    let moments: [(&str, &str, Moment); 4] = [
        ("at once", LONG, |_| true),
        ("cloning", LONG, |event| {
            matches!(
                event,
                WorkerEvent::PhaseBegan {
                    phase: Phase::Cloning,
                    ..
                }
            )
        }),
        ("waiting for an image", "FROM slow\n", |event| {
            matches!(
                event,
                WorkerEvent::PhaseBegan {
                    phase: Phase::Building,
                    ..
                }
            )
        }),
        (
            "in a step",
            LONG,
            |event| matches!(event, WorkerEvent::Progress(Event::StepLog { bytes, .. }) if bytes.starts_with(b"begun")),
        ),
    ];
    for (name, dockerfile, moment) in moments {
        let mut asked = None;
        let story = bench.runtime.block_on(async {
            let handle = bench.start(bench.job(dockerfile, &[])).await;
            bench
                .hear(handle, |event, handle| {
                    if asked.is_none() && moment(event) {
                        asked = Some(Instant::now());
                        handle.canceler().cancel();
                    }
                })
                .await
        });
        let took = asked.expect("the moment comes").elapsed();
        assert!(took < PROMPT, "{name}: {took:?}");
        assert_eq!(story.failure().kind, FailureKind::Canceled, "{name}");
        assert!(find_work(&bench.state()).is_empty(), "{name}");
        before.assert_no_more(std::process::id());
    }
}

fn kills_the_deaf(bench: &Bench) {
    let before = Remains::find();
    let mut asked = None;
    let story = bench.runtime.block_on(async {
        let handle = bench.start(bench.job(LONG, &[])).await;
        bench
            .hear(handle, |event, handle| {
                if let WorkerEvent::Progress(Event::StepLog { .. }) = event {
                    // Everything below this process, the worker and its steps among it; what supervises them too.
                    for pid in crate::remains::find_descendants(std::process::id()) {
                        stop(&pid);
                    }
                    // The supervisor goes on: it is not part of what could be deaf.
                    resume_children();
                    asked = Some(Instant::now());
                    handle.canceler().cancel();
                }
            })
            .await
    });
    let took = asked.expect("the step begins").elapsed();
    assert!(took < PROMPT + Duration::from_secs(1), "{took:?}");
    assert_eq!(story.failure().kind, FailureKind::Canceled);
    before.assert_no_more(std::process::id());
    assert!(find_work(&bench.state()).is_empty());
}

fn stop(pid: &str) {
    send(pid, rustix::process::Signal::STOP);
}

/// Direct children of this process.
fn resume_children() {
    let tasks = std::fs::read_dir("/proc/self/task").expect("tasks");
    for task in tasks.flatten() {
        let children = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
        for child in children.split_whitespace() {
            send(child, rustix::process::Signal::CONT);
        }
    }
}

fn send(pid: &str, signal: rustix::process::Signal) {
    let pid = rustix::process::Pid::from_raw(pid.parse().expect("a number")).expect("a pid");
    // As a plain user, what runs as other ids cannot be stopped by us; it is deaf with its parent.
    let _ = rustix::process::kill_process(pid, signal);
}

fn drops(bench: &Bench) {
    let before = Remains::find();
    bench.runtime.block_on(async {
        let mut handle = bench.start(bench.job(LONG, &[])).await;
        while let Some(event) = handle.next_event().await {
            if let WorkerEvent::Progress(Event::StepLog { .. }) = event {
                break;
            }
        }
    });
    before.assert_no_more(std::process::id());
}

fn times_out(bench: &Bench) {
    let before = Remains::find();
    let mut job = bench.job(LONG, &[]);
    job.limits.timeout = Duration::from_secs(3);
    let failure = bench.build(job).failure();
    assert_eq!(failure.kind, FailureKind::TimedOut, "{failure:?}");
    assert!(failure.message.contains("longer than 3 s"), "{failure:?}");
    before.assert_no_more(std::process::id());
}

fn recovers(bench: &Bench) {
    let dockerfile = "FROM base\nRUN echo kept\nRUN echo begun; sleep 300\n";
    let story = bench.runtime.block_on(async {
        let handle = bench.start(bench.job(dockerfile, &[])).await;
        bench
            .hear(handle, |event, handle| {
                if let WorkerEvent::Progress(Event::StepLog { bytes, .. }) = event
                    && bytes.starts_with(b"begun")
                {
                    handle.canceler().cancel();
                }
            })
            .await
    });
    assert_eq!(story.failure().kind, FailureKind::Canceled);
    let next = bench.build(bench.job("FROM base\nRUN echo kept\nRUN echo after\n", &[]));
    assert!(
        next.log.contains("after") && !next.log.contains("kept"),
        "{next:?}"
    );
    next.image();
}
