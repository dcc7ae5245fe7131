//! podman: pulls and runs, gzip and zstd.

use crate::containers::{log_in, prepare_storage_client};
use crate::scene::{SAYS, Scene};
use crate::tool::{need_root, need_tool};

#[test]
fn podman_pulls_and_runs_what_was_pushed() {
    need_root!("running a container of podman");
    let program = need_tool!("podman");
    let scene = Scene::start();
    let home = tempfile::tempdir().expect("a temporary folder");
    let tmp = home.path().join("libpod").display().to_string();
    let podman = prepare_storage_client(program, home.path()).with_leading([
        "--tmpdir",
        &tmp,
        "--cgroup-manager",
        "cgroupfs",
        "--events-backend",
        "none",
    ]);
    log_in(&podman, scene.site.address(), &scene.site.alice.login()).expect_success();
    for compression in ["gzip", "zstd"] {
        let image = scene.push(compression);
        podman
            .run(["pull", "--tls-verify=false", &image])
            .expect_success();
        // Its own limits are higher than what a container around the tests may have.
        podman
            .run([
                "run",
                "--rm",
                "--network",
                "none",
                "--log-driver",
                "none",
                "--ulimit",
                "nofile=1024:1024",
                "--ulimit",
                "nproc=1024:1024",
                &image,
            ])
            .expect_success()
            .expect_text(SAYS);
        podman.run(["rmi", "--force", &image]).expect_success();
    }
}
