//! Programs of others read what is written here: skopeo, podman, docker and the containerd beside it.

// The files themselves, because the crates around them bring an HTTP client, two databases and a whole server.
#[allow(
    dead_code,
    unreachable_pub,
    reason = "shared with other suites, which use more of it"
)]
#[path = "../../../testkit/src/image/archive.rs"]
mod archive;
#[allow(dead_code, reason = "shared with other suites, which use more of it")]
#[path = "../../../../tests/e2e/daemon.rs"]
mod daemon;
#[path = "../../../testkit/src/skip.rs"]
pub mod skip;
#[allow(
    dead_code,
    unreachable_pub,
    reason = "shared with other suites, which use more of it"
)]
#[path = "../../../testkit/src/tools.rs"]
mod tool;

mod docker;
mod fixture;

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Output};

use wharf_image::{ImageName, write_oci_archive};
use wharf_oci::{Algorithm, Digest};

use fixture::{NAME, Silent, make_fixture};
use tool::find_tool;

/// A program's output; a failure shows what it said.
#[track_caller]
fn run(program: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let output: Output = Command::new(program)
        .args(arguments)
        .envs(variables.iter().copied())
        .output()
        .expect("a program that starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{program:?} {arguments:?}: {}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
    text(&output.stdout)
}

#[test]
fn skopeo_reads_the_store_in_place_and_the_archive() {
    let Some(skopeo) = find_tool("skopeo") else {
        skip!("skopeo is not installed (make test-deps)");
    };
    let fixture = make_fixture(&["amd64", "arm64"], false);
    fixture
        .store
        .keep(&fixture.image, &fixture.store, &fixture.names())
        .expect("kept");
    let other: ImageName = "other".parse().expect("a name");
    // With Docker's media types skopeo 1.9 does not find an image by its name in a layout.
    let single = make_fixture(&["amd64"], false);
    fixture
        .store
        .keep(&single.image, &single.store, &[other])
        .expect("kept");
    let tar = fixture.path("oci.tar");
    let mut file = File::create(&tar).expect("a file");
    write_oci_archive(
        &mut file,
        &fixture.image,
        &fixture.store,
        &fixture.options(),
        &Silent,
    )
    .expect("written");

    let store = fixture.store.folder().display();
    for (number, source) in [
        format!("oci:{store}:docker.io/{NAME}"),
        format!("oci:{store}:docker.io/library/other:latest"),
        format!("oci-archive:{}:1", tar.display()),
    ]
    .iter()
    .enumerate()
    {
        let to = fixture.path(&format!("copy-{number}"));
        let to_layout = format!("dir:{}", to.display());
        run(
            &skopeo,
            &["--insecure-policy", "copy", "--all", source, &to_layout],
            &[],
        );
        let root = if number == 1 {
            &single.image.root
        } else {
            &fixture.image.root
        };
        let manifest = fs::read(to.join("manifest.json")).expect("a manifest");
        assert_eq!(
            Digest::of(Algorithm::Sha256, &manifest),
            root.digest,
            "{source}"
        );
    }
}

#[test]
fn podman_loads_the_docker_archive() {
    let Some(podman) = find_tool("podman") else {
        skip!("podman is not installed (make test-deps)");
    };
    if !tool::is_root() {
        skip!("podman needs root");
    }
    for docker_media_types in [false, true] {
        let fixture = make_fixture(&["amd64"], docker_media_types);
        let tar = fixture.write_docker_tar();
        let folder = |name: &str| fixture.path(name).display().to_string();
        let (root, run_root) = (folder("root"), folder("run"));
        let base = [
            "--root",
            &root,
            "--runroot",
            &run_root,
            "--storage-driver",
            "vfs",
            "--cgroup-manager",
            "cgroupfs",
        ];
        let podman = |arguments: &[&str]| run(&podman, &[&base[..], arguments].concat(), &[]);
        podman(&["load", "--input", &tar.display().to_string()]);
        let id = podman(&[
            "image",
            "inspect",
            "--format",
            "{{.Id}}",
            &format!("docker.io/{NAME}"),
        ]);
        assert_eq!(id.trim(), fixture.image.id().hex());
    }
}
