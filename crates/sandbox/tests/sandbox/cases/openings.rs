//! What a step sees of the machine, and ports on which its caller listens.

use std::io::{Read, Write};

use wharf_sandbox::{Mount, Network, Step};

use super::both;
use crate::harness::Case;
use crate::machine::{Machine, finish};

const PORT: u16 = 3128;

pub(super) fn cases() -> Vec<Case> {
    vec![
        both(
            "a_part_of_the_machine_is_read_only_and_private_files_in_it_stay_closed",
            sees_machine,
        ),
        both(
            "a_file_of_the_machine_that_is_missing_is_an_error_with_its_name",
            misses_file,
        ),
        both(
            "whoever_connects_to_a_listener_speaks_with_the_caller",
            speaks_with_caller,
        ),
        both(
            "nobody_listens_in_the_network_of_the_host",
            refuses_host_network,
        ),
    ]
}

fn sees_machine(machine: &Machine) {
    let script = "head -n 1 /machine/passwd; cat /machine/shadow; touch /machine/x; \
                  mount -o remount,rw /machine; touch /machine/x";
    let mut step = machine.shell("s", script);
    step.mounts = vec![Mount::Machine {
        path: "/etc".into(),
        target: "/machine".to_owned(),
    }];
    let told = machine.run(&step);
    assert!(told.stdout.starts_with("root:"), "{told:?}");
    assert!(!told.stdout.contains('$'), "{told:?}");
    assert!(
        told.stderr.contains("'/machine/shadow': Permission denied"),
        "{told:?}"
    );
    assert_eq!(
        told.stderr.matches("Read-only file system").count(),
        2,
        "{told:?}"
    );
}

fn misses_file(machine: &Machine) {
    let mut step = machine.shell("s", "true");
    step.mounts = vec![Mount::Machine {
        path: "/nonesuch".into(),
        target: "/x".to_owned(),
    }];
    let error = machine.sandbox.start_step(&machine.ids, &step).unwrap_err();
    assert!(error.to_string().contains("/nonesuch"), "{error}");
}

fn speaks_with_caller(machine: &Machine) {
    let mut step = machine.shell("s", &format!("echo question | nc 127.0.0.1 {PORT}"));
    step.listeners = vec![PORT];
    let mut running = machine.start(&step);
    let listeners = running.take_listeners();
    let [listener] = &listeners[..] else {
        panic!("{listeners:?}");
    };
    let (mut stream, from) = listener.accept().expect("the step connects");
    assert!(from.ip().is_loopback());
    let mut question = [0; 9];
    stream.read_exact(&mut question).expect("the step speaks");
    assert_eq!(&question, b"question\n");
    stream.write_all(b"answer\n").expect("the step listens");
    drop(stream);
    let told = finish(running);
    assert_eq!(told.stdout, "answer\n", "{told:?}");
}

fn refuses_host_network(machine: &Machine) {
    let mut step: Step = machine.shell("s", "true");
    step.network = Network::Host;
    step.listeners = vec![PORT];
    let error = machine.sandbox.start_step(&machine.ids, &step).unwrap_err();
    assert!(error.to_string().contains("host's network"), "{error}");
}
