//! The local store: what other programs read from it, and builds upon it without any network.

use std::process::Command;

use wharf_build_tests::workshop::Workshop;

use crate::containers::prepare_client;
use crate::scene::Scene;
use crate::tool::{need_root, need_tool};

#[test]
fn skopeo_copies_an_image_out_of_the_local_store() {
    let skopeo = need_tool!("skopeo");
    let scene = Scene::start();
    scene.build(&["-t", "stored:1", "-t", "example.org/a/b:tag"]);
    let home = tempfile::tempdir().expect("a temporary folder");
    let skopeo = prepare_client(skopeo, home.path());
    let store = scene.workshop.state().join("images");
    for name in ["docker.io/library/stored:1", "example.org/a/b:tag"] {
        let source = format!("oci:{}:{name}", store.display());
        skopeo.run(["copy", &source, "oci:copy:1"]).expect_success();
        skopeo
            .run(["inspect", "--config", "oci:copy:1"])
            .expect_success()
            .expect_text("/bin/check");
    }
}

#[test]
fn a_build_upon_a_stored_image_needs_no_network() {
    need_root!("a network namespace without a network");
    let workshop = Workshop::open();
    let dockerfile = "FROM base\nRUN echo first > /made\nONBUILD RUN echo of-onbuild > /on\n";
    let _ = workshop
        .build(dockerfile, &["-t", "lower:1"])
        .expect_success();
    workshop.write(
        "Dockerfile",
        "FROM lower:1\nRUN cat /made /on\nCOPY --from=lower:1 /made /again\n",
    );
    let own = workshop.command();
    let output = Command::new("unshare")
        .arg("--net")
        .arg(own.get_program())
        .args([
            "build",
            "--progress",
            "plain",
            "--network",
            "none",
            "-t",
            "upper:1",
            "--state-dir",
        ])
        .arg(workshop.state())
        .arg("--config")
        .arg(workshop.path("wharf.toml"))
        .arg(workshop.context())
        .output()
        .expect("unshare runs");
    let log = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{log}");
    assert!(log.contains("first") && log.contains("of-onbuild"), "{log}");

    // A name that is not there is looked for outside, and says what it missed.
    let _ = workshop
        .build("FROM not-there:1\n", &[])
        .expect_failure(&["not-there"]);
}
