//! cosign: signatures beside an image, in both of the places where it puts them. No transparency log and no other network.

use std::{fs, path::PathBuf};

use tempfile::TempDir;
use wharf_testkit::ImageMaker;

use crate::{
    client::{Client, log_in_by_stdin},
    site::Site,
    tool::need_tool,
};

/// What keeps cosign from asking a public service for anything.
const OFFLINE: [&str; 5] = [
    "--allow-http-registry",
    "--yes",
    "--key=cosign.key",
    "--use-signing-config=false",
    "--tlog-upload=false",
];
const OFFLINE_CHECK: [&str; 3] = [
    "--allow-http-registry",
    "--key=cosign.pub",
    "--insecure-ignore-tlog",
];

struct Scene {
    site: Site,
    cosign: Client,
    home: TempDir,
    digest: String,
}

impl Scene {
    /// A pushed image and a new pair of keys.
    fn new(program: PathBuf) -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let cosign = Client::new(program, home.path()).with_variable("COSIGN_PASSWORD", "");
        let site = Site::start();
        let digest = site
            .repository("app")
            .push_image("1", &ImageMaker::new("signed").make());
        cosign.run(["generate-key-pair"]).expect_success();
        log_in_by_stdin(&cosign, &["login"], site.address(), &site.alice.login()).expect_success();
        Self {
            site,
            cosign,
            home,
            digest,
        }
    }

    /// The image by its digest, which is what a signature is about.
    fn image(&self) -> String {
        self.site.image(&format!("app@{}", self.digest))
    }

    fn list_tags(&self) -> Vec<String> {
        self.site.repository("app").read_tags("")
    }
}

#[test]
fn cosign_keeps_a_signature_as_a_referrer_and_verifies_it() {
    let scene = Scene::new(need_tool!("cosign"));
    let image = scene.image();
    scene
        .cosign
        .run([["verify"].as_slice(), &OFFLINE_CHECK, &[&image]].concat())
        .expect_failure();
    scene
        .cosign
        .run([["sign"].as_slice(), &OFFLINE, &[&image]].concat())
        .expect_success();
    scene
        .cosign
        .run([["verify"].as_slice(), &OFFLINE_CHECK, &[&image]].concat())
        .expect_success()
        .expect_text(&scene.digest);

    let referrers = scene
        .site
        .repository("app")
        .list_referrers(&scene.digest, "")
        .expect(200)
        .json();
    assert_eq!(
        referrers["manifests"].as_array().map(Vec::len),
        Some(1),
        "{referrers}"
    );
    assert_eq!(
        scene.list_tags(),
        ["1"],
        "a registry with referrers needs no tag for them"
    );
}

#[test]
fn cosign_keeps_a_signature_under_a_tag_and_verifies_it() {
    let scene = Scene::new(need_tool!("cosign"));
    let image = scene.image();
    scene
        .cosign
        .run(
            [
                ["sign", "--new-bundle-format=false"].as_slice(),
                &OFFLINE,
                &[&image],
            ]
            .concat(),
        )
        .expect_success();
    scene
        .cosign
        .run(
            [
                ["verify", "--new-bundle-format=false"].as_slice(),
                &OFFLINE_CHECK,
                &[&image],
            ]
            .concat(),
        )
        .expect_success()
        .expect_text(&scene.digest);
    let tag = format!("{}.sig", scene.digest.replace(':', "-"));
    assert_eq!(scene.list_tags(), ["1".to_owned(), tag]);
}

#[test]
fn cosign_refuses_a_signature_by_another_key() {
    let scene = Scene::new(need_tool!("cosign"));
    let image = scene.image();
    scene
        .cosign
        .run([["sign"].as_slice(), &OFFLINE, &[&image]].concat())
        .expect_success();
    for name in ["cosign.key", "cosign.pub"] {
        fs::remove_file(scene.home.path().join(name)).expect("the first pair is there");
    }
    scene.cosign.run(["generate-key-pair"]).expect_success();
    scene
        .cosign
        .run([["verify"].as_slice(), &OFFLINE_CHECK, &[&image]].concat())
        .expect_failure();
}

#[test]
fn cosign_attests_and_verifies_the_attestation() {
    let scene = Scene::new(need_tool!("cosign"));
    let image = scene.image();
    fs::write(
        scene.home.path().join("predicate.json"),
        r#"{"tested": true}"#,
    )
    .expect("a folder that takes files");
    let statement = ["--type=custom", "--predicate=predicate.json"];
    scene
        .cosign
        .run([["attest"].as_slice(), &OFFLINE, &statement, &[&image]].concat())
        .expect_success();
    scene
        .cosign
        .run(
            [
                ["verify-attestation", "--type=custom"].as_slice(),
                &OFFLINE_CHECK,
                &[&image],
            ]
            .concat(),
        )
        .expect_success();
}
