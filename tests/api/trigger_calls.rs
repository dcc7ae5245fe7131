//! Calls of build trigger URLs that come fast: who is asked, what waits, and what comes of it.

use serde_json::{Value, json};
use wharf_testkit::{
    ApiClient, GitRepository, GitServer, Login, Server, SharedServer, encode_segment, unique_name,
};
use wharf_tests::building::wait_for;

/// It asks nobody by itself, and begins no build: what is queued stays queued.
static SERVER: SharedServer = SharedServer::new(|| {
    Server::builder().config(
        "[egress]\nallow = [\"127.0.0.1\"]\n[build]\npoll_seconds = 3600\nconcurrency = 0\nnamespace_queue = 3",
    )
});

/// The same, but it asks every second.
static ASKING: SharedServer = SharedServer::new(|| {
    Server::builder().config(
        "[egress]\nallow = [\"127.0.0.1\"]\n[build]\npoll_seconds = 1\nconcurrency = 0\nnamespace_queue = 3",
    )
});

/// A rule of a person's own, with a trigger URL.
struct Scene {
    api: ApiClient,
    anonymous: ApiClient,
    path: String,
    git: GitServer,
    code: GitRepository,
    url: String,
}

impl Scene {
    fn new(definition: Value) -> Self {
        Self::on(&SERVER, definition)
    }

    fn on(server: &'static SharedServer, definition: Value) -> Self {
        let server = server.get();
        let person = server.user(&unique_name("caller"));
        let api = server.api(&person.login());
        let git = GitServer::start();
        let code = git.create("app");
        code.push_files("main", "first", &[("Dockerfile", "FROM scratch\n")]);
        let address = format!("http://{}", git.address());
        let source = api.post("/sources", json!({ "kind": "git", "address": address }));
        let source = source.expect(201).json()["id"].clone();
        let repository = format!("{}/app", person.username);
        api.post("/repositories", json!({ "name": repository }))
            .expect(201);
        let path = format!("/repositories/{}", encode_segment(&repository));
        let rule = json!({ "name": "main", "source": source, "remote": "app.git", "definition": definition });
        api.post(&format!("{path}/rules"), rule).expect(201);
        let urls = format!("{path}/rules/main/trigger-urls");
        let made = api.post(&urls, json!({ "name": "ci" })).expect(201).json();
        let url = made["url"].as_str().expect("a URL");
        let url = url.split_once("/triggers/").expect("a trigger URL").1;
        Self {
            anonymous: server.api(&Login::Anonymous),
            url: format!("/../../triggers/{url}"),
            api,
            path,
            git,
            code,
        }
    }

    fn call(&self, body: &Value) -> (u16, Value) {
        let request = self.anonymous.request(reqwest::Method::POST, &self.url);
        let answer = request
            .body("application/json", body.to_string())
            .send_undescribed();
        let read = serde_json::from_slice(&answer.body);
        (answer.status.as_u16(), read.unwrap_or(Value::Null))
    }

    fn builds(&self) -> Vec<Value> {
        self.api.read_all(&format!("{}/builds", self.path), 1000)
    }

    fn decisions(&self) -> Vec<Value> {
        let path = format!("{}/rules/main/decisions", self.path);
        self.api.read_all(&path, 1000)
    }

    /// How often the git server was asked for its refs.
    fn asked(&self) -> usize {
        let requests = self.git.requests();
        let asked = requests.iter().filter(|it| it.path.ends_with("/info/refs"));
        asked.count()
    }
}

