//! Who a step runs as, and with what (rows R6, R7).

use std::io::{Read, Write};
use std::os::fd::{FromRawFd, OwnedFd};
use std::sync::Arc;

use wharf_sandbox::{Security, Ulimit};

use super::both;
use crate::harness::Case;
use crate::machine::Machine;

pub(super) fn cases() -> Vec<Case> {
    vec![
        both("r7_a_named_user_has_its_groups_and_home", named_user),
        both("r7_numbers_need_no_account", numbers),
        both("r6_root_has_the_capabilities_of_docker", capabilities),
        both(
            "r6_an_insecure_step_has_all_capabilities_of_its_namespace",
            insecure,
        ),
        both("a_step_can_have_a_terminal_of_its_own", has_terminal),
        both("r6_ulimits_are_set", ulimits),
        both(
            "output_can_be_opened_by_the_user_of_the_step",
            output_belongs_to_user,
        ),
    ]
}

fn named_user(machine: &Machine) {
    let mut step = machine.shell("s", "id; echo $HOME; pwd; grep CapEff /proc/self/status");
    step.user = Some("app".to_owned());
    step.cwd = "/made/for/it".to_owned();
    let told = machine.run(&step);
    let lines: Vec<&str> = told.stdout.lines().collect();
    assert_eq!(
        lines[0], "uid=1000(app) gid=1000(app) groups=44(video),1000(app)",
        "{told:?}"
    );
    assert_eq!(lines[1..3], ["/home/app", "/made/for/it"]);
    assert!(lines[3].ends_with("\t0000000000000000"), "{told:?}");
    assert!(
        !told.stubs.iter().any(|stub| stub.starts_with("/made")),
        "{told:?}"
    );
}

fn numbers(machine: &Machine) {
    let mut step = machine.shell("s", "id -u; id -g; touch /tmp/x; stat -c %u:%g /tmp/x");
    step.user = Some("65534:12345".to_owned());
    let told = machine.run(&step);
    assert_eq!(told.stdout, "65534\n12345\n65534:12345\n", "{told:?}");
}

fn capabilities(machine: &Machine) {
    let told = machine.run(&machine.shell(
        "s",
        "grep -E 'Cap(Inh|Prm|Eff|Bnd|Amb)|NoNewPrivs|Seccomp:' /proc/self/status",
    ));
    let values: Vec<&str> = told
        .stdout
        .lines()
        .filter_map(|line| line.split('\t').nth(1))
        .collect();
    let docker = "00000000a80425fb";
    assert_eq!(
        values,
        [
            "0000000000000000",
            docker,
            docker,
            docker,
            "0000000000000000",
            "0",
            "2"
        ],
        "{told:?}"
    );
}

fn insecure(machine: &Machine) {
    let mut step = machine.shell(
        "s",
        "mount -t tmpfs none /tmp && echo mounted; grep Seccomp: /proc/self/status",
    );
    step.security = Security::Insecure;
    let told = machine.run(&step);
    assert_eq!(told.stdout, "mounted\nSeccomp:\t0\n", "{told:?}");
}

fn ulimits(machine: &Machine) {
    let mut step = machine.shell("s", "ulimit -n; ulimit -Hn; ulimit -c");
    step.limits.ulimits = vec![Ulimit {
        name: "nofile".to_owned(),
        soft: 100,
        hard: 200,
    }];
    let told = machine.run(&step);
    assert_eq!(told.stdout, "100\n200\n0\n", "{told:?}");
}

fn output_belongs_to_user(machine: &Machine) {
    let mut step = machine.shell(
        "s",
        "echo a > /dev/stdout; echo b > /dev/stderr; cat < /dev/null",
    );
    step.user = Some("app".to_owned());
    let told = machine.run(&step);
    assert_eq!((told.stdout.as_str(), told.stderr.as_str()), ("a\n", "b\n"));
}

fn has_terminal(machine: &Machine) {
    let (mut outer, mut inner) = (-1, -1);
    let none = std::ptr::null_mut();
    // SAFETY: both numbers are ours to be written, and the other pointers may be null.
    let made = unsafe {
        libc::openpty(
            &raw mut outer,
            &raw mut inner,
            none,
            none.cast(),
            none.cast(),
        )
    };
    assert_eq!(made, 0);
    // SAFETY: both were just opened, and nobody else has them.
    let (outer, inner) = unsafe { (OwnedFd::from_raw_fd(outer), OwnedFd::from_raw_fd(inner)) };
    let mut step = machine.shell(
        "s",
        "test -t 0 && echo on a terminal; read word; echo got $word; echo x > /dev/tty",
    );
    step.terminal = Some(Arc::new(inner));
    let running = machine.start(&step);
    drop(step);
    let mut outer = std::fs::File::from(outer);
    outer.write_all(b"hello\n").unwrap();
    let told = crate::machine::finish(running);
    assert_eq!((told.exit.code, told.stdout.as_str()), (0, ""), "{told:?}");
    let mut text = Vec::new();
    // The end of a terminal whose other side is closed is an error, after all that was said.
    let end = outer.read_to_end(&mut text);
    let text = String::from_utf8_lossy(&text);
    assert!(
        text.contains("on a terminal\r\n") && text.contains("got hello\r\nx\r\n"),
        "{text:?} {end:?}"
    );
}
