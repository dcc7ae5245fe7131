//! A step runs, says something, ends; a job sees its trees.

use std::fs;

use wharf_sandbox::{Error, Job, JobContext, Reason, Step, Tree};

use super::both;
use crate::harness::Case;
use crate::machine::Machine;

pub(super) fn cases() -> Vec<Case> {
    vec![
        both("a_step_runs_as_root_of_its_own_tree", runs_as_root),
        both("an_exit_code_is_passed_on", passes_exit_code),
        both(
            "a_missing_program_is_an_error_before_the_start",
            misses_program,
        ),
        both(
            "changes_are_in_the_upper_folder_and_nowhere_else",
            writes_upper,
        ),
        both("a_job_sees_the_tree_and_nothing_else", job_sees_tree),
    ]
}

fn runs_as_root(machine: &Machine) {
    let told = machine.run(&machine.shell("s", "id -u; echo err >&2; hostname; echo $$"));
    assert_eq!(told.stdout, "0\nbuildkitsandbox\n1\n", "{told:?}");
    assert_eq!(told.stderr, "err\n");
    assert_eq!(told.exit.reason, Reason::Exited);
    assert_eq!(told.exit.code, 0);
}

fn passes_exit_code(machine: &Machine) {
    let told = machine.run(&machine.shell("s", "exit 7"));
    assert_eq!((told.exit.code, told.exit.reason), (7, Reason::Exited));
    let told = machine.run(&machine.shell(
        "s2",
        "(sleep 60 &); kill -9 $$; exec sh -c 'kill -SEGV $$; exit 9'",
    ));
    // The first process of a pid namespace cannot be killed from inside.
    assert_eq!((told.exit.code, told.exit.reason), (9, Reason::Exited));
}

fn misses_program(machine: &Machine) {
    let step = Step::new(machine.root("s"), ["nonesuch"]);
    let error = machine.sandbox.start_step(&machine.ids, &step).unwrap_err();
    assert!(
        matches!(&error, Error::ProgramMissing { program } if program == "nonesuch"),
        "{error:?}"
    );
    let step = Step::new(machine.root("s"), ["/etc/passwd"]);
    let error = machine.sandbox.start_step(&machine.ids, &step).unwrap_err();
    assert!(matches!(&error, Error::ProgramUnusable { .. }), "{error:?}");
}

fn writes_upper(machine: &Machine) {
    let told = machine.run(&machine.shell("s", "echo new > /new && rm /etc/group && mkdir /d"));
    assert_eq!(told.exit.code, 0, "{told:?}");
    assert_eq!(
        fs::read_to_string(machine.path("s/upper/new")).unwrap(),
        "new\n"
    );
    assert!(machine.base().join("etc/group").exists());
    assert!(!machine.base().join("new").exists());
    let later = machine.tree_over(vec![machine.path("s/upper"), machine.base()], "t");
    let told = machine.run(&Step::new(
        later,
        ["/bin/sh", "-c", "cat /new; ls /etc/group"],
    ));
    assert_eq!(told.stdout, "new\n");
    assert_ne!(told.exit.code, 0);
}

fn job_sees_tree(machine: &Machine) {
    let job = |payload: &str| Job {
        trees: vec![machine.root("s"), Tree::read_only(vec![machine.base()])],
        payload: payload.as_bytes().to_vec(),
        ..Job::default()
    };
    let told = machine.sandbox.run_job(&machine.ids, job("look")).unwrap();
    assert_eq!(
        String::from_utf8(told).unwrap(),
        "0 [\"bin\", \"etc\", \"tmp\"] []"
    );
    assert!(machine.path("s/upper/made").exists());
    let error = machine
        .sandbox
        .run_job(&machine.ids, job("fail"))
        .unwrap_err();
    assert!(
        matches!(&error, Error::Job { message } if message == "as asked"),
        "{error:?}"
    );
}

pub(super) fn run_job(context: &JobContext, payload: &[u8]) -> Result<Vec<u8>, String> {
    use std::os::fd::AsRawFd;
    if payload == b"fail" {
        return Err("as asked".to_owned());
    }
    let list = |path: &str| -> Result<Vec<String>, String> {
        let mut names = fs::read_dir(path)
            .map_err(|error| format!("{path}: {error}"))?
            .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| format!("{path}: {error}"))?;
        names.sort();
        Ok(names)
    };
    let [writable, read_only] = &context.trees[..] else {
        return Err("two trees are expected".to_owned());
    };
    let path = |fd: &std::os::fd::OwnedFd| format!("/proc/self/fd/{}", fd.as_raw_fd());
    fs::write(format!("{}/made", path(writable)), "x").map_err(|error| error.to_string())?;
    if fs::write(format!("{}/made", path(read_only)), "x").is_ok() {
        return Err("a read-only tree was written".to_owned());
    }
    Ok(format!(
        "{} {:?} {:?}",
        rustix::process::getuid().as_raw(),
        list(&path(read_only))?,
        list("/").unwrap_or_default(),
    )
    .into_bytes())
}
