//! Hostile Dockerfiles, contexts and base images under a worker: the rows of attacks that `tests/build` tries with
//! `wharf build`, once more where the server builds. Each ends in words for people or in an image, never in what is outside,
//! and the worker tells it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use wharf_worker::{FailureKind, JobSource, WorkerJob};

use super::both;
use crate::bench::Bench;
use crate::harness::Case;
use crate::outside::{ALLOWED, METADATA, PORT, PRIVATE};
use crate::services::pack;
use crate::story::Story;

pub(super) fn cases() -> Vec<Case> {
    vec![
        both("c01_to_h65_hostile_builds_stay_inside", stay_inside),
        both(
            "c18_a_name_that_changes_its_address_leads_nowhere_private",
            is_filtered_by_packet,
        ),
    ]
}

/// What must be in no log and in no image.
const CANARY: &str = "canary of the host";

/// How an attack has to end.
#[derive(Clone, Copy)]
enum End {
    /// Without an image; the failure says this.
    Refused(&'static str),
    /// With an image or with a failure.
    Either,
}

use End::{Either, Refused};

/// Each with the row that it is of.
const ATTACKS: &[(&str, &str, End)] = &[
    (
        "C01",
        "FROM base\nWORKDIR /proc/self/fd/3\nRUN pwd; cat ../canary ../../canary ../../../canary; ls -l /proc/self/fd; true\n",
        Either,
    ),
    (
        "C01",
        "FROM base\nWORKDIR /proc/self/fd/9\nRUN pwd; cat ../canary ../../canary ../../../canary; ls -l /proc/self/fd; true\n",
        Either,
    ),
    (
        "C02",
        "FROM base\nRUN --mount=type=bind,from=evil,source=/rootdir,dst=/x,rw touch /x/planted; cat /x/canary; true\n",
        Either,
    ),
    (
        "C03",
        "FROM base\nRUN --mount=type=cache,id=../../../planted,target=/c touch /c/planted\n",
        Either,
    ),
    (
        "C06",
        "FROM base\nRUN --mount=type=bind,target=/x,bind-propagation=shared true\n",
        Refused("bind-propagation"),
    ),
    (
        "C06",
        "FROM base\nRUN --mount=type=cache,target=/x,relabel=shared true\n",
        Refused("relabel"),
    ),
    (
        "C07",
        "FROM links\nRUN cat /proc/passwd; echo ran\n",
        Refused(""),
    ),
    (
        "C10",
        "# syntax=evil/frontend:1\nFROM base\nRUN true\n",
        Refused("evil/frontend"),
    ),
    (
        "C11",
        "FROM evil\nRUN cat /way/planted /way/canary; true\n",
        Either,
    ),
    ("C13", "FROM base\nCOPY link /x\nRUN cat /x; true\n", Either),
    (
        "C13",
        "FROM base\nCOPY . /x\nRUN cat /x/link; true\n",
        Either,
    ),
    ("C14", "FROM base\nCOPY pipe /x\n", Either),
    ("H65", "FROM base\nADD bomb.tar.gz /x/\n", Refused("")),
];

fn run_in(folder: &Path, program: &str, words: &[&str]) {
    let status = Command::new(program)
        .args(words)
        .current_dir(folder)
        .status();
    assert!(status.expect("it runs").success(), "{program} {words:?}");
}

/// The folder that nothing may reach, with the canary.
fn make_outside(bench: &Bench) -> PathBuf {
    let outside = bench.path("outside");
    fs::create_dir(&outside).expect("a folder");
    fs::write(outside.join("canary"), CANARY).expect("a file");
    outside
}

/// Layers that lead out of the image for whoever follows links: a folder that is one, and a file beneath it.
fn shelve_images(bench: &Bench, outside: &Path) {
    let parts = bench.path("parts");
    fs::create_dir_all(parts.join("links")).expect("a folder");
    fs::create_dir_all(parts.join("files/way")).expect("a folder");
    symlink("/", parts.join("links/rootdir")).expect("a link");
    symlink(outside, parts.join("links/way")).expect("a link");
    fs::write(parts.join("files/way/planted"), "planted").expect("a file");
    let evil = bench.path("evil.tar");
    let archive = evil.display().to_string();
    run_in(
        &parts,
        "tar",
        &["-cf", &archive, "-C", "links", "rootdir", "way"],
    );
    run_in(
        &parts,
        "tar",
        &["-rf", &archive, "-C", "files", "way/planted"],
    );
    bench.services.shelve("evil", &evil);
    let system = parts.join("system");
    fs::create_dir(&system).expect("a folder");
    for name in ["proc", "dev", "sys"] {
        symlink("/etc", system.join(name)).expect("a link");
    }
    let links = bench.path("links.tar");
    pack(&system, &links);
    bench.services.shelve("links", &links);
}

/// A context with a link that leads out, a pipe, and an archive that unpacks to more than there is room for.
fn make_context(bench: &Bench, outside: &Path) -> PathBuf {
    let folder = bench.path("context");
    fs::create_dir(&folder).expect("a folder");
    symlink(outside.join("canary"), folder.join("link")).expect("a link");
    run_in(&folder, "mkfifo", &["pipe"]);
    run_in(&folder, "truncate", &["--size=256M", "zeros"]);
    run_in(&folder, "tar", &["-czf", "bomb.tar.gz", "zeros"]);
    fs::remove_file(folder.join("zeros")).expect("it is there");
    let archive = bench.path("hostile.tar");
    pack(&folder, &archive);
    archive
}

fn stay_inside(bench: &Bench) {
    let outside = make_outside(bench);
    assert_eq!(
        fs::read_to_string(outside.join("canary")).ok().as_deref(),
        Some(CANARY)
    );
    shelve_images(bench, &outside);
    let context = make_context(bench, &outside);
    for (row, dockerfile, end) in ATTACKS {
        let mut job = WorkerJob::new(
            JobSource::Upload {
                dockerfile: Some(dockerfile.as_bytes().to_vec()),
                context: Some(fs::File::open(&context).expect("the archive opens")),
            },
            "tests",
        );
        job.limits.disk = 64 << 20;
        let story = bench.build(job);
        check(row, &story, &outside, *end);
    }
    // Nobody asked for the frontend, and the worker of the next build is as good as any.
    let story = bench.build(bench.job("FROM base\nRUN echo after\n", &[]));
    assert_eq!(story.log, "after\n");
    story.image();
}

fn check(row: &str, story: &Story, outside: &Path, end: End) {
    assert!(!story.log.contains(CANARY), "{row}: {story:?}");
    let left: Vec<_> = fs::read_dir(outside)
        .expect("the folder")
        .flatten()
        .collect();
    assert_eq!(left.len(), 1, "{row}: {left:?}");
    for planted in ["/planted", "/etc/planted"] {
        assert!(!Path::new(planted).exists(), "{row}: {planted}");
    }
    for line in story.log.lines().filter(|line| line.contains(" -> ")) {
        // `ls` itself opens the folder that it lists, as number 3.
        let is_usual = (0..=3).any(|number| line.contains(&format!(" {number} -> ")));
        assert!(is_usual, "{row}: an open descriptor: {line}");
    }
    match (&story.end, end) {
        (Err(failure), Refused(word)) => {
            assert!(failure.message.contains(word), "{row}: {failure:?}");
        }
        (Ok(_), Refused(_)) => panic!("{row}: there is an image: {}", story.log),
        _ => {}
    }
    if let Err(failure) = &story.end {
        assert_ne!(failure.kind, FailureKind::WorkerLost, "{row}: {failure:?}");
    }
}

/// A name answers with an address that may be reached, and then with one that may not: what decides is where each packet
/// goes. In a root of its own, where the step says what names mean.
fn is_filtered_by_packet(bench: &Bench) {
    let ask = |address: &str, word: &str| {
        format!(
            "echo '{address} rebind.example' > /r/etc/hosts; \
             chroot /r nc -w 2 rebind.example {PORT} </dev/null && echo reached-{word}; "
        )
    };
    let dockerfile = format!(
        "FROM base\nRUN mkdir -p /r/etc && cp -a /bin /r/bin; {}{}{}true\n",
        ask(ALLOWED, "allowed"),
        ask(PRIVATE, "private"),
        ask(METADATA, "metadata"),
    );
    let story = bench.build(bench.job(&dockerfile, &[]));
    assert_eq!(story.log.matches("reached-").count(), 1, "{story:?}");
    assert!(story.log.contains("reached-allowed"), "{story:?}");
}
