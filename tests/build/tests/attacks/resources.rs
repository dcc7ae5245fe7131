//! H64: steps that use up what there is. Each first runs without the bound that stops it where that is bearable, and then
//! is stopped by name; what the kernel counts is attacked in the sandbox's `limits`. After each the next build works.

use std::time::{Duration, Instant};

use wharf_build_tests::workshop::Workshop;

use crate::as_both;

/// Builds a step that must be stopped, with the words that name the bound, and then one that must work.
fn expect_stop(workshop: &Workshop<'_>, setting: &str, step: &str, words: &[&str]) {
    workshop.set_build(setting);
    let built = workshop.build(&format!("FROM base\nRUN {step}\n"), &["--no-cache"]);
    assert!(
        !built.success,
        "{step} was not stopped by {setting}: {}",
        cut(&built.log)
    );
    for word in words {
        assert!(built.log.contains(word), "no `{word}`: {}", cut(&built.log));
    }
    assert!(!built.log.contains("panicked"), "{}", cut(&built.log));
    check_next(workshop);
}

fn check_next(workshop: &Workshop<'_>) {
    let _ = workshop
        .build(
            "FROM base\nRUN echo next-wor'ks'\n",
            &["--no-cache", "--output", "type=cacheonly"],
        )
        .expect_success()
        .expect_text("next-works");
}

fn cut(log: &str) -> String {
    let start = log.len().saturating_sub(3000);
    log.chars().skip(log[..start].chars().count()).collect()
}

#[test]
fn h64_a_fork_bomb_is_stopped() {
    as_both(|workshop| {
        // Each of them stays, so that they add up.
        let bomb = "for i in $(seq 300); do sleep 300 & done; echo all-star'ted'; kill $(jobs -p)";
        let _ = workshop
            .build(
                &format!("FROM base\nRUN {bomb}\n"),
                &["--output", "type=cacheonly"],
            )
            .expect_text("all-started");
        expect_stop(
            workshop,
            "step_processes = 64",
            bomb,
            &["(process limit: [build] step_processes)"],
        );
        expect_stop(
            workshop,
            "step_processes = 64",
            "b() { b | b & }; b; sleep 3; exit 1",
            &["(process limit: [build] step_processes)"],
        );
    });
}

#[test]
fn h64_a_step_that_takes_all_memory_is_stopped() {
    as_both(|workshop| {
        let eat = |mebibytes: u32| {
            format!("dd if=/dev/zero of=/dev/null bs={mebibytes}M count=1 && echo gott'en'")
        };
        workshop.set_build("step_memory = \"96m\"");
        let _ = workshop
            .build(
                &format!("FROM base\nRUN {}\n", eat(16)),
                &["--output", "type=cacheonly"],
            )
            .expect_success()
            .expect_text("gotten");
        expect_stop(
            workshop,
            "step_memory = \"96m\"",
            &eat(512),
            &["(memory limit: [build] step_memory)"],
        );
    });
}

#[test]
fn h64_a_step_that_fills_the_disk_is_stopped() {
    as_both(|workshop| {
        let fill = "i=0; while [ $i -lt 400 ]; do dd if=/dev/zero of=/f$i bs=1M count=1 2>/dev/null || exit 9; i=$((i+1)); done; sleep 60";
        expect_stop(
            workshop,
            "step_disk = \"64m\"\nstep_seconds = 50",
            fill,
            &["(disk limit: [build] step_disk)"],
        );
    });
}

#[test]
fn h64_a_step_that_makes_too_many_files_is_stopped() {
    as_both(|workshop| {
        let fill = "mkdir /d; i=0; while [ $i -lt 20000 ]; do : > /d/$i || exit 9; i=$((i+1)); done; sleep 60";
        expect_stop(
            workshop,
            "step_files = 2000\nstep_seconds = 50",
            fill,
            &["(file limit: [build] step_files)"],
        );
    });
}

#[test]
fn h64_a_sparse_file_of_a_petabyte_becomes_no_layer() {
    as_both(|workshop| {
        for size in ["1125899906842624", "10995116277760"] {
            workshop.set_build("step_disk = \"64m\"");
            let began = Instant::now();
            let step =
                format!("dd if=/dev/zero of=/sparse bs=1 count=0 seek={size} && ls -l /sparse");
            let built = workshop.build(
                &format!("FROM base\nRUN {step}\n"),
                &["--no-cache", "-t", "sparse"],
            );
            // The filesystem may refuse it itself, and then there is nothing to build.
            if built.log.contains("too large") && built.success {
                continue;
            }
            let _ = built.expect_failure(&["(disk limit: [build] step_disk)"]);
            assert!(began.elapsed() < Duration::from_secs(60));
            check_next(workshop);
        }
    });
}

