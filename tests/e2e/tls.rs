//! wharf's own TLS, without any proxy: clients that verify the certificate, and that refuse one they do not know.

use std::{fs, path::Path};

use wharf_testkit::{ImageMaker, Server};

use crate::{
    client::{Client, log_in_by_stdin},
    containers::prepare_client,
    layout::Layout,
    site::Site,
    tool::need_tool,
};

#[test]
fn skopeo_verifies_the_certificate_of_wharf_itself() {
    let program = need_tool!("skopeo");
    let home = tempfile::tempdir().expect("a temporary folder");
    let skopeo = prepare_client(program, home.path());
    let site = Site::open(Server::builder().tls().start());
    let authority = trust_server(&site, home.path());
    let login = site.alice.login();
    let layout = Layout::write(home.path(), &ImageMaker::new("tls").make());
    let target = format!("docker://{}", site.image("app:1"));

    log_in_by_stdin(
        &skopeo,
        &["login", "--cert-dir", &authority],
        site.address(),
        &login,
    )
    .expect_success();
    skopeo
        .run([
            "copy",
            "--dest-cert-dir",
            &authority,
            "--preserve-digests",
            &layout.reference(),
            &target,
        ])
        .expect_success();
    let raw = skopeo
        .run(["inspect", "--cert-dir", &authority, "--raw", &target])
        .expect_success();
    assert_eq!(raw.stdout, layout.manifest.bytes);

    skopeo
        .run(["inspect", "--raw", &target])
        .expect_failure()
        .expect_text("certificate");
}

#[test]
fn helm_verifies_the_certificate_of_wharf_itself() {
    let program = need_tool!("helm");
    let home = tempfile::tempdir().expect("a temporary folder");
    let helm = Client::new(program, home.path());
    let site = Site::open(Server::builder().tls().start());
    let authority = format!("{}/server.crt", trust_server(&site, home.path()));
    let repository = format!("oci://{}", site.image("charts"));

    helm.run(["create", "pier"]).expect_success();
    helm.run(["package", "pier"]).expect_success();
    log_in_by_stdin(
        &helm,
        &["registry", "login", "--ca-file", &authority],
        site.address(),
        &site.alice.login(),
    )
    .expect_success();
    helm.run([
        "push",
        "pier-0.1.0.tgz",
        &repository,
        "--ca-file",
        &authority,
    ])
    .expect_success();
    let chart = format!("{repository}/pier");
    helm.run(["show", "chart", &chart, "--ca-file", &authority])
        .expect_success()
        .expect_text("name: pier");
    helm.run(["show", "chart", &chart])
        .expect_failure()
        .expect_text("certificate");
}

/// Puts the server's certificate into a folder of its own, as clients want it, and names the folder.
fn trust_server(site: &Site, home: &Path) -> String {
    let folder = home.join("trusted");
    fs::create_dir(&folder).expect("a folder for certificates");
    let certificate = site.server.certificate().expect("the server has TLS");
    fs::write(folder.join("server.crt"), certificate.pem()).expect("a folder that takes files");
    folder.display().to_string()
}