#[test]
fn calls_that_come_fast_ask_the_host_once_and_wait_together() {
    let scene = Scene::new(json!({ "trigger": { "branches": true } }));
    let before = scene.asked();
    let main = json!({ "source_name": "main" });
    let (status, first) = scene.call(&main);
    assert_eq!((status, &first["builds"][0]["build"]), (202, &json!(1)));
    let once = scene.asked();
    assert!(once > before, "the first call asks");
    for number in 1..30 {
        let (status, answer) = scene.call(&main);
        let waits = &answer["builds"][0];
        assert_eq!(status, 202, "{answer}");
        assert!(waits["not_before"].is_string(), "{answer}");
        assert_eq!(waits["coalesced"], number > 1, "{answer}");
        assert_eq!(waits["ref"], "refs/heads/main");
    }
    let (status, answer) = scene.call(&json!({ "source_name": "other" }));
    assert_eq!(
        status, 202,
        "whether it is there is found out with the rest: {answer}"
    );
    assert_eq!(scene.asked(), once, "nobody else asked");
    // What the branch is by then is built, once for all of them; a name that somebody made up leaves nothing behind.
    let commit = scene.code.push_files("main", "second", &[("a", "1")]);
    let pushed = scene.asked();
    wait_for(|| {
        let builds = scene.builds();
        builds.iter().any(|it| it["commit"] == commit).then_some(())
    });
    let made = scene.decisions();
    assert!(
        made.iter().all(|it| it["ref"] != "refs/heads/other"),
        "{made:?}"
    );
    assert_eq!(scene.builds().len(), 2);
    // Both refs in one question, or in two when they were due a moment apart.
    let since = scene.asked() - pushed;
    assert!(since <= 2 * (once - before), "{since}");
}

#[test]
fn a_waiting_call_whose_image_cannot_be_named_ends_as_a_decision_that_says_so() {
    let naming = json!({ "form": "templates", "templates": ["{semver.major}"] });
    let scene = Scene::new(json!({ "trigger": { "branches": true }, "naming": naming }));
    let main = json!({ "source_name": "main" });
    let (status, answer) = scene.call(&main);
    assert_eq!(
        (status, &answer["params"]["reason"]),
        (400, &json!("naming_fails")),
        "{answer}"
    );
    let (status, answer) = scene.call(&main);
    assert_eq!(status, 202, "{answer}");
    wait_for(|| {
        let made = scene.decisions();
        let says = |it: &Value| {
            it["decision"] == "skipped" && it["reason"] == "naming" && it["cause"] == "trigger_url"
        };
        made.iter().any(says).then_some(())
    });
    assert!(scene.builds().is_empty());
}

#[test]
fn a_ref_that_cannot_be_named_keeps_no_other_ref_of_a_call_from_being_built() {
    let naming = json!({ "form": "templates", "templates": ["{semver.major}"] });
    let trigger = json!({ "branches": true, "tags": true });
    let scene = Scene::new(json!({ "trigger": trigger, "naming": naming }));
    let tree = scene.code.clone_work_tree();
    tree.tag("v1.2.3", None);
    tree.push(&["v1.2.3"]);
    let (status, answer) = scene.call(&json!({}));
    assert_eq!(status, 202, "{answer}");
    let built = answer["builds"].as_array().expect("a list");
    assert_eq!(built.len(), 1, "{answer}");
    assert_eq!(built[0]["ref"], "refs/tags/v1.2.3");
    let made = scene.decisions();
    let says = |it: &Value| it["ref"] == "refs/heads/main" && it["reason"] == "naming";
    assert!(made.iter().any(says), "{made:?}");
}

#[test]
fn a_push_into_a_full_queue_is_recorded_and_a_call_waits_for_room() {
    let scene = Scene::on(&ASKING, json!({ "trigger": { "branches": true } }));
    let paste = json!({ "dockerfile": "FROM scratch\nCOPY a /\n", "version": "v1" });
    let builds = format!("{}/builds", scene.path);
    for _ in 0..3 {
        scene.api.post(&builds, paste.clone()).expect(201);
    }
    let full = scene
        .api
        .post(&builds, paste)
        .expect_problem(409, "limit_reached");
    assert_eq!(full.json()["params"]["limit"], "queued_builds");
    let (status, answer) = scene.call(&json!({ "source_name": "main" }));
    assert_eq!(status, 202, "{answer}");
    assert!(answer["builds"][0]["not_before"].is_string(), "{answer}");
    assert_eq!(answer["builds"][0]["build"], Value::Null);
    let commit = scene.code.push_files("next", "second", &[("a", "1")]);
    let decision = wait_for(|| {
        let made = scene.decisions();
        made.into_iter().find(|it| it["ref"] == "refs/heads/next")
    });
    assert_eq!(
        (&decision["decision"], &decision["reason"], &decision["new"]),
        (&json!("skipped"), &json!("queue_full"), &json!(commit)),
        "{decision}"
    );
    assert_eq!(scene.builds().len(), 3);
}
