//! helm: charts as artifacts with a config and a layer of helm's own types.

use std::fs;

use crate::{
    client::{Client, log_in_by_stdin},
    site::Site,
    tool::need_tool,
};

#[test]
fn helm_pushes_a_chart_and_pulls_back_the_same_file() {
    let program = need_tool!("helm");
    let home = tempfile::tempdir().expect("a temporary folder");
    let helm = Client::new(program, home.path());
    let site = Site::start();
    let repository = format!("oci://{}", site.image("charts"));

    helm.run(["create", "pier"]).expect_success();
    helm.run(["package", "pier"]).expect_success();
    helm.run(["push", "pier-0.1.0.tgz", &repository, "--plain-http"])
        .expect_failure();
    log_in_by_stdin(
        &helm,
        &["registry", "login", "--plain-http"],
        site.address(),
        &site.alice.login(),
    )
    .expect_success()
    .expect_text("Login Succeeded");
    let pushed = helm
        .run(["push", "pier-0.1.0.tgz", &repository, "--plain-http"])
        .expect_success();
    let digest = pushed.find_digest("Digest: ");

    let chart = format!("{repository}/pier");
    fs::create_dir(home.path().join("back")).expect("a folder to pull into");
    let pulled = helm
        .run([
            "pull",
            &chart,
            "--version",
            "0.1.0",
            "--plain-http",
            "--destination",
            "back",
        ])
        .expect_success();
    assert_eq!(pulled.find_digest("Digest: "), digest);
    let [sent, received] = ["pier-0.1.0.tgz", "back/pier-0.1.0.tgz"]
        .map(|name| fs::read(home.path().join(name)).expect("a chart"));
    assert!(sent == received, "the chart came back changed");

    helm.run(["show", "chart", &chart, "--plain-http"])
        .expect_success()
        .expect_text("name: pier");
    // Without a version helm lists the tags and takes the newest.
    helm.run(["template", "release", &chart, "--plain-http"])
        .expect_success()
        .expect_text("kind: Deployment");

    let manifest = site
        .repository("charts/pier")
        .get_manifest("0.1.0")
        .expect(200);
    assert_eq!(manifest.header("docker-content-digest"), digest);
    assert_eq!(
        manifest.json()["config"]["mediaType"],
        "application/vnd.cncf.helm.config.v1+json"
    );
}

#[test]
fn helm_installs_a_public_chart_without_logging_in() {
    let program = need_tool!("helm");
    let home = tempfile::tempdir().expect("a temporary folder");
    let helm = Client::new(program, home.path());
    let site = Site::start();
    site.server
        .create_repository(&site.name("charts/pier"), true);
    let repository = format!("oci://{}", site.image("charts"));

    helm.run(["create", "pier"]).expect_success();
    helm.run(["package", "pier"]).expect_success();
    log_in_by_stdin(
        &helm,
        &["registry", "login", "--plain-http"],
        site.address(),
        &site.alice.login(),
    )
    .expect_success();
    helm.run(["push", "pier-0.1.0.tgz", &repository, "--plain-http"])
        .expect_success();
    helm.run(["registry", "logout", site.address()])
        .expect_success();

    let chart = format!("{repository}/pier");
    helm.run(["template", "release", &chart, "--plain-http"])
        .expect_success()
        .expect_text("kind: Deployment");
}
