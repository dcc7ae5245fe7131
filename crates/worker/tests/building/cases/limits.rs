//! Builds that want too much.

use wharf_worker::FailureKind;

use super::both;
use crate::bench::Bench;
use crate::harness::Case;
use crate::remains::Remains;

pub(super) fn cases() -> Vec<Case> {
    vec![
        both("h64_a_step_that_needs_too_much_memory_is_stopped", memory),
        both("h64_a_fork_bomb_is_stopped", processes),
        both("h64_a_step_that_fills_the_disk_is_stopped", disk),
        both(
            "h64_steps_that_fill_the_disk_together_are_stopped",
            disk_together,
        ),
        both(
            "h64_a_log_is_cut_at_its_limit_and_the_build_goes_on",
            output,
        ),
        both("h64_a_daemon_of_a_step_goes_with_it", daemon),
    ]
}

fn fails_with(bench: &Bench, job: wharf_worker::WorkerJob, words: &str) {
    let before = Remains::find();
    let failure = bench.build(job).failure();
    assert_eq!(failure.kind, FailureKind::Command, "{failure:?}");
    assert!(failure.message.contains(words), "{failure:?}");
    before.assert_no_more(std::process::id());
    bench
        .build(bench.job("FROM base\nRUN echo after\n", &[]))
        .image();
}

fn memory(bench: &Bench) {
    let mut job = bench.job("FROM base\nRUN tail -c 1000000000 /dev/zero\n", &[]);
    job.limits.memory = 64 << 20;
    fails_with(bench, job, "memory limit");
}

fn processes(bench: &Bench) {
    let mut job = bench.job("FROM base\nRUN f() { f | f & }; f; sleep 5; exit 1\n", &[]);
    job.limits.pids = 50;
    fails_with(bench, job, "process limit");
}

fn disk(bench: &Bench) {
    let mut job = bench.job(
        "FROM base\nRUN dd if=/dev/zero of=/file bs=1M; sleep 60\n",
        &[],
    );
    job.limits.disk = 20 << 20;
    fails_with(bench, job, "disk limit");
}

/// No step alone writes too much.
fn disk_together(bench: &Bench) {
    let before = Remains::find();
    let steps = "RUN head -c 12000000 /dev/urandom > /file\n".repeat(6);
    let mut job = bench.job(&format!("FROM base\n{steps}RUN sleep 1\n"), &[]);
    job.limits.disk = 40 << 20;
    let failure = bench.build(job).failure();
    assert_eq!(failure.kind, FailureKind::Dockerfile, "{failure:?}");
    assert!(failure.message.contains("disk limit"), "{failure:?}");
    before.assert_no_more(std::process::id());
}

fn output(bench: &Bench) {
    let mut job = bench.job(
        "FROM base\nRUN head -c 3000000 /dev/zero | tr '\\0' x | fold -w 100; echo end > /end\n",
        &[],
    );
    job.limits.log_bytes = 1 << 20;
    let story = bench.build(job);
    assert!(story.log.len() <= (1 << 20) + 4096, "{}", story.log.len());
    story.image();
}

fn daemon(bench: &Bench) {
    let before = Remains::find();
    bench
        .build(bench.job("FROM base\nRUN (setsid sleep 300 &); echo started\n", &[]))
        .image();
    before.assert_no_more(std::process::id());
}
