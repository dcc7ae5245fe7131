//! What a step finds mounted (rows R2, R6, R9, Z1, Z2).

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixListener;

use wharf_sandbox::{Error, Mount, Step, Tree};

use super::both;
use crate::harness::Case;
use crate::machine::Machine;

pub(super) fn cases() -> Vec<Case> {
    vec![
        both(
            "r2_a_bind_mount_shows_a_part_of_a_tree_read_only",
            bind_is_read_only,
        ),
        both(
            "r2_writes_to_a_bind_mount_go_to_its_own_upper_folder",
            bind_with_upper,
        ),
        both("r2_a_cache_outlives_the_step", cache_outlives),
        both("r2_a_tmpfs_has_its_size", tmpfs_has_size),
        both(
            "r6_the_step_is_described_in_etc_without_a_trace_in_the_layer",
            etc_is_mounted,
        ),
        both("r9_stubs_of_mounts_are_removed_and_told", stubs_are_removed),
        both("a_script_in_memory_is_run_and_a_secret_is_not", runs_script),
        both(
            "z1_a_secret_is_a_file_of_its_owner_and_nowhere_else",
            secret_is_file,
        ),
        both(
            "z2_an_agent_is_reached_through_a_socket_in_the_step",
            agent_is_reached,
        ),
    ]
}

fn with(machine: &Machine, snapshot: &str, script: &str, mounts: Vec<Mount>) -> Step {
    let mut step = machine.shell(snapshot, script);
    step.mounts = mounts;
    step
}

fn bind_is_read_only(machine: &Machine) {
    let layer = machine.layer("other", |folder| {
        fs::create_dir(folder.join("src")).unwrap();
        fs::write(folder.join("src/file"), "seen\n").unwrap();
    });
    let mount = Mount::Bind {
        tree: Tree::read_only(vec![layer.clone()]),
        source: "src".to_owned(),
        target: "/mnt/in".to_owned(),
    };
    let told = machine.run(&with(
        machine,
        "s",
        "cat /mnt/in/file; echo no > /mnt/in/file",
        vec![mount],
    ));
    assert_eq!(told.stdout, "seen\n", "{told:?}");
    assert!(told.stderr.contains("Read-only"), "{told:?}");
    assert_eq!(
        fs::read_to_string(layer.join("src/file")).unwrap(),
        "seen\n"
    );
}

fn bind_with_upper(machine: &Machine) {
    let layer = machine.layer("other", |folder| {
        fs::write(folder.join("file"), "old\n").unwrap()
    });
    let mount = Mount::Bind {
        tree: machine.tree_over(vec![layer.clone()], "scratch"),
        source: String::new(),
        target: "/in".to_owned(),
    };
    let told = machine.run(&with(
        machine,
        "s",
        "echo new > /in/file && cat /in/file",
        vec![mount],
    ));
    assert_eq!(told.stdout, "new\n", "{told:?}");
    assert_eq!(fs::read_to_string(layer.join("file")).unwrap(), "old\n");
    assert_eq!(
        fs::read_to_string(machine.path("scratch/upper/file")).unwrap(),
        "new\n"
    );
    assert!(!machine.path("s/upper/in/file").exists());
}

fn cache_outlives(machine: &Machine) {
    let cache = machine.layer("cache", |_| {});
    let mount = |read_only| Mount::Cache {
        folder: cache.clone(),
        source: "a/b".to_owned(),
        target: "/root/.cache".to_owned(),
        read_only,
    };
    let told = machine.run(&with(
        machine,
        "s",
        "echo kept > /root/.cache/file",
        vec![mount(false)],
    ));
    assert_eq!(told.exit.code, 0, "{told:?}");
    let script = "cat /root/.cache/file; echo x > /root/.cache/file";
    let told = machine.run(&with(machine, "t", script, vec![mount(true)]));
    assert_eq!(told.stdout, "kept\n", "{told:?}");
    assert!(told.stderr.contains("Read-only"), "{told:?}");
    assert_eq!(
        fs::read_to_string(cache.join("a/b/file")).unwrap(),
        "kept\n"
    );
}

fn tmpfs_has_size(machine: &Machine) {
    let mount = Mount::Tmpfs {
        target: "/scratch".to_owned(),
        size: Some(1 << 20),
    };
    let script = "dd if=/dev/zero of=/scratch/x bs=64k count=64 2>/dev/null; stat -c %s /scratch/x";
    let told = machine.run(&with(machine, "s", script, vec![mount]));
    assert_eq!(told.stdout, "1048576\n", "{told:?}");
}

fn etc_is_mounted(machine: &Machine) {
    let mut step = machine.shell(
        "s",
        "hostname; cat /etc/hosts /etc/hostname; df -k /dev/shm | tail -n 1; cat /etc/resolv.conf",
    );
    step.hostname = "built".to_owned();
    step.hosts_entries = vec![("extra".to_owned(), [192, 0, 2, 9].into())];
    step.limits.shm_size = Some(3 << 20);
    step.dns = Some(wharf_sandbox::Dns {
        servers: vec![[192, 0, 2, 53].into()],
        search: vec!["corp.test".to_owned()],
        options: vec![],
    });
    let told = machine.run(&step);
    for words in [
        "192.0.2.9\textra",
        "127.0.0.1\tlocalhost built\n",
        " 3072 ",
        "nameserver 192.0.2.53",
        "search corp.test",
    ] {
        assert!(told.stdout.contains(words), "{words}: {told:?}");
    }
    for file in ["hosts", "hostname", "resolv.conf"] {
        assert!(!machine.path("s/upper/etc").join(file).exists(), "{file}");
    }
}

