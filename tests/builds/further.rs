//! "Also push to": one Dockerfile feeds several registries.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};

use wharf_testkit::{Server, image::ImageMaker, skip, unique_name};
use wharf_tests::building::{Rule, Site, run_in_docker, wait_for};

const USERNAME: &str = "deliverer";
const PASSWORD: &str = "harbor-wall-benchmark-4711";
/// [`PASSWORD`] by bcrypt.
const PASSWORD_HASH: &str = "$2y$10$abcdefghijklmnopqrstuuAs6wMNiqVzgznf9xdk0aUnkoon.SuAa";
const PROGRAM: &str = "/usr/bin/docker-registry";

/// Debian's docker-registry, which asks for a password.
struct Distribution {
    process: Option<Child>,
    port: u16,
    folder: tempfile::TempDir,
}

impl Distribution {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("its number").port();
        let folder = tempfile::tempdir().expect("a folder");
        let file = |name: &str| folder.path().join(name).display().to_string();
        let config = format!(
            "version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {}}}}}\n\
             http: {{addr: '127.0.0.1:{port}', secret: loopback}}\n\
             auth: {{htpasswd: {{realm: test, path: {}}}}}\n",
            file("data"),
            file("htpasswd"),
        );
        fs::write(file("config.yml"), config).expect("a configuration");
        fs::write(file("htpasswd"), format!("{USERNAME}:{PASSWORD_HASH}\n")).expect("its users");
        Self {
            process: None,
            port,
            folder,
        }
    }

    fn start(&mut self) {
        // The kernel ends it with the thread of its test.
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", PROGRAM, "serve"])
            .arg(self.folder.path().join("config.yml"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        self.process = Some(child.expect("setpriv starts"));
        wait_for(|| TcpStream::connect(("127.0.0.1", self.port)).ok());
    }

    fn authority(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The manifest that a tag names there, as its files have it.
    fn find_tag(&self, image: &str, tag: &str) -> Option<String> {
        let link = format!(
            "data/docker/registry/v2/repositories/{image}/_manifests/tags/{tag}/current/link"
        );
        fs::read_to_string(self.folder.path().join(link)).ok()
    }
}

impl Drop for Distribution {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            // It may have ended by itself.
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

fn store_credential(site: &Site, rule: &Rule<'_>, host: &str, username: &str, password: &str) {
    let namespace = rule.image.split('/').next().unwrap_or_default();
    let body = json!({ "host": host, "username": username, "password": password });
    let path = format!("/namespaces/{namespace}/credentials");
    site.api().post(&path, body).expect(201);
}

fn find_push(build: &Value, host: &str) -> Value {
    let pushes = build["pushes"].as_array().expect("a list");
    let found = pushes
        .iter()
        .find(|it| it["image"].as_str().is_some_and(|it| it.starts_with(host)));
    found.unwrap_or_else(|| panic!("{pushes:#?}")).clone()
}

#[test]
fn an_image_goes_to_two_more_registries_at_once_and_to_one_that_was_down_when_it_is_back() {
    if !Path::new(PROGRAM).exists() {
        skip!("{PROGRAM} is not installed (make test-deps)");
    }
    let Some(site) = Site::shared() else { return };
    let Some(base) = site.base_image() else {
        return;
    };
    let second = Server::start();
    let mut debian = Distribution::new();
    debian.start();
    let mut later = Distribution::new();
    let hosts = [
        second.authority().to_owned(),
        debian.authority(),
        later.authority(),
    ];
    let image = format!("admin/{}", unique_name("fed"));
    let also = json!([
        { "image": format!("{}/{image}", hosts[0]) },
        { "image": format!("{}/{image}", hosts[1]), "tags": ["1.0", "latest"] },
        { "image": format!("{}/{image}", hosts[2]) },
    ]);
    let rule = site.make_rule(json!({ "trigger": { "branches": true }, "push_also": also }));
    store_credential(site, &rule, &hosts[0], "admin", second.admin_password());
    store_credential(site, &rule, &hosts[1], USERNAME, PASSWORD);
    store_credential(site, &rule, &hosts[2], USERNAME, PASSWORD);

    let dockerfile = format!("FROM {base}\nCMD [\"echo\", \"everywhere\"]\n");
    let commit = rule
        .code
        .push_files("main", "Feed them", &[("Dockerfile", &dockerfile)]);
    let number = rule.wait_for_build_of(&commit);
    let built = rule.wait_for_success(number);
    let digest = built["digest"].as_str().expect("a digest");
    // Whatever becomes of the others, it is here.
    assert_eq!(rule.find_tag("main").as_deref(), Some(digest));

    let failed = wait_for(|| {
        let push = find_push(&rule.show(number), &hosts[2]);
        (push["error"].is_string()).then_some(push)
    });
    println!("one that is down: {}", failed["error"]);
    assert!(failed["next_at"].is_string(), "{failed:#}");
    for host in &hosts[..2] {
        wait_for(|| (find_push(&rule.show(number), host)["state"] == "succeeded").then_some(()));
    }
    let registry = second.registry(&second.admin());
    let there = registry
        .repository(&image)
        .head_manifest("main")
        .expect(200);
    assert_eq!(there.header("docker-content-digest"), digest);
    for tag in ["1.0", "latest"] {
        assert_eq!(
            debian.find_tag(&image, tag).as_deref(),
            Some(digest),
            "{tag}"
        );
    }
    assert_eq!(debian.find_tag(&image, "main"), None);
    if let Some(printed) = run_in_docker(&second, &image, "main") {
        assert_eq!(printed, "everywhere\n");
    }

    later.start();
    let delivered = wait_for(|| {
        let push = find_push(&rule.show(number), &hosts[2]);
        (push["state"] == "succeeded").then_some(push)
    });
    assert!(delivered["attempts"].as_u64() >= Some(2), "{delivered:#}");
    assert_eq!(later.find_tag(&image, "main").as_deref(), Some(digest));
}

#[test]
fn a_password_that_a_registry_refuses_is_shown_and_tried_again_when_it_is_right() {
    let Some(site) = Site::shared() else { return };
    let second = Server::start();
    let image = format!("{}/admin/{}", second.authority(), unique_name("fed"));
    let also = json!([{ "image": image }]);
    let rule = site.make_rule(json!({ "push_also": also }));
    store_credential(site, &rule, second.authority(), "admin", "wrong");
    let files = [("Dockerfile", "FROM scratch\nCOPY README.md /\n")];
    rule.code.push_files("main", "Feed it", &files);
    let number = rule.start("main");
    rule.wait_for_success(number);
    let failed = wait_for(|| {
        let push = find_push(&rule.show(number), second.authority());
        push["error"].is_string().then_some(push)
    });
    let error = failed["error"].as_str().expect("a sentence");
    println!("a wrong password: {error}");
    assert!(!error.contains("wrong\""), "{error}");

    let namespace = rule.image.split('/').next().unwrap_or_default();
    let path = format!("/namespaces/{namespace}/credentials");
    let credential = site.api().read_all(&path, 10).remove(0);
    let path = format!("{path}/{}", credential["id"].as_str().expect("an id"));
    let body = json!({ "password": second.admin_password() });
    site.api().patch(&path, body).expect(200);
    // Before its time: a person asks.
    let id = failed["id"].as_str().expect("an id");
    let path = rule.path(&format!("/builds/{number}/pushes/{id}/retry"));
    let api = site.api();
    api.request(reqwest::Method::POST, &path).send().expect(204);
    wait_for(|| {
        let push = find_push(&rule.show(number), second.authority());
        (push["state"] == "succeeded").then_some(())
    });
    let again = api.request(reqwest::Method::POST, &path).send();
    again.expect_problem(409, "conflict");
}

#[test]
fn a_private_base_of_another_registry_is_pulled_with_the_namespaces_credential() {
    let Some(site) = Site::shared() else { return };
    let second = Server::start();
    let image = ImageMaker::new(unique_name("content")).make();
    let registry = second.registry(&second.admin());
    registry.repository("admin/base").push_image("1", &image);
    let rule = site.make_rule(json!({}));
    let dockerfile = format!(
        "FROM {}/admin/base:1\nCOPY README.md /\n",
        second.authority()
    );
    rule.code
        .push_files("main", "Stand on it", &[("Dockerfile", &dockerfile)]);
    let refused = rule.wait_for_end(rule.start("main"));
    assert_eq!(refused["state"], "failed", "{refused:#}");
    let hint = refused["failure"]["hint"].as_str().unwrap_or_default();
    let command = format!("wharf credential set NAMESPACE {}", second.authority());
    assert!(hint.contains(&command), "{refused:#}");

    store_credential(
        site,
        &rule,
        second.authority(),
        "admin",
        second.admin_password(),
    );
    let built = rule.wait_for_success(rule.start("main"));
    assert_eq!(
        built["bases"][0],
        format!("{}/admin/base:1", second.authority())
    );
    let (_, layers) = rule.pull("main");
    assert_eq!(layers.len(), 2);
}
