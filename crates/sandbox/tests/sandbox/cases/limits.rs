//! H64: steps that use up what there is. Each is stopped with the name of its limit, and nothing of it is left.

use std::time::{Duration, Instant};

use wharf_sandbox::{Network, Policy, Reason, Reserve, Step};

use super::both;
use crate::harness::Case;
use crate::machine::Machine;
use crate::remains::Remains;

pub(super) fn cases() -> Vec<Case> {
    vec![
        both(
            "h64_a_step_that_takes_too_long_is_killed_with_its_children",
            too_long,
        ),
        both("many_steps_at_once_do_not_disturb_each_other", many_at_once),
        both("h64_a_daemon_does_not_outlive_its_step", daemon),
        both("h64_a_step_can_be_killed_from_another_thread", killed),
        both("h64_memory_is_limited", memory),
        both("h64_a_fork_bomb_is_stopped", fork_bomb),
        both("h64_the_disk_is_limited", disk),
        both("h64_the_number_of_files_is_limited", files),
        both("h64_a_file_with_a_hole_of_a_petabyte_is_refused", sparse),
        both("h64_room_is_left_on_the_file_system", reserve),
    ]
}

/// Runs a step that must end for this reason, leave nothing, and let the next one run.
fn expect(machine: &Machine, step: &Step, reason: Reason) {
    let before = Remains::find();
    let told = machine.run(step);
    assert_eq!(told.exit.reason, reason, "{told:?}");
    assert_ne!(told.exit.code, 0, "{told:?}");
    before.assert_same();
    assert_eq!(
        machine.run(&machine.shell("next", "echo fine")).stdout,
        "fine\n"
    );
}

fn too_long(machine: &Machine) {
    let mut step = machine.shell(
        "s",
        "(trap '' TERM INT; sleep 1000 & setsid sleep 1000 & wait) & sleep inf",
    );
    step.limits.timeout = Some(Duration::from_millis(300));
    let started = Instant::now();
    expect(machine, &step, Reason::TimedOut);
    assert!(started.elapsed() >= Duration::from_millis(300));
    assert!(started.elapsed() < Duration::from_secs(30));
}

fn daemon(machine: &Machine) {
    let before = Remains::find();
    let told = machine.run(&machine.shell(
        "s",
        "setsid sh -c 'sleep 1000' >/dev/null 2>&1 & echo started",
    ));
    assert_eq!(
        (told.stdout.as_str(), told.exit.reason),
        ("started\n", Reason::Exited)
    );
    before.assert_same();
}

fn killed(machine: &Machine) {
    let before = Remains::find();
    let running = machine.start(&machine.shell("s", "echo up; sleep 1000"));
    let killer = running.killer();
    let thread = std::thread::spawn(move || killer.kill());
    let told = crate::machine::finish(running);
    thread.join().unwrap();
    assert_eq!(told.exit.reason, Reason::Killed, "{told:?}");
    before.assert_same();
    // Letting go of it does the same.
    drop(machine.start(&machine.shell("t", "sleep 1000")));
    before.assert_same();
}

fn memory(machine: &Machine) {
    // The shell doubles a string until it is larger than the limit.
    let mut step = machine.shell("s", "x=0123456789abcdef; while true; do x=$x$x; done");
    step.limits.memory = Some(64 << 20);
    step.limits.timeout = Some(Duration::from_secs(60));
    expect(machine, &step, Reason::OutOfMemory);
}

fn fork_bomb(machine: &Machine) {
    let mut step = machine.shell(
        "s",
        "bomb() { bomb | bomb & }; while true; do bomb; done 2>/dev/null",
    );
    step.limits.pids = Some(40);
    step.limits.timeout = Some(Duration::from_secs(60));
    expect(machine, &step, Reason::PidsExhausted);
}

fn disk(machine: &Machine) {
    let mut step = machine.shell(
        "s",
        "i=0; while true; do i=$((i+1)); dd if=/dev/zero of=/f$i bs=1M count=4 2>/dev/null; done",
    );
    step.limits.disk = Some(32 << 20);
    step.limits.timeout = Some(Duration::from_secs(60));
    expect(machine, &step, Reason::DiskFull);
}

fn files(machine: &Machine) {
    let mut step = machine.shell("s", "i=0; while true; do i=$((i+1)); : > /tmp/f$i; done");
    step.limits.files = Some(500);
    step.limits.timeout = Some(Duration::from_secs(60));
    expect(machine, &step, Reason::DiskFull);
}

fn sparse(machine: &Machine) {
    let script = "dd if=/dev/zero of=/hole bs=1 count=1 seek=1125899906842624 2>/dev/null; exit $?";
    let open = machine.run(&machine.shell("open", script));
    let mut step = machine.shell("s", script);
    step.limits.disk = Some(32 << 20);
    // The file system may refuse such a file by itself; then there is nothing to show.
    if open.exit.code == 0 {
        expect(machine, &step, Reason::DiskFull);
    }
    let mut step = machine.shell(
        "t",
        "dd if=/dev/zero of=/hole bs=1 count=1 seek=1099511627776 2>/dev/null; exit $?",
    );
    step.limits.disk = Some(32 << 20);
    expect(machine, &step, Reason::DiskFull);
}

fn reserve(machine: &Machine) {
    let mut step = machine.shell("s", "sleep 1000");
    step.limits.reserve = Reserve {
        bytes: u64::MAX,
        inodes: 0,
    };
    expect(machine, &step, Reason::DiskFull);
}

fn many_at_once(machine: &Machine) {
    let before = Remains::find();
    let isolated = |name: &str, script: &str| {
        let mut step = machine.shell(name, script);
        step.network = Network::Isolated(Policy::default());
        step.limits.pids = Some(100);
        step
    };
    std::thread::scope(|scope| {
        for thread in 0..6 {
            scope.spawn(move || {
                for round in 0..3 {
                    let word = format!("{thread}-{round}");
                    let told = machine.run(&isolated(
                        &word,
                        &format!("ip -o -4 addr show eth0; echo {word} > /w; cat /w"),
                    ));
                    assert_eq!(told.exit.code, 0, "{told:?}");
                    assert!(told.stdout.ends_with(&format!("{word}\n")), "{told:?}");
                    assert!(told.stdout.contains("inet "), "{told:?}");
                }
            });
        }
    });
    before.assert_same();
}