fn stubs_are_removed(machine: &Machine) {
    let mount = |target: &str| Mount::File {
        content: b"x".to_vec(),
        is_program: false,
        target: target.to_owned(),
        mode: 0o400,
        uid: 0,
        gid: 0,
    };
    let before = fs::metadata(machine.base().join("etc"))
        .unwrap()
        .modified()
        .unwrap();
    let mounts = vec![mount("/run/secrets/one"), mount("/etc/two")];
    let told = machine.run(&with(
        machine,
        "s",
        "cat /run/secrets/one /etc/two; touch /run/own",
        mounts,
    ));
    assert_eq!(told.stdout, "xx", "{told:?}");
    for stub in [
        "/run",
        "/run/secrets",
        "/run/secrets/one",
        "/etc/two",
        "/etc/resolv.conf",
    ] {
        assert!(
            told.stubs.iter().any(|told| told == stub),
            "{stub}: {told:?}"
        );
    }
    let upper = machine.path("s/upper");
    assert!(upper.join("run/own").exists());
    for gone in ["run/secrets", "etc/two", "etc/resolv.conf"] {
        assert!(!upper.join(gone).exists(), "{gone}");
    }
    let after = fs::metadata(upper.join("etc")).unwrap().modified().unwrap();
    assert_eq!(before, after, "the times of /etc");
}

fn secret_is_file(machine: &Machine) {
    const SECRET: &str = "correct horse battery staple";
    let secret = Mount::File {
        content: SECRET.as_bytes().to_vec(),
        is_program: false,
        target: "/run/secrets/key".to_owned(),
        mode: 0o400,
        uid: 1000,
        gid: 1000,
    };
    let script = "stat -c '%a %u %g' /run/secrets/key; cat /run/secrets/key; grep ' /run/secrets/key ' /proc/mounts; env; \
                  cat /proc/*/environ /proc/*/cmdline | tr '\\0' '\\n' | grep -c 'hor[s]e'";
    let mut step = with(machine, "s", script, vec![secret]);
    step.user = Some("app".to_owned());
    let told = machine.run(&step);
    let lines: Vec<&str> = told.stdout.lines().collect();
    assert_eq!(lines[0], "400 1000 1000", "{told:?}");
    assert!(
        lines[1].starts_with(SECRET) && lines[1].contains("tmpfs ro,"),
        "{told:?}"
    );
    // H31: the words are in no environment and no argument.
    assert_eq!(lines.last(), Some(&"0"), "{told:?}");
    let found = std::process::Command::new("grep")
        .args(["-r", "-l", SECRET])
        .arg(machine.path("s"))
        .arg(machine.path("state"))
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&found.stdout), "");
}

fn runs_script(machine: &Machine) {
    let file = |target: &str, is_program| Mount::File {
        content: b"#!/bin/sh\necho \"$0\"\n".to_vec(),
        is_program,
        target: target.to_owned(),
        mode: 0o755,
        uid: 0,
        gid: 0,
    };
    let mounts = vec![file("/dev/pipes/EOF", true), file("/run/secret", false)];
    let script = "/dev/pipes/EOF; /run/secret 2>/dev/null || echo no";
    let told = machine.run(&with(machine, "s", script, mounts));
    assert_eq!(told.stdout, "/dev/pipes/EOF\nno\n", "{told:?}");
}

fn agent_is_reached(machine: &Machine) {
    let agent = machine.path("agent.sock");
    let listener = UnixListener::bind(&agent).unwrap();
    let served = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut question = [0; 4];
        stream.read_exact(&mut question).unwrap();
        stream.write_all(b"signed\n").unwrap();
        question
    });
    let target = "/run/buildkit/ssh_agent.0";
    let mount = Mount::SshSocket {
        agent,
        target: target.to_owned(),
        mode: 0o600,
        uid: 1000,
        gid: 1000,
    };
    let mut step = machine.attack("s", &["ask_agent"]);
    step.mounts = vec![mount];
    step.user = Some("app".to_owned());
    let told = machine.run(&step);
    assert_eq!(
        told.stdout, "socket 600 1000\nsigned\nask_agent done\n",
        "{told:?}"
    );
    assert_eq!(&served.join().unwrap(), b"ask\n");

    let mount = Mount::Tmpfs {
        target: "/proc/self".to_owned(),
        size: None,
    };
    let error = machine
        .sandbox
        .start_step(&machine.ids, &with(machine, "t", "true", vec![mount]))
        .unwrap_err();
    assert!(
        matches!(error, Error::Refused { .. } | Error::Setup { .. }),
        "{error:?}"
    );
}
