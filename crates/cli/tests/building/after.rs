//! What comes after a build: a shell where it failed, the cache looked at and emptied. Real sandboxes, a static busybox.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::Stdio;

use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

use crate::home::Home;

const DOCKERFILE: &str = "FROM scratch\n\
    COPY busybox /bin/busybox\n\
    RUN [\"/bin/busybox\", \"--install\", \"-s\", \"/bin\"]\n\
    RUN echo good > /good\n\
    RUN echo bad > /bad; exit 3\n";

/// A home with a build that failed, and the name of that build.
fn fail_build() -> (Home, String) {
    let home = Home::new();
    std::fs::copy("/bin/busybox", home.path().join("busybox")).expect("a static busybox");
    home.write("Dockerfile", DOCKERFILE);
    let state = home.path().join("state").display().to_string();
    let outcome = home.run(&["build", "--progress", "plain", "--state-dir", &state, "."]);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    let (_, rest) = outcome
        .stderr
        .split_once("wharf debug ")
        .unwrap_or_else(|| panic!("{outcome:?}"));
    let build = rest.split_whitespace().next().expect("a name").to_owned();
    (home, build)
}

#[test]
fn a_command_runs_where_the_build_failed() {
    let (home, build) = fail_build();
    let state = home.path().join("state").display().to_string();
    let run = |command: &str| {
        home.run(&[
            "debug",
            &build,
            "--state-dir",
            &state,
            "--",
            "sh",
            "-c",
            command,
        ])
    };
    let looked = run("cat /good; ls /bad >&2");
    assert_eq!(looked.stdout, "good\n", "{looked:?}");
    assert!(looked.stderr.contains("/bad: No such file"), "{looked:?}");
    assert_eq!(looked.code, Some(1), "{looked:?}");
    assert_eq!(run("echo changed > /good").code, Some(0));
    assert_eq!(run("cat /good").stdout, "good\n");
    let shell = home.run(&["debug", &build, "--state-dir", &state]);
    assert_eq!(shell.code, Some(2), "{shell:?}");
    let unknown = home.run(&["debug", "b0", "--state-dir", &state, "--", "ls"]);
    assert!(unknown.stderr.contains("no failed build b0"), "{unknown:?}");
}

#[test]
fn a_shell_is_a_persons_on_a_terminal() {
    let (home, build) = fail_build();
    let state = home.path().join("state").display().to_string();
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let outer = openpt(flags).expect("a pseudo terminal");
    grantpt(&outer).expect("granted");
    unlockpt(&outer).expect("unlocked");
    let inner: OwnedFd = ioctl_tiocgptpeer(&outer, flags).expect("its inner side");
    let size = Winsize {
        ws_row: 33,
        ws_col: 101,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(&outer, size).expect("a size");
    let share = || Stdio::from(inner.try_clone().expect("a descriptor"));
    let mut child = home
        .command(&["debug", &build, "--state-dir", &state])
        .stdin(share())
        .stdout(share())
        .stderr(share())
        .spawn()
        .expect("started");
    let mut outer = File::from(outer);
    let mut said = read_until(&mut outer, "# ");
    // The last command's words are not in its own text, so that its echo is not taken for its output.
    outer
        .write_all(b"test -t 0 && echo on a'' terminal; stty size; cat /good; echo changed > /good; echo e\"\"nd\n")
        .expect("typed");
    said += &read_until(&mut outer, "end\r\n");
    outer.write_all(b"exit 9\n").expect("typed");
    assert_eq!(child.wait().expect("its end").code(), Some(0), "{said}");
    for text in ["RUN echo bad", "on a terminal\r\n", "33 101", "good\r\n"] {
        assert!(said.contains(text), "{text}: {said}");
    }
    let modes = tcgetattr(&inner).expect("modes").local_modes;
    assert!(modes.contains(LocalModes::ICANON | LocalModes::ECHO));
    let command = ["debug", &build, "--state-dir", &state, "--", "cat", "/good"];
    assert_eq!(home.run(&command).stdout, "good\n");
}

fn read_until(outer: &mut File, text: &str) -> String {
    let mut said = String::new();
    let mut bytes = [0; 4096];
    while !said.contains(text) {
        let count = outer
            .read(&mut bytes)
            .unwrap_or_else(|error| panic!("{error}: {said}"));
        said += &String::from_utf8_lossy(&bytes[..count]);
    }
    said
}

#[test]
fn the_cache_is_listed_and_emptied() {
    let (home, build) = fail_build();
    let state = home.path().join("state").display().to_string();
    let list = || home.run(&["builder", "du", "--format", "json", "--state-dir", &state]);
    let listed: serde_json::Value = serde_json::from_str(&list().stdout).expect("JSON");
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(3));
    assert!(listed["bytes"].as_u64() > Some(1 << 20), "{listed}");
    let table = home.run(&["builder", "du", "--state-dir", &state]).stdout;
    assert!(table.contains("RUN echo good > /good"), "{table}");
    let kept = home.run(&["builder", "prune", "--keep", "1g", "--state-dir", &state]);
    assert!(kept.stderr.contains("Freed 0 B"), "{kept:?}");
    let emptied = home.run(&["builder", "prune", "-af", "--state-dir", &state]);
    assert_eq!(emptied.code, Some(0), "{emptied:?}");
    let blobs = home.path().join("state/images/blobs/sha256");
    assert_eq!(std::fs::read_dir(blobs).expect("blobs").count(), 0);
    let listed: serde_json::Value = serde_json::from_str(&list().stdout).expect("JSON");
    assert_eq!(listed["bytes"], 0);
    let gone = home.run(&["debug", &build, "--state-dir", &state, "--", "ls"]);
    assert!(gone.stderr.contains("no failed build"), "{gone:?}");
    let wrong = home.run(&["builder", "prune", "--keep", "lots", "--state-dir", &state]);
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
}
