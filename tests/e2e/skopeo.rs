//! skopeo: copies bytes as they are, so what went in must come out.

use std::{fs, path::PathBuf};

use tempfile::TempDir;
use wharf_testkit::{ImageMaker, Login, image::compute_digest};

use crate::{
    client::Client,
    containers::{log_in, prepare_client},
    layout::{Layout, list_blobs, repack_with_zstd},
    site::Site,
    tool::need_tool,
};

struct Scene {
    site: Site,
    skopeo: Client,
    home: TempDir,
}

impl Scene {
    fn new(program: PathBuf) -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let skopeo = prepare_client(program, home.path());
        let site = Site::start();
        log_in(&skopeo, site.address(), &site.alice.login())
            .expect_success()
            .expect_text("Login Succeeded");
        Self { site, skopeo, home }
    }

    fn write_layout(&self) -> Layout {
        let image = ImageMaker::new("skopeo").layers(2).make();
        Layout::write(self.home.path(), &image)
    }

    /// `docker://HOST/alice/REST`.
    fn target(&self, rest: &str) -> String {
        format!("docker://{}", self.site.image(rest))
    }

    fn push(&self, layout: &Layout, target: &str) {
        self.skopeo
            .run([
                "copy",
                "--dest-tls-verify=false",
                "--preserve-digests",
                &layout.reference(),
                target,
            ])
            .expect_success();
    }

    fn inspect_raw(&self, target: &str) -> String {
        self.skopeo
            .run(["inspect", "--tls-verify=false", "--raw", target])
            .expect_success()
            .stdout
    }
}

#[test]
fn skopeo_gets_back_the_bytes_of_a_layout_that_it_pushed() {
    let scene = Scene::new(need_tool!("skopeo"));
    let layout = scene.write_layout();
    let target = scene.target("app:1");
    scene.push(&layout, &target);

    assert_eq!(scene.inspect_raw(&target), layout.manifest.bytes);
    scene
        .skopeo
        .run(["copy", "--src-tls-verify=false", &target, "oci:back:1"])
        .expect_success();
    assert_eq!(
        list_blobs(&scene.home.path().join("back")),
        list_blobs(&layout.folder)
    );

    let by_digest = scene.target(&format!("app@{}", layout.manifest.digest()));
    scene
        .skopeo
        .run([
            "inspect",
            "--tls-verify=false",
            "--format",
            "{{.Digest}}",
            &by_digest,
        ])
        .expect_success()
        .expect_text(&layout.manifest.digest());
}

#[test]
fn skopeo_copies_through_a_folder_both_ways() {
    let scene = Scene::new(need_tool!("skopeo"));
    let layout = scene.write_layout();
    let target = scene.target("app:1");
    scene.push(&layout, &target);

    scene
        .skopeo
        .run(["copy", "--src-tls-verify=false", &target, "dir:folder"])
        .expect_success();
    let manifest = fs::read_to_string(scene.home.path().join("folder/manifest.json"))
        .expect("the folder has a manifest");
    assert_eq!(manifest, layout.manifest.bytes);

    let second = scene.target("second:1");
    scene
        .skopeo
        .run(["copy", "--dest-tls-verify=false", "dir:folder", &second])
        .expect_success();
    assert_eq!(scene.inspect_raw(&second), layout.manifest.bytes);
}

#[test]
fn skopeo_converts_to_dockers_schema_2_on_the_way() {
    let scene = Scene::new(need_tool!("skopeo"));
    let layout = scene.write_layout();
    let target = scene.target("app:docker");
    scene
        .skopeo
        .run([
            "copy",
            "--dest-tls-verify=false",
            "--format",
            "v2s2",
            &layout.reference(),
            &target,
        ])
        .expect_success();
    assert!(
        scene
            .inspect_raw(&target)
            .contains("application/vnd.docker.distribution.manifest.v2+json")
    );
}

