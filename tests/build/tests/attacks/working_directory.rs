//! C01: a working directory that is a descriptor of the builder's (CVE-2024-21626). That an open descriptor would be
//! reached is shown by the sandbox's `c01_descriptors` with its guard off.

use serde_json::json;
use wharf_build_tests::hostile::{pack, plain_layer, shelve_image};
use wharf_build_tests::workshop::{Built, Workshop};

use crate::as_both;

const LOOK: &str = "RUN pwd; for up in . .. ../.. ../../.. ../../../.. ../../../../..; do cat $up/canary; done; \
    ls -l /proc/self/fd; true\n";

#[test]
fn c01_working_directories_that_are_descriptors_stay_in_the_image() {
    as_both(|workshop| {
        std::fs::write(workshop.path("canary"), "of the host").unwrap();
        let canary = workshop.path("canary").display().to_string();
        for number in 3..=30 {
            let built = workshop.build(
                &format!("FROM base\nWORKDIR /proc/self/fd/{number}\n{LOOK}RUN cat ../../../../..{canary}; true\n"),
                &["--output", "type=cacheonly"],
            );
            check(&built, number);
        }
    });
}

#[test]
fn c01_working_directories_of_a_base_that_are_descriptors_stay_in_the_image() {
    as_both(|workshop| {
        std::fs::write(workshop.path("canary"), "of the host").unwrap();
        for number in [3, 4, 5, 6, 7, 8, 9, 12, 16] {
            for directory in [
                format!("/proc/self/fd/{number}"),
                format!("/proc/self/fd/{number}/../../../.."),
                format!("/proc/1/fd/{number}"),
            ] {
                shelve_base(workshop, &directory);
                let built = workshop.build(
                    &format!("FROM evil\nCOPY --from=base / /\n{LOOK}"),
                    &["--pull", "--output", "type=cacheonly"],
                );
                check(&built, number);
            }
        }
    });
}

fn shelve_base(workshop: &Workshop<'_>, directory: &str) {
    let config = json!({"WorkingDir": directory, "Env": ["PATH=/bin"]});
    let layer = pack("[{ path = 'note', content = 'x' }]");
    shelve_image(&workshop.server, "evil", &config, &[plain_layer(layer)]);
}

fn check(built: &Built, number: u32) {
    assert!(
        !built.log.contains("of the host"),
        "{number}: {}",
        built.log
    );
    assert!(!built.log.contains("panicked"), "{number}: {}", built.log);
    if built.success {
        // `ls` itself opens the folder that it lists, as number 3.
        for line in built.log.lines().filter(|line| line.contains(" -> ")) {
            let is_standard = ["0 ->", "1 ->", "2 ->"]
                .iter()
                .any(|end| line.contains(end));
            assert!(
                is_standard,
                "{number}: an open descriptor: {line}\n{}",
                built.log
            );
        }
    }
}
