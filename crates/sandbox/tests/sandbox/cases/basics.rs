//! A step runs, says something, ends; a job sees its trees.

use std::fs;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;

use rustix::fs::{AtFlags, FileType, Mode, OFlags, Uid};

use wharf_sandbox::{Channel, Error, Job, JobContext, Reason, Step, Tree};

use super::both;
use crate::harness::Case;
use crate::machine::Machine;
use crate::remains::Remains;

pub(super) fn cases() -> Vec<Case> {
    vec![
        both("a_step_runs_as_root_of_its_own_tree", runs_as_root),
        both("an_exit_code_is_passed_on", passes_exit_code),
        both("no_signal_is_ignored_or_blocked", has_all_signals),
        both(
            "a_missing_program_is_an_error_before_the_start",
            misses_program,
        ),
        both(
            "changes_are_in_the_upper_folder_and_nowhere_else",
            writes_upper,
        ),
        both("a_job_sees_the_tree_and_nothing_else", job_sees_tree),
        both(
            "a_job_and_its_caller_stream_messages_with_descriptors",
            job_streams,
        ),
        both("a_job_can_neither_connect_nor_run_programs", job_is_walled),
        both("a_job_fills_and_clears_a_folder_in_place", job_in_place),
        both("the_death_of_the_caller_ends_its_steps", caller_dies),
        both("a_job_can_be_killed", job_is_killed),
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

fn has_all_signals(machine: &Machine) {
    // `grep` itself, not the shell, which has handlers of its own.
    let script = "grep -E 'Sig(Blk|Ign)' /proc/self/status; yes | head -n 1";
    let told = machine.run(&machine.shell("s", script));
    assert_eq!(
        told.stdout, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\ny\n",
        "{told:?}"
    );
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
    match payload {
        b"fail" => return Err("as asked".to_owned()),
        b"fill" => return fill(context),
        b"clear" => return clear(context),
        b"stream" => return stream(context),
        b"attack" => return attack(),
        b"sleep" => loop {
            std::thread::park();
        },
        _ => {}
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

/// Answers every message with its length, and writes a word into every file that comes with one.
fn stream(context: &JobContext) -> Result<Vec<u8>, String> {
    let channel = context.channel.as_ref().ok_or("no channel")?;
    let mut messages = 0;
    while let Some(message) = channel.receive().map_err(|error| error.to_string())? {
        for fd in message.fds {
            fs::File::from(fd)
                .write_all(b"from the job")
                .map_err(|error| error.to_string())?;
        }
        let answer = message.bytes.len().to_string();
        channel
            .send(answer.as_bytes(), &[])
            .map_err(|error| error.to_string())?;
        messages += 1;
    }
    Ok(messages.to_string().into_bytes())
}

fn attack() -> Result<Vec<u8>, String> {
    let kind = |result: std::io::Result<()>| match result {
        Ok(()) => "done".to_owned(),
        Err(error) => format!("{:?}", error.kind()),
    };
    let results = [
        kind(std::net::TcpListener::bind("127.0.0.1:0").map(|_| ())),
        kind(
            std::process::Command::new("/proc/self/exe")
                .status()
                .map(|_| ()),
        ),
        kind(fs::write("/made", "x")),
        kind(fs::read_dir("/m").map(|_| ())),
        kind(std::os::unix::fs::chroot("/t")),
    ];
    Ok(results.join(" ").into_bytes())
}

fn job_streams(machine: &Machine) {
    let job = Job {
        payload: b"stream".to_vec(),
        has_channel: true,
        ..Job::default()
    };
    let mut running = machine.sandbox.start_job(&machine.ids, job).unwrap();
    let channel = running.take_channel().unwrap();
    let path = machine.path("written");
    let file = fs::File::create(&path).unwrap();
    for (bytes, fds) in [
        (vec![7; Channel::MAX_BYTES], vec![]),
        (vec![1], vec![file.as_fd()]),
    ] {
        channel.send(&bytes, &fds).unwrap();
        let answer = channel.receive().unwrap().unwrap();
        assert_eq!(answer.bytes, bytes.len().to_string().into_bytes());
    }
    channel.finish_sending().unwrap();
    assert_eq!(running.wait().unwrap(), b"2");
    assert_eq!(fs::read_to_string(path).unwrap(), "from the job");
}

fn job_is_walled(machine: &Machine) {
    let job = Job {
        payload: b"attack".to_vec(),
        ..Job::default()
    };
    let told = machine.sandbox.run_job(&machine.ids, job).unwrap();
    let denied = ["PermissionDenied"; 5].join(" ");
    assert_eq!(String::from_utf8(told).unwrap(), denied);
}

fn job_is_killed(machine: &Machine) {
    let job = Job {
        payload: b"sleep".to_vec(),
        ..Job::default()
    };
    let before = Remains::find();
    let running = machine.sandbox.start_job(&machine.ids, job).unwrap();
    running.killer().kill();
    let error = running.wait().unwrap_err();
    assert!(matches!(error, Error::HelperDied { .. }), "{error:?}");
    before.assert_same();
}

fn fill(context: &JobContext) -> Result<Vec<u8>, String> {
    let folder = context.trees.first().ok_or("no tree")?;
    let (file, whiteout) = (Mode::from_raw_mode(0o644), FileType::CharacterDevice);
    let fill = || -> rustix::io::Result<()> {
        rustix::fs::mkdirat(folder, "d", Mode::from_raw_mode(0o700))?;
        rustix::fs::openat(folder, "d/file", OFlags::CREATE | OFlags::WRONLY, file)?;
        rustix::fs::mknodat(folder, "gone", whiteout, file, 0)?;
        let other = Some(Uid::from_raw(1234));
        rustix::fs::chownat(folder, "d", other, None, AtFlags::empty())
    };
    fill().map_err(|error| error.to_string())?;
    Ok(Vec::new())
}

fn clear(context: &JobContext) -> Result<Vec<u8>, String> {
    use std::os::fd::AsRawFd;
    let folder = context.trees.first().ok_or("no tree")?;
    let path = format!("/proc/self/fd/{}", folder.as_raw_fd());
    for entry in fs::read_dir(path).map_err(|error| error.to_string())? {
        let path = entry.map_err(|error| error.to_string())?.path();
        let removed = if path.is_dir() {
            fs::remove_dir_all(&path)
        } else {
            fs::remove_file(&path)
        };
        removed.map_err(|error| format!("{path:?}: {error}"))?;
    }
    Ok(Vec::new())
}

fn job_in_place(machine: &Machine) {
    let folder = machine.layer("folder", |_| {});
    let job = |payload: &[u8]| Job {
        trees: vec![Tree::in_place(&folder)],
        payload: payload.to_vec(),
        ..Job::default()
    };
    machine.sandbox.run_job(&machine.ids, job(b"fill")).unwrap();
    let owner = fs::metadata(folder.join("d")).unwrap().uid();
    let is_root = rustix::process::geteuid().is_root();
    // The image's own as root, one of the user's range otherwise.
    assert_eq!(owner == 1234, is_root, "{owner}");
    assert_eq!(fs::read_dir(folder.join("d")).is_ok(), is_root);
    machine
        .sandbox
        .run_job(&machine.ids, job(b"clear"))
        .unwrap();
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
}

/// The argument that makes this program a caller who dies.
pub(crate) const DIE: &str = "--start-and-wait-for-death";

/// Starts a step in the folder, says so, and waits to be killed.
pub(crate) fn start_and_wait(folder: &str) {
    let machine = Machine::of_user(folder.as_ref());
    let mut step = machine.shell("s", "setsid sleep 1000 & sleep 1000");
    step.limits.pids = Some(100);
    let _running = machine.start(&step);
    println!("started");
    loop {
        std::thread::park();
    }
}

fn caller_dies(machine: &Machine) {
    let before = Remains::find();
    let folder = machine.layer("of-the-dead", |_| {});
    let mut caller = std::process::Command::new("/proc/self/exe")
        .arg(DIE)
        .arg(&folder)
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut words = [0; 7];
    caller
        .stdout
        .take()
        .unwrap()
        .read_exact(&mut words)
        .unwrap();
    assert_eq!(&words, b"started");
    caller.kill().unwrap();
    caller.wait().unwrap();
    before.assert_same();
}