#[test]
fn skopeo_copies_from_one_repository_to_another_and_between_tags() {
    let scene = Scene::new(need_tool!("skopeo"));
    let layout = scene.write_layout();
    let source = scene.target("app:1");
    scene.push(&layout, &source);
    for rest in ["app:2", "other/app:1"] {
        let target = scene.target(rest);
        scene
            .skopeo
            .run([
                "copy",
                "--src-tls-verify=false",
                "--dest-tls-verify=false",
                "--preserve-digests",
                &source,
                &target,
            ])
            .expect_success();
        assert_eq!(scene.inspect_raw(&target), layout.manifest.bytes);
    }
}

#[test]
fn skopeo_pushes_a_layer_compressed_with_zstd() {
    let scene = Scene::new(need_tool!("skopeo"));
    need_tool!("zstd");
    let image = repack_with_zstd(&ImageMaker::new("zstd").layers(2).make(), scene.home.path());
    let layout = Layout::write(scene.home.path(), &image);
    let target = scene.target("app:zstd");
    scene.push(&layout, &target);
    assert_eq!(scene.inspect_raw(&target), layout.manifest.bytes);

    scene
        .skopeo
        .run(["copy", "--src-tls-verify=false", &target, "oci:back:1"])
        .expect_success();
    assert_eq!(
        list_blobs(&scene.home.path().join("back")),
        list_blobs(&layout.folder)
    );
}

#[test]
fn skopeo_lists_deletes_and_no_longer_finds() {
    let scene = Scene::new(need_tool!("skopeo"));
    let layout = scene.write_layout();
    for tag in ["1", "2", "latest"] {
        scene.push(&layout, &scene.target(&format!("app:{tag}")));
    }
    let listed = scene
        .skopeo
        .run(["list-tags", "--tls-verify=false", &scene.target("app")])
        .expect_success()
        .json();
    assert_eq!(listed["Tags"], serde_json::json!(["1", "2", "latest"]));

    // skopeo looks the tag up and deletes by digest, so all three go.
    scene
        .skopeo
        .run(["delete", "--tls-verify=false", &scene.target("app:2")])
        .expect_success();
    scene
        .skopeo
        .run(["inspect", "--tls-verify=false", &scene.target("app:1")])
        .expect_failure();
    let listed = scene
        .skopeo
        .run(["list-tags", "--tls-verify=false", &scene.target("app")])
        .expect_success()
        .json();
    assert_eq!(listed["Tags"], serde_json::json!([]));
}

#[test]
fn skopeo_syncs_a_repository_to_a_folder_and_on_to_another() {
    let scene = Scene::new(need_tool!("skopeo"));
    let layout = scene.write_layout();
    for tag in ["1", "2"] {
        scene.push(&layout, &scene.target(&format!("app:{tag}")));
    }
    let repository = scene.site.image("app");
    scene
        .skopeo
        .run([
            "sync",
            "--src-tls-verify=false",
            "--src",
            "docker",
            "--dest",
            "dir",
            &repository,
            "synced",
        ])
        .expect_success();
    let elsewhere = scene.site.image("mirrored");
    scene
        .skopeo
        .run([
            "sync",
            "--dest-tls-verify=false",
            "--src",
            "dir",
            "--dest",
            "docker",
            "synced",
            &elsewhere,
        ])
        .expect_success();
    for tag in ["1", "2"] {
        let raw = scene.inspect_raw(&scene.target(&format!("mirrored/app:{tag}")));
        assert_eq!(compute_digest(raw.as_bytes()), layout.manifest.digest());
    }
}

#[test]
fn skopeo_is_refused_without_credentials_and_with_wrong_ones() {
    let scene = Scene::new(need_tool!("skopeo"));
    let layout = scene.write_layout();
    let target = scene.target("app:1");
    scene.push(&layout, &target);
    scene
        .skopeo
        .run(["logout", scene.site.address()])
        .expect_success();
    scene
        .skopeo
        .run(["inspect", "--tls-verify=false", &target])
        .expect_failure();
    let wrong = Login::basic(&scene.site.alice.username, "wrong-horse-battery");
    log_in(&scene.skopeo, scene.site.address(), &wrong).expect_failure();
}
