//! podman: its own storage and transport, none of docker's code.

use std::{fs, path::PathBuf};

use tempfile::TempDir;
use wharf_testkit::Login;

use crate::{
    client::Client,
    containers::{log_in, prepare_storage_client},
    site::Site,
    tool::need_tool,
};

struct Podman {
    client: Client,
    home: TempDir,
}

impl Podman {
    fn new(program: PathBuf) -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let tmp = home.path().join("libpod").display().to_string();
        let client = prepare_storage_client(program, home.path()).with_leading([
            "--tmpdir",
            &tmp,
            "--cgroup-manager",
            "cgroupfs",
            "--events-backend",
            "none",
        ]);
        Self { client, home }
    }

    fn build(&self, image: &str, content: &str) {
        let context = self.home.path().join("context");
        fs::create_dir_all(&context).expect("a folder for the context");
        fs::write(context.join("file"), content).expect("a context that takes files");
        fs::write(
            context.join("Dockerfile"),
            "FROM scratch\nCOPY file /file\nCMD [\"/file\"]\n",
        )
        .expect("a context that takes files");
        let context = context.display().to_string();
        self.client
            .run(["build", "--isolation", "chroot", "--tag", image, &context])
            .expect_success();
    }

    /// Pushes and gives back the digest that podman wrote down.
    #[track_caller]
    fn push(&self, image: &str) -> String {
        let file = self.home.path().join("digest");
        let option = format!("--digestfile={}", file.display());
        self.client
            .run(["push", "--tls-verify=false", &option, image])
            .expect_success();
        fs::read_to_string(file)
            .expect("podman wrote a digest")
            .trim()
            .to_owned()
    }
}

#[test]
fn podman_logs_in_pushes_and_pulls_back_the_same_digest() {
    let podman = Podman::new(need_tool!("podman"));
    let site = Site::start();
    let image = site.image("deep/er/app:1");

    log_in(
        &podman.client,
        site.address(),
        &Login::basic(&site.alice.username, "wrong-horse-battery"),
    )
    .expect_failure()
    .expect_text("invalid username/password");
    log_in(&podman.client, site.address(), &site.alice.login())
        .expect_success()
        .expect_text("Login Succeeded");

    podman.build(&image, "by podman");
    let digest = podman.push(&image);
    podman
        .client
        .run(["rmi", "--force", &image])
        .expect_success();
    podman
        .client
        .run(["pull", "--tls-verify=false", &image])
        .expect_success();
    podman
        .client
        .run(["image", "inspect", "--format", "{{.Digest}}", &image])
        .expect_success()
        .expect_text(&digest);
    assert_eq!(
        podman.push(&image),
        digest,
        "the second push changes nothing"
    );

    podman
        .client
        .run(["logout", site.address()])
        .expect_success();
    podman
        .client
        .run(["rmi", "--force", &image])
        .expect_success();
    podman
        .client
        .run(["pull", "--tls-verify=false", &image])
        .expect_failure();
}

#[test]
fn podman_pushes_a_list_of_images_for_two_platforms() {
    let podman = Podman::new(need_tool!("podman"));
    let site = Site::start();
    log_in(&podman.client, site.address(), &site.alice.login()).expect_success();
    let list = site.image("app:1");
    let [intel, arm] = ["amd64", "arm64"].map(|platform| {
        let image = format!("{list}-{platform}");
        podman.build(&image, platform);
        podman.push(&image);
        image
    });

    let create = |reference: &str, platform: &str| {
        let source = format!("docker://{reference}");
        podman
            .client
            .run([
                "manifest",
                "add",
                "--tls-verify=false",
                "--arch",
                platform,
                "list",
                &source,
            ])
            .expect_success();
    };
    podman
        .client
        .run(["manifest", "create", "list"])
        .expect_success();
    create(&intel, "amd64");
    create(&arm, "arm64");
    let target = format!("docker://{list}");
    podman
        .client
        .run([
            "manifest",
            "push",
            "--tls-verify=false",
            "--all",
            "list",
            &target,
        ])
        .expect_success();

    // Read back over plain HTTP: podman's own `manifest inspect` of this version does not speak it.
    let index = site.repository("app").get_manifest("1").expect(200).json();
    let platforms: Vec<_> = index["manifests"]
        .as_array()
        .expect("a list has manifests")
        .iter()
        .map(|child| child["platform"]["architecture"].as_str())
        .collect();
    assert_eq!(platforms, [Some("amd64"), Some("arm64")]);
}

#[test]
fn podman_lists_the_tags_of_a_repository() {
    let podman = Podman::new(need_tool!("podman"));
    let site = Site::start();
    let repository = site.image("app");
    log_in(&podman.client, site.address(), &site.alice.login()).expect_success();
    for tag in ["one", "two"] {
        let image = format!("{repository}:{tag}");
        podman.build(&image, tag);
        podman.push(&image);
    }
    podman
        .client
        .run(["search", "--tls-verify=false", "--list-tags", &repository])
        .expect_success()
        .expect_text("one")
        .expect_text("two");
}

#[test]
fn podman_search_finds_a_public_repository() {
    let podman = Podman::new(need_tool!("podman"));
    let site = Site::start();
    site.server
        .create_repository(&site.name("lighthouse"), true);
    podman
        .client
        .run([
            "search",
            "--tls-verify=false",
            &format!("{}/lighthouse", site.address()),
        ])
        .expect_success()
        .expect_text(&site.name("lighthouse"));
}

#[test]
fn podman_pushes_a_layer_whose_files_can_be_fetched_one_by_one() {
    let podman = Podman::new(need_tool!("podman"));
    let site = Site::start();
    log_in(&podman.client, site.address(), &site.alice.login()).expect_success();
    let image = site.image("app:1");
    podman.build(&image, "one by one");
    podman
        .client
        .run([
            "push",
            "--tls-verify=false",
            "--compression-format",
            "zstd:chunked",
            &image,
        ])
        .expect_success();

    // Its table of contents is named by annotations of the layer, which must come back as they were.
    let manifest = site.repository("app").get_manifest("1").expect(200).json();
    let layer = &manifest["layers"][0];
    assert_eq!(
        layer["mediaType"],
        "application/vnd.oci.image.layer.v1.tar+zstd"
    );
    assert!(
        layer["annotations"]["io.containers.zstd-chunked.manifest-position"].is_string(),
        "{layer}"
    );
}
