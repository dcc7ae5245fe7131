//! containerd by its own client `ctr`: pulls and runs, gzip and zstd.

use std::fs;

use wharf_testkit::Login;

use crate::client::Client;
use crate::daemon::Daemon;
use crate::scene::{SAYS, Scene};
use crate::tool::{need_root, need_tool};

#[test]
fn containerd_pulls_and_runs_what_was_pushed() {
    need_root!("containerd");
    let (program, ctr) = (need_tool!("containerd"), need_tool!("ctr"));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let config = format!(
        "version = 2\nroot = \"{}\"\nstate = \"{}\"\ndisabled_plugins = [\"io.containerd.grpc.v1.cri\"]\n\
         [grpc]\naddress = \"{}\"\n",
        path("root"),
        path("state"),
        path("socket"),
    );
    fs::write(path("config.toml"), config).expect("a file");
    let mut daemon = Daemon::start(&program, &["--config", &path("config.toml")], folder.path());
    let ctr = Client::new(ctr, folder.path()).with_leading(["--address", &path("socket")]);
    if let Err(reason) = daemon.wait_until(|| ctr.run(["version"]).is_success()) {
        wharf_testkit::skip!("no containerd here: {reason}");
    }
    let scene = Scene::start();
    let Login::Basic { username, password } = scene.site.alice.login() else {
        panic!("Alice has a password");
    };
    let user = format!("{username}:{password}");
    for compression in ["gzip", "zstd"] {
        let image = scene.push(compression);
        ctr.run(["images", "pull", "--plain-http", "--user", &user, &image])
            .expect_success();
        ctr.run(["run", "--rm", &image, &format!("run-{compression}")])
            .expect_success()
            .expect_text(SAYS);
    }
    drop(daemon);
}
