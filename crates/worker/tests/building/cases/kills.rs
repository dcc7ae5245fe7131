//! Killed workers, supervisors and servers.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use wharf_builder::progress::Event;
use wharf_worker::{FailureKind, Phase, WorkerEvent};

use super::both;
use crate::bench::{Bench, settings};
use crate::harness::Case;
use crate::remains::{Remains, find_descendants, find_work, is_dead};

/// The argument that makes this program a server that builds and waits to be killed.
pub(crate) const SERVE: &str = "--serve";

const LONG: &str = "FROM base\nRUN echo begun; sleep 300\n";

pub(super) fn cases() -> Vec<Case> {
    vec![
        both(
            "f50_a_killed_worker_is_told_and_leaves_nothing",
            worker_is_killed,
        ),
        both(
            "f50_a_killed_supervisor_takes_all_along",
            supervisor_is_killed,
        ),
        both(
            "f50_a_worker_that_is_killed_while_it_exports_leaves_nothing",
            worker_is_killed_exporting,
        ),
        both(
            "f50_a_server_that_is_killed_while_it_takes_over_leaves_nothing",
            server_is_killed_exporting,
        ),
        both(
            "f50_a_killed_server_takes_its_workers_along",
            server_is_killed,
        ),
    ]
}

/// Builds until a step says something, does something to its processes, and hears how the build ends.
fn interrupt(bench: &Bench, attack: fn()) {
    let before = Remains::find();
    let story = bench.runtime.block_on(async {
        let handle = bench.start(bench.job(LONG, &[])).await;
        let mut is_done = false;
        bench
            .hear(handle, |event, _| {
                if let WorkerEvent::Progress(Event::StepLog { .. }) = event
                    && !std::mem::replace(&mut is_done, true)
                {
                    attack();
                }
            })
            .await
    });
    let failure = story.failure();
    assert_eq!(failure.kind, FailureKind::WorkerLost, "{failure:?}");
    before.assert_no_more(std::process::id());
    assert!(find_work(&bench.state()).is_empty());
    bench
        .build(bench.job("FROM base\nRUN echo after\n", &[]))
        .image();
}

fn worker_is_killed(bench: &Bench) {
    interrupt(bench, || {
        let worker = find_by_words("wharf\0__worker\0").expect("a worker");
        kill(&worker);
    });
}

fn supervisor_is_killed(bench: &Bench) {
    interrupt(bench, || {
        let mut own = children_of(std::process::id());
        own.retain(|pid| {
            let words = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&words).contains("__sandbox")
        });
        assert_eq!(own.len(), 1, "{own:?}");
        kill(&own[0]);
    });
}

/// One that is gone by now needs no kill.
fn kill_if_there(pid: &str) {
    let number = Pid::from_raw(pid.parse().expect("a number")).expect("a pid");
    if kill_process(number, Signal::KILL).is_err() {
        let entered = Command::new("nsenter")
            .args(["--user", "--target", pid, "--preserve-credentials"])
            .args(["kill", "-9", pid])
            .stderr(Stdio::null())
            .status();
        entered.expect("nsenter runs");
    }
}

/// As a plain user, the worker is somebody else; its first process can be ended by who made its namespace.
fn kill(pid: &str) {
    let number = Pid::from_raw(pid.parse().expect("a number")).expect("a pid");
    if kill_process(number, Signal::KILL).is_ok() {
        return;
    }
    let status = Command::new("nsenter")
        .args([
            "--user",
            "--target",
            pid,
            "--preserve-credentials",
            "kill",
            "-9",
            pid,
        ])
        .status()
        .expect("nsenter runs");
    assert!(status.success());
}

fn find_by_words(words: &str) -> Option<String> {
    find_descendants(std::process::id())
        .into_iter()
        .find(|pid| {
            let found = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&found).starts_with(words)
        })
}

fn children_of(pid: u32) -> Vec<String> {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).expect("tasks");
    tasks
        .flatten()
        .flat_map(|task| {
            let children = std::fs::read_to_string(task.path().join("children"));
            let children = children.unwrap_or_default();
            let children: Vec<String> = children.split_whitespace().map(str::to_owned).collect();
            children
        })
        .collect()
}

