//! dockerd, and the containerd that it starts.

use std::process::Command;
use std::sync::Arc;

use wharf_image::{DaemonAddress, ImageError, load_image};

use crate::daemon::Daemon;
use crate::fixture::{Fixture, NAME, Silent, make_fixture};
use crate::tool::find_tool;
use crate::{archive, run, skip, tool};

#[test]
fn docker_and_containerd_load_the_docker_archive() {
    let (Some(dockerd), Some(docker)) = (find_tool("dockerd"), find_tool("docker")) else {
        skip!("docker is not installed (make test-deps)");
    };
    if !tool::is_root() {
        skip!("dockerd needs root");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let host = format!("unix://{}", path("socket"));
    let arguments = [
        "--data-root",
        &path("data"),
        "--exec-root",
        &path("exec"),
        "--pidfile",
        &path("pid"),
    ];
    let arguments = [
        &arguments[..],
        &["--host", &host, "--iptables=false", "--bridge=none"],
    ]
    .concat();
    let mut daemon = Daemon::start(&dockerd, &arguments, folder.path());
    let home = path("home");
    let variables = [
        ("DOCKER_HOST", host.as_str()),
        ("DOCKER_CONFIG", home.as_str()),
    ];
    let answers = || {
        Command::new(&docker)
            .arg("version")
            .envs(variables)
            .output()
            .is_ok_and(|output| output.status.success())
    };
    if let Err(reason) = daemon.wait_until(answers) {
        skip!("no dockerd here: {reason}");
    }

    for docker_media_types in [false, true] {
        let fixture = make_fixture(
            &["amd64", "arm64"][..2 - usize::from(docker_media_types)],
            docker_media_types,
        );
        let tar = fixture.write_docker_tar();
        let main = &fixture.image.images[0];
        let check = || {
            let format = "{{.Id}} {{json .RootFS.Layers}}";
            let told = run(
                &docker,
                &["image", "inspect", "--format", format, NAME],
                &variables,
            );
            let [one, two] = fixture.diff_ids;
            assert_eq!(
                told.trim(),
                format!("{} [\"{one}\",\"{two}\"]", main.config.digest)
            );
            run(&docker, &["rmi", NAME], &variables);
        };
        run(
            &docker,
            &["load", "--input", &tar.display().to_string()],
            &variables,
        );
        check();
        let loaded = load(&host, &fixture).expect("loaded");
        assert_eq!(loaded, [format!("Loaded image: {NAME}")]);
        check();

        let Some(ctr) = find_tool("ctr") else {
            skip!("ctr is not installed (make test-deps)");
        };
        let socket = path("exec/containerd/containerd.sock");
        run(
            &ctr,
            &[
                "--address",
                &socket,
                "images",
                "import",
                "--all-platforms",
                "--no-unpack",
                &tar.display().to_string(),
            ],
            &[],
        );
        let listed = run(&ctr, &["--address", &socket, "images", "list"], &[]);
        assert!(
            listed.contains(&fixture.image.root.digest.to_string()),
            "{listed}"
        );
    }
    refuse_damaged(&host);
    let version = run(
        &docker,
        &["version", "--format", "{{.Server.Version}}"],
        &variables,
    );
    load_zstd(&host, &version);
}

/// `--load`: the archive goes through the engine's socket while it is written.
fn load(host: &str, fixture: &Fixture) -> Result<Vec<String>, ImageError> {
    let address: DaemonAddress = host.parse().expect("an address");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(load_image(
        &address,
        Arc::new(fixture.image.clone()),
        0,
        Arc::new(fixture.store.clone()),
        fixture.options(),
        Arc::new(Silent),
    ))
}

/// Engines before version 23 do not read zstd; then the hint says so.
fn load_zstd(host: &str, version: &str) {
    let mut fixture = make_fixture(&["amd64"], false);
    let tar = archive::tar_files(&[("plain", b"1")]);
    let descriptor = fixture.store.put(ZSTD, &wrap_in_zstd(&tar)).expect("kept");
    let layer = &mut fixture.image.images[0].layers[0];
    let old = std::mem::replace(&mut layer.descriptor, descriptor.clone());
    let manifest = String::from_utf8(fixture.image.documents[1].bytes.clone()).expect("text");
    let manifest = manifest.replace(&old.digest.hex(), &descriptor.digest.hex());
    fixture.image.documents[1].bytes = manifest.into_bytes();
    let major: u32 = version
        .split('.')
        .next()
        .unwrap_or_default()
        .parse()
        .expect("a version");
    match load(host, &fixture) {
        Ok(_) => assert!(major >= 23),
        Err(error) => {
            assert!(major < 23, "{error}");
            assert!(
                error.hint().is_some_and(|hint| hint.contains("zstd")),
                "{error}"
            );
        }
    }
}

const ZSTD: &str = "application/vnd.oci.image.layer.v1.tar+zstd";

/// One frame of one block that is stored as it is (RFC 8878, 3.1.1).
fn wrap_in_zstd(content: &[u8]) -> Vec<u8> {
    let size = u32::try_from(content.len()).expect("small");
    // A single segment, its size in four bytes; then the last block, raw.
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0b1010_0000];
    frame.extend_from_slice(&size.to_le_bytes());
    frame.extend_from_slice(&(size << 3 | 1).to_le_bytes()[..3]);
    frame.extend_from_slice(content);
    frame
}

/// docker's own reason comes back when an image is not what it says.
fn refuse_damaged(host: &str) {
    let mut fixture = make_fixture(&["amd64"], false);
    let config = fixture.image.documents[0].bytes.clone();
    let wrong = String::from_utf8(config)
        .expect("text")
        .replace(&fixture.diff_ids[0].hex(), &fixture.diff_ids[1].hex());
    fixture.image.documents[0].bytes = wrong.into_bytes();
    let error = load(host, &fixture).expect_err("refused");
    assert!(error.to_string().contains("refused the image"), "{error}");
}
