//! oras: artifacts of any type, and what is attached to them.

use std::{fs, path::PathBuf};

use tempfile::TempDir;

use crate::{
    client::{Client, log_in_by_stdin},
    site::Site,
    tool::need_tool,
};

struct Scene {
    site: Site,
    oras: Client,
    home: TempDir,
}

impl Scene {
    fn new(program: PathBuf) -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let oras = Client::new(program, home.path());
        let site = Site::start();
        log_in_by_stdin(
            &oras,
            &["login", "--plain-http"],
            site.address(),
            &site.alice.login(),
        )
        .expect_success()
        .expect_text("Login Succeeded");
        for (name, content) in [("report.txt", "all is well"), ("signature.txt", "signed")] {
            fs::write(home.path().join(name), content).expect("a folder that takes files");
        }
        Self { site, oras, home }
    }

    fn target(&self, rest: &str) -> String {
        self.site.image(rest)
    }

    /// Pushes the report and gives back its manifest's digest.
    fn push_report(&self, target: &str) -> String {
        self.oras
            .run([
                "push",
                "--plain-http",
                "--artifact-type",
                "application/vnd.acme.report",
                target,
                "report.txt:text/plain",
            ])
            .expect_success()
            .find_digest("Digest: ")
    }

    /// Attaches the signature file under `artifact_type` and gives back its manifest's digest.
    fn attach(&self, target: &str, artifact_type: &str) -> String {
        self.oras
            .run([
                "attach",
                "--plain-http",
                "--artifact-type",
                artifact_type,
                target,
                "signature.txt",
            ])
            .expect_success()
            .find_digest("Digest: ")
    }

    fn discover(&self, target: &str, filter: &[&str]) -> Vec<String> {
        let mut arguments = vec!["discover", "--plain-http", "--format", "json"];
        arguments.extend(filter);
        arguments.push(target);
        let found = self.oras.run(arguments).expect_success().json();
        found["referrers"]
            .as_array()
            .expect("a list of referrers")
            .iter()
            .map(|referrer| referrer["digest"].as_str().unwrap_or_default().to_owned())
            .collect()
    }
}

#[test]
fn oras_pushes_an_artifact_and_pulls_its_file_back() {
    let scene = Scene::new(need_tool!("oras"));
    let target = scene.target("reports:1");
    let digest = scene.push_report(&target);
    let pulled = scene
        .oras
        .run(["pull", "--plain-http", "--output", "back", &target])
        .expect_success();
    assert_eq!(pulled.find_digest("Digest: "), digest);
    let content =
        fs::read_to_string(scene.home.path().join("back/report.txt")).expect("the report");
    assert_eq!(content, "all is well");

    let manifest = scene
        .oras
        .run(["manifest", "fetch", "--plain-http", &target])
        .expect_success()
        .json();
    assert_eq!(manifest["artifactType"], "application/vnd.acme.report");
}

#[test]
fn oras_discovers_what_is_attached_by_the_referrers_api() {
    let scene = Scene::new(need_tool!("oras"));
    let target = scene.target("reports:1");
    scene.push_report(&target);
    let signature = scene.attach(&target, "application/vnd.acme.signature");
    let scan = scene.attach(&target, "application/vnd.acme.scan");

    let mut all = scene.discover(&target, &[]);
    all.sort();
    let mut expected = vec![signature.clone(), scan];
    expected.sort();
    assert_eq!(all, expected);
    assert_eq!(
        scene.discover(
            &target,
            &["--artifact-type", "application/vnd.acme.signature"]
        ),
        [signature]
    );

    // A registry with the API needs no tag in its place.
    let tags = scene
        .oras
        .run(["repo", "tags", "--plain-http", &scene.target("reports")])
        .expect_success()
        .stdout;
    assert_eq!(tags.trim(), "1");
}

#[test]
fn oras_copies_an_artifact_with_all_that_is_attached() {
    let scene = Scene::new(need_tool!("oras"));
    let source = scene.target("reports:1");
    let digest = scene.push_report(&source);
    let signature = scene.attach(&source, "application/vnd.acme.signature");
    let second = scene.target(&format!("reports@{signature}"));
    let note = scene.attach(&second, "application/vnd.acme.note");

    let target = scene.target("archive/reports:1");
    let copied = scene
        .oras
        .run([
            "copy",
            "--recursive",
            "--from-plain-http",
            "--to-plain-http",
            &source,
            &target,
        ])
        .expect_success();
    assert_eq!(copied.find_digest("Digest: "), digest);
    let attached = scene.target(&format!("archive/reports@{signature}"));
    assert_eq!(scene.discover(&target, &["--depth", "1"]), [signature]);
    assert_eq!(scene.discover(&attached, &[]), [note]);
}

#[test]
fn oras_tags_backs_up_and_deletes() {
    let scene = Scene::new(need_tool!("oras"));
    let target = scene.target("reports:1");
    let digest = scene.push_report(&target);
    scene
        .oras
        .run(["tag", "--plain-http", &target, "2", "latest"])
        .expect_success();
    let resolved = scene
        .oras
        .run(["resolve", "--plain-http", &scene.target("reports:latest")])
        .expect_success();
    assert_eq!(resolved.stdout.trim(), digest);

    scene
        .oras
        .run([
            "copy",
            "--from-plain-http",
            "--to-oci-layout",
            &target,
            "layout:1",
        ])
        .expect_success();
    scene
        .oras
        .run([
            "manifest",
            "delete",
            "--plain-http",
            "--force",
            &scene.target(&format!("reports@{digest}")),
        ])
        .expect_success();
    scene
        .oras
        .run(["manifest", "fetch", "--plain-http", &target])
        .expect_failure()
        .expect_text("not found");

    scene
        .oras
        .run([
            "copy",
            "--from-oci-layout",
            "--to-plain-http",
            "layout:1",
            &target,
        ])
        .expect_success();
    assert_eq!(
        scene
            .oras
            .run(["resolve", "--plain-http", &target])
            .expect_success()
            .stdout
            .trim(),
        digest
    );
}

#[test]
fn oras_builds_an_index_of_artifacts() {
    let scene = Scene::new(need_tool!("oras"));
    scene.push_report(&scene.target("reports:1"));
    let index = scene.target("reports:all");
    scene
        .oras
        .run(["manifest", "index", "create", "--plain-http", &index, "1"])
        .expect_success();
    let fetched = scene
        .oras
        .run(["manifest", "fetch", "--plain-http", &index])
        .expect_success()
        .json();
    assert_eq!(fetched["manifests"].as_array().map(Vec::len), Some(1));
}