/// It may be done before the kill comes; then there is the whole image, and in both cases nothing else.
fn worker_is_killed_exporting(bench: &Bench) {
    let before = Remains::find();
    let mut lost = 0;
    for try_number in 0..20 {
        let dockerfile = format!("FROM base\nRUN echo {try_number} > /file\n");
        let story = bench.runtime.block_on(async {
            let handle = bench.start(bench.job(&dockerfile, &[])).await;
            bench
                .hear(handle, |event, _| {
                    if let WorkerEvent::PhaseBegan {
                        phase: Phase::Exporting,
                        ..
                    } = event
                        && let Some(worker) = find_by_words("wharf\0__worker\0")
                    {
                        kill_if_there(&worker);
                    }
                })
                .await
        });
        match story.end {
            Ok(image) => assert_eq!(image.layers.len(), 2),
            Err(failure) => {
                assert_eq!(failure.kind, FailureKind::WorkerLost, "{failure:?}");
                lost += 1;
            }
        }
        before.assert_no_more(std::process::id());
        assert!(find_work(&bench.state()).is_empty());
        if lost > 0 {
            return;
        }
    }
    panic!("no worker was met while it exported");
}

fn server_is_killed_exporting(bench: &Bench) {
    kill_server(bench, "exporting");
}

fn server_is_killed(bench: &Bench) {
    kill_server(bench, "building");
}

fn kill_server(bench: &Bench, phase: &str) {
    let before = Remains::find();
    let folder = bench.path("");
    let mut server = Command::new("/proc/self/exe")
        .arg(SERVE)
        .arg(&folder)
        .arg(phase)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a server starts");
    let mut line = String::new();
    let output = server.stdout.take().expect("output");
    BufReader::new(output)
        .read_line(&mut line)
        .expect("the server says something");
    assert_eq!(line, "begun\n");
    let all = find_descendants(server.id());
    assert!(all.len() > 3 || phase == "exporting", "{all:?}");
    server.kill().expect("the server is killed");
    server.wait().expect("the server ends");
    let end = Instant::now() + Duration::from_secs(10);
    while !all.iter().all(|pid| is_dead(pid)) {
        assert!(Instant::now() < end, "left: {all:?}");
        std::thread::yield_now();
    }
    // Groups are the dead server's, whose number they have; interfaces and filters are anybody's.
    before.assert_no_more(std::process::id());
    assert_groups_are_gone(server.id());
    // What is on the disk is cleared away by the next server.
    bench
        .runtime
        .block_on(bench.launcher.clean())
        .expect("a cleaning worker");
    assert!(find_work(&bench.state()).is_empty());
}

fn assert_groups_are_gone(maker: u32) {
    // Nobody has this number.
    Remains::find_of(u32::MAX).assert_no_more(maker);
}

/// The server's whole life: builds in the folder, says when a step runs, and waits.
pub(crate) fn serve(folder: &Path, phase: &str) -> ! {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let launcher = wharf_worker::Launcher::new(settings(folder)).expect("a launcher");
    let services = std::sync::Arc::new(crate::services::FakeServices::make(folder));
    runtime.block_on(async {
        let source = wharf_worker::JobSource::Upload {
            dockerfile: Some(match phase {
                "exporting" => b"FROM base\nRUN echo done > /file\n".to_vec(),
                _ => LONG.as_bytes().to_vec(),
            }),
            context: None,
        };
        let job = wharf_worker::WorkerJob::new(source, "tests");
        let mut handle = launcher.start(job, services).await.expect("a worker");
        while let Some(event) = handle.next_event().await {
            let is_moment = match &event {
                WorkerEvent::PhaseBegan { phase: now, .. } => {
                    phase == "exporting" && *now == Phase::Exporting
                }
                WorkerEvent::Progress(Event::StepLog { .. }) => phase == "building",
                _ => false,
            };
            if is_moment {
                println!("begun");
                std::io::stdout().flush().expect("the parent listens");
            }
        }
    });
    // The one that is killed while it takes over may have taken all.
    loop {
        std::thread::park();
    }
}
