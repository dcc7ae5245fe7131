//! The dockerd of Debian's package: pulls, takes a load, and runs.

use tempfile::TempDir;

use crate::client::{Client, log_in_by_stdin};
use crate::daemon::Daemon;
use crate::scene::{SAYS, Scene};
use crate::tool::{find_tool, need_root};

/// A dockerd with empty storage of its own.
pub(crate) struct Dockerd {
    // Fields are dropped in this order: the daemon has to be gone before its folder.
    _daemon: Daemon,
    pub(crate) docker: Client,
    folder: TempDir,
}

impl Dockerd {
    /// Starts it without any network of its own; the reason when this machine cannot run one.
    pub(crate) fn start() -> Result<Self, String> {
        let program = find_tool("dockerd").ok_or("dockerd is not installed (make test-deps)")?;
        let client = find_tool("docker").ok_or("docker is not installed (make test-deps)")?;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = |name: &str| folder.path().join(name).display().to_string();
        let socket = format!("unix://{}", path("socket"));
        let arguments = [
            "--data-root",
            &path("data"),
            "--exec-root",
            &path("exec"),
            "--pidfile",
            &path("pid"),
            "--host",
            &socket,
            "--iptables=false",
            "--bridge=none",
        ];
        let mut daemon = Daemon::start(&program, &arguments, folder.path());
        let docker = Client::new(client, folder.path()).with_variable("DOCKER_HOST", &socket);
        daemon.wait_until(|| docker.run(["version"]).is_success())?;
        Ok(Self {
            _daemon: daemon,
            docker,
            folder,
        })
    }

    /// Where it listens.
    pub(crate) fn socket(&self) -> String {
        format!("unix://{}", self.folder.path().join("socket").display())
    }

    /// Runs an image to its end.
    #[track_caller]
    pub(crate) fn run_image(&self, image: &str) -> crate::client::Run {
        self.docker
            .run(["run", "--rm", "--network", "none", image])
            .expect_success()
    }
}

/// A dockerd, or the end of the calling test with the reason why there is none.
macro_rules! start_dockerd {
    () => {{
        $crate::tool::need_root!("dockerd");
        match $crate::dockerd::Dockerd::start() {
            Ok(dockerd) => dockerd,
            Err(reason) => wharf_testkit::skip!("no dockerd here: {reason}"),
        }
    }};
}
pub(crate) use start_dockerd;

#[test]
fn dockerd_pulls_and_runs_what_was_pushed() {
    need_root!("dockerd");
    let dockerd = start_dockerd!();
    let scene = Scene::start();
    log_in_by_stdin(
        &dockerd.docker,
        &["login"],
        scene.site.address(),
        &scene.site.alice.login(),
    )
    .expect_success();
    // This dockerd is older than zstd in images.
    let image = scene.push("gzip");
    dockerd.docker.run(["pull", &image]).expect_success();
    dockerd.run_image(&image).expect_text(SAYS);
}

#[test]
fn dockerd_runs_what_was_loaded_into_it() {
    let dockerd = start_dockerd!();
    let scene = Scene::start();
    let source = scene.workshop.context().display().to_string();
    scene.build(&["--output", "type=cacheonly"]);
    let socket = dockerd.socket();
    let flags = [
        "--load",
        "-t",
        "loaded:1",
        "-t",
        "example.org/other/loaded:2",
    ];
    let _ = scene
        .workshop
        .build_with(&source, &flags, None, &[("DOCKER_HOST", &socket)])
        .expect_success();
    dockerd.run_image("loaded:1").expect_text(SAYS);
    dockerd
        .run_image("example.org/other/loaded:2")
        .expect_text(SAYS);

    // The archive for `docker load` is the same thing by hand.
    let archive = scene.workshop.path("image.tar").display().to_string();
    scene.build(&[
        "-t",
        "by-hand:1",
        "--output",
        &format!("type=docker,dest={archive}"),
    ]);
    dockerd
        .docker
        .run(["load", "--input", &archive])
        .expect_success()
        .expect_text("by-hand:1");
    dockerd.run_image("by-hand:1").expect_text(SAYS);
}