#[test]
fn h64_a_log_of_two_gigabytes_is_cut() {
    as_both(|workshop| {
        workshop.set_build("step_log = \"1m\"");
        workshop.write(
            "lines",
            "a line of output that is repeated over and over\n".repeat(200_000),
        );
        let step =
            "RUN --mount=target=/m i=0; while [ $i -lt 210 ]; do cat /m/lines; i=$((i+1)); done";
        let built = workshop.build(
            &format!("FROM base\n{step}\n"),
            &["--no-cache", "--output", "type=cacheonly"],
        );
        assert!(built.log.len() < 4_000_000, "{} bytes", built.log.len());
        assert!(
            built.log.contains("clipped") || built.log.contains("log"),
            "{}",
            cut(&built.log)
        );
        check_next(workshop);
    });
}

#[test]
fn h64_a_line_without_end_is_cut() {
    as_both(|workshop| {
        workshop.set_build("step_log = \"1m\"");
        let step = "RUN head -c 100000000 /dev/zero | tr '\\0' x";
        let built = workshop.build(
            &format!("FROM base\n{step}\n"),
            &["--no-cache", "--output", "type=cacheonly"],
        );
        assert!(built.log.len() < 8_000_000, "{} bytes", built.log.len());
        check_next(workshop);
    });
}

#[test]
fn h64_a_daemon_ends_with_its_step() {
    as_both(|workshop| {
        for daemon in [
            "setsid sleep 1000 >/dev/null 2>&1 </dev/null &",
            // One that keeps the step's output open.
            "setsid sleep 1000 &",
            "(trap '' HUP TERM INT; while :; do sleep 1; done) &",
            "(setsid sh -c 'setsid sleep 1000 & sleep 1000' &);",
        ] {
            let began = Instant::now();
            let _ = workshop
                .build(
                    &format!("FROM base\nRUN {daemon} echo don'e'\n"),
                    &["--no-cache", "--output", "type=cacheonly"],
                )
                .expect_success()
                .expect_text("done");
            assert!(began.elapsed() < Duration::from_secs(60), "{daemon}");
        }
    });
}

#[test]
fn h64_a_step_that_never_ends_is_stopped() {
    as_both(|workshop| {
        for step in [
            "sleep 100000",
            "trap '' TERM INT HUP; while :; do sleep 1; done",
            "while :; do :; done",
        ] {
            let began = Instant::now();
            expect_stop(
                workshop,
                "step_seconds = 2",
                step,
                &["longer than 2 s (step timeout: [build] step_seconds)"],
            );
            assert!(began.elapsed() < Duration::from_secs(60));
        }
        workshop.set_build("build_seconds = 3");
        let began = Instant::now();
        let steps = "RUN sleep 1\nRUN sleep 1.1\nRUN sleep 1.2\nRUN sleep 1.3\nRUN sleep 100000\n";
        let _ = workshop
            .build(&format!("FROM base\n{steps}"), &["--no-cache"])
            .expect_failure(&["3"]);
        assert!(began.elapsed() < Duration::from_secs(60));
        workshop.set_build("");
        check_next(workshop);
    });
}

#[test]
fn h64_a_build_that_is_killed_or_interrupted_leaves_nothing() {
    as_both(|workshop| {
        for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGKILL] {
            workshop.write(
                "Dockerfile",
                "FROM base\nRUN echo begin-no'w'; setsid sleep 1000 & sleep 1000\n",
            );
            let before = wharf_build_tests::remains::Before::look();
            let source = workshop.context().display().to_string();
            let child = workshop.start(&source, &["--no-cache"], None, &[]);
            wait_for_step(workshop);
            let pid = i32::try_from(child.id()).unwrap();
            // SAFETY: a plain call; the child is not waited for yet, so the number is its own.
            unsafe { libc::kill(pid, signal) };
            if signal == libc::SIGKILL {
                // Nobody is left to remove its folder: the next build does.
                drop(wharf_build_tests::workshop::finish(child));
                check_next(workshop);
                let left =
                    before.list_left(&workshop.mark(), pid.unsigned_abs(), &workshop.state());
                assert!(left.is_empty(), "{left:#?}");
            } else {
                let built = workshop.wait(child, &before);
                assert!(!built.success, "{}", built.log);
            }
            check_next(workshop);
        }
    });
}

/// Waits until both processes of the step are there.
fn wait_for_step(workshop: &Workshop<'_>) {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let processes = wharf_build_tests::remains::list_processes(&workshop.mark());
        let count = processes
            .iter()
            .filter(|line| line.contains("sleep 1000") && !line.contains("sh"))
            .count();
        if count == 2 {
            return;
        }
        assert!(
            Instant::now() < end,
            "the audit does not see the step: {processes:?}"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}
