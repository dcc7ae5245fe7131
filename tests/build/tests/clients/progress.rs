//! What a build says while it runs.

use std::path::Path;
use std::time::{Duration, Instant};

use wharf_build_tests::remains::Before;
use wharf_build_tests::workshop::Workshop;

#[test]
fn loading_is_shown_as_buildkit_shows_it() {
    let workshop = Workshop::open();
    workshop.write("file", "1234567");
    workshop.write(".dockerignore", "x\n");
    let built = workshop.build("FROM base\nCOPY file /\n", &[]);
    let built = built.expect_success();
    for line in [
        "[internal] load build definition from Dockerfile\n",
        "transferring dockerfile: 22B done\n",
        "[internal] load .dockerignore\n",
        "transferring context: 2B done\n",
        "[internal] load build context\n",
        "transferring context: 7B done\n",
    ] {
        assert!(built.log.contains(line), "no `{line}` in:\n{}", built.log);
    }
}

#[test]
fn waiting_for_layers_is_shown() {
    let workshop = Workshop::open();
    let dockerfile = "FROM base\nRUN head -c 8000000 /dev/urandom > /random\n";
    let slow = "type=oci,dest=image.tar,compression=zstd,compression-level=19";
    let _ = workshop
        .build(dockerfile, &["--output", slow])
        .expect_success()
        .expect_text("[internal] compressing layers\n");
}

#[test]
fn a_step_that_is_stopped_says_so() {
    let workshop = Workshop::open();
    workshop.write(
        "Dockerfile",
        "FROM base\nRUN --mount=type=cache,target=/c touch /c/began && sleep 300\n",
    );
    let before = Before::look();
    let source = workshop.context().display().to_string();
    let child = workshop.start(&source, &[], None, &[]);
    let began = Instant::now();
    while !has_begun(&workshop.state()) {
        assert!(began.elapsed() < Duration::from_secs(60), "it never ran");
        std::thread::sleep(Duration::from_millis(20));
    }
    let pid = i32::try_from(child.id()).expect("a process id");
    // SAFETY: a plain call; the child was not waited for, so its number is still its own.
    unsafe { libc::kill(pid, libc::SIGINT) };
    let built = workshop.wait(child, &before);
    let _ = built.expect_failure(&[" CANCELED\n", "the build was stopped"]);
}

/// Whether the step has put its file into the cache mount.
fn has_begun(state: &Path) -> bool {
    let list = |folder: &Path| {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect::<Vec<_>>()
    };
    let mounts = list(&state.join("builder/mounts"));
    let folders = mounts.iter().flat_map(|mount| list(mount));
    let mut contents = folders.map(|folder| folder.join("content/root/began"));
    contents.any(|file| file.exists())
}
