//! `/repositories/{name}/rules` and what belongs to rules, against a real git server on loopback that is polled.

use serde_json::{Value, json};
use wharf_testkit::{
    Answer, ApiClient, GitRepository, GitServer, ImageMaker, Login, Server, SharedServer,
    encode_segment, unique_name,
};
use wharf_tests::wait_until;

/// Rules build from loopback, which is asked every second.
static SERVER: SharedServer = SharedServer::new(|| {
    Server::builder().config("[egress]\nallow = [\"127.0.0.1\"]\n[build]\npoll_seconds = 1")
});

const DOCKERFILE: &str = "FROM scratch\nCOPY Dockerfile /\n";

/// A person with a repository, and a git server of their own.
struct Scene {
    api: ApiClient,
    person: wharf_testkit::Person,
    repository: String,
    git: GitServer,
    code: GitRepository,
    source: String,
}

impl Scene {
    fn new() -> Self {
        let server = SERVER.get();
        let person = server.user(&unique_name("builder"));
        let api = server.api(&person.login());
        let git = GitServer::start();
        let code = git.create("app");
        code.push_files("main", "first", &[("Dockerfile", DOCKERFILE)]);
        let address = format!("http://{}", git.address());
        let source = api.post("/sources", json!({ "kind": "git", "address": address }));
        let source = text(&source.expect(201).json()["id"]);
        let repository = format!("{}/app", person.username);
        api.post("/repositories", json!({ "name": repository }))
            .expect(201);
        Self {
            api,
            person,
            repository,
            git,
            code,
            source,
        }
    }

    fn path(&self, rest: &str) -> String {
        format!("/repositories/{}{rest}", encode_segment(&self.repository))
    }

    fn make_rule(&self, definition: Value) -> Answer {
        let rule = json!({
            "name": "main", "source": self.source, "remote": "app.git", "definition": definition,
        });
        self.api.post(&self.path("/rules"), rule)
    }

    fn decisions(&self, reference: &str) -> Vec<Value> {
        let path = format!("/rules/main/decisions?ref={reference}");
        let page = self.api.get(&self.path(&path)).expect(200).json();
        page["items"].as_array().expect("a list").clone()
    }

    fn wait_for_decision(&self, reference: &str, new: &str) -> Value {
        let mut found = None;
        wait_until("the update is decided", || {
            let all = self.decisions(reference);
            found = all.into_iter().find(|made| made["new"] == new);
            found.is_some()
        });
        found.expect("a decision")
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn branches(patterns: &[&str]) -> Value {
    json!({ "trigger": { "branches": true, "branch_patterns": patterns } })
}

#[test]
fn what_is_there_counts_as_seen_and_each_push_has_one_decision() {
    let scene = Scene::new();
    let first = scene.code.commit_of("main");
    let rule = scene.make_rule(branches(&["main"])).expect(201).json();
    assert_eq!(rule["watch"]["mode"], "poll");
    assert_eq!(rule["source"]["owner"], scene.person.username);
    let seen = scene.decisions("refs/heads/main");
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert_eq!(
        (&seen[0]["decision"], &seen[0]["new"]),
        (&json!("seen"), &json!(first))
    );

    let second = scene.code.push_files("main", "second", &[("a", "1")]);
    let built = scene.wait_for_decision("refs/heads/main", &second);
    assert_eq!(built["decision"], "built");
    assert_eq!(built["cause"], "poll");
    assert_eq!(built["old"], first);
    assert_eq!(built["build"], 1);
    let topic = scene.code.push_files("topic", "third", &[("a", "2")]);
    let skipped = scene.wait_for_decision("refs/heads/topic", &topic);
    assert_eq!(skipped["reason"], "no_pattern_matches");
    assert_eq!(skipped["build"], Value::Null);
    assert_eq!(
        scene.decisions("refs/heads/main").len(),
        2,
        "each update once"
    );

    scene.code.git(&["branch", "-D", "topic"]);
    wait_until("the deletion is decided", || {
        scene.decisions("refs/heads/topic")[0]["reason"] == "deleted"
    });
    let list = |query: &str| scene.path(&format!("/decisions{query}"));
    let all = scene.api.read_all(&list(""), 1);
    assert!(all.iter().all(|made| made["rule"] == "main"), "{all:#?}");
    let skipped = scene.api.read_all(&list("?decision=skipped"), 100);
    let reasons: Vec<&Value> = skipped.iter().map(|made| &made["reason"]).collect();
    assert_eq!(reasons, ["deleted", "no_pattern_matches"]);
    assert!(skipped.len() < all.len());
    let answer = scene.api.get(&list("?decision=maybe"));
    answer.expect_problem(400, "invalid_field");
}

#[test]
fn a_rule_that_is_switched_on_again_takes_what_is_there_as_seen() {
    let scene = Scene::new();
    scene.make_rule(branches(&[])).expect(201);
    let off = json!({ "enabled": false });
    let path = scene.path("/rules/main");
    scene.api.patch(&path, off).expect(200);
    let missed = scene.code.push_files("main", "missed", &[("a", "1")]);
    let on = scene.api.patch(&path, json!({ "enabled": true }));
    assert_eq!(on.expect(200).json()["enabled"], true);
    let seen = scene.decisions("refs/heads/main");
    assert_eq!(
        (&seen[0]["decision"], &seen[0]["new"]),
        (&json!("seen"), &json!(missed))
    );

    let heads = scene.api.post(&scene.path("/rules/main/heads"), json!({}));
    let builds = heads.expect(201).json();
    assert_eq!(builds["builds"][0]["commit"], missed);
    assert_eq!(builds["builds"][0]["tags"], json!(["main"]));
    assert_eq!(scene.decisions("refs/heads/main")[0]["cause"], "manual");
}

#[test]
fn what_somebody_else_changed_meanwhile_is_not_written_over() {
    let scene = Scene::new();
    scene.make_rule(branches(&[])).expect(201);
    let path = scene.path("/rules/main");
    let seen = scene.api.get(&path).expect(200).json()["version"].clone();
    let first = json!({ "enabled": false, "version": seen });
    scene.api.patch(&path, first.clone()).expect(200);
    let late = scene
        .api
        .patch(&path, first)
        .expect_problem(409, "conflict");
    assert_eq!(late.json()["params"]["what"], "changed_meanwhile");
}

#[test]
fn a_trial_tells_what_would_be_built_without_keeping_anything() {
    let scene = Scene::new();
    scene.code.git(&["tag", "v1.2.0", "main"]);
    let trial = json!({
        "source": scene.source, "remote": "app.git",
        "definition": {
            "trigger": { "tags": true, "tag_patterns": ["v*"] },
            "naming": { "form": "templates", "templates": ["{semver.major}.{semver.minor}"], "also": ["latest"] },
        },
    });
    let answer = scene
        .api
        .post(&scene.path("/rule-trials"), trial)
        .expect(200)
        .json();
    assert_eq!((&answer["built"], &answer["total"]), (&json!(1), &json!(2)));
    assert_eq!(answer["refs"][0]["ref"], "refs/tags/v1.2.0");
    assert_eq!(answer["refs"][0]["tags"], json!(["1.2", "latest"]));
    assert_eq!(answer["refs"][1]["reason"], "branches_not_built");
    let rules = scene.api.get(&scene.path("/rules")).expect(200).json();
    assert_eq!(rules["items"], json!([]));
}

#[test]
fn a_naming_is_previewed() {
    let scene = Scene::new();
    let preview = json!({
        "naming": { "prefix": "v-${VERSION}", "reference": true, "time": true, "commit": true },
        "ref": "refs/heads/feature/x", "commit": "ab".repeat(20), "time": "2027-01-02T03:04:05Z",
        "build_args": { "VERSION": "1.0.0" },
    });
    let tags = scene
        .api
        .post("/naming-previews", preview)
        .expect(200)
        .json();
    let tag = text(&tags["tags"][0]);
    assert!(tag.starts_with("v-1.0.0-feature-x-"), "{tag}");
    assert!(tag.ends_with("-20270102030405-abababab"), "{tag}");
    let broken = json!({ "naming": { "prefix": "v-${" }, "commit": "ab".repeat(20) });
    let refused = scene.api.post("/naming-previews", broken);
    assert_eq!(
        refused.expect_problem(400, "invalid_field").json()["params"]["field"],
        "naming.prefix"
    );
}

#[test]
fn mistakes_are_told_with_their_field() {
    let scene = Scene::new();
    let refused = |definition: Value| {
        let answer = scene
            .make_rule(definition)
            .expect_problem(400, "invalid_field");
        text(&answer.json()["params"]["field"])
    };
    assert_eq!(
        refused(json!({ "trigger": { "tags": true, "tag_patterns": ["/(a/"] } })),
        "trigger.tag_patterns[0]"
    );
    assert_eq!(
        refused(json!({ "trigger": { "tags": true, "tag_patterns": ["/a{1000}{1000}/"] } })),
        "trigger.tag_patterns[0]"
    );
    assert_eq!(refused(json!({ "dockerfile": "../x" })), "dockerfile");
    assert_eq!(
        refused(json!({ "push_also": [{ "image": "acme/web" }] })),
        "push_also[0].image"
    );
    assert_eq!(
        refused(json!({ "limits": { "memory_bytes": 1_u64 << 50 } })),
        "limits.memory_bytes"
    );
    scene.make_rule(branches(&[])).expect(201);
    let again = scene
        .make_rule(branches(&[]))
        .expect_problem(409, "conflict");
    assert_eq!(again.json()["params"]["what"], "rule");
}

#[test]
fn only_a_sources_owner_points_a_rule_at_a_repository() {
    let scene = Scene::new();
    scene.make_rule(branches(&[])).expect(201);
    let server = SERVER.get();
    let other = server.user(&unique_name("maintainer"));
    server.member(&scene.person.username, &other, "maintainer");
    let api = server.api(&other.login());
    let path = scene.path("/rules/main");
    let renamed = api.patch(&path, json!({ "definition": { "skip_ci": false } }));
    assert_eq!(renamed.expect(200).json()["definition"]["skip_ci"], false);
    scene
        .git
        .create("other")
        .push_files("main", "x", &[("Dockerfile", DOCKERFILE)]);
    let moved = api.patch(&path, json!({ "remote": "other.git" }));
    assert_eq!(
        moved.expect_problem(400, "invalid_field").json()["params"]["field"],
        "source"
    );
    let admin = server.api(&server.admin());
    admin
        .patch(&path, json!({ "remote": "other.git" }))
        .expect_problem(400, "invalid_field");
    let own = scene.api.patch(&path, json!({ "remote": "other.git" }));
    assert_eq!(own.expect(200).json()["remote"], "other.git");
}

#[test]
fn a_rule_stops_visibly_when_its_source_goes() {
    let scene = Scene::new();
    scene.make_rule(branches(&[])).expect(201);
    scene
        .api
        .delete(&format!("/sources/{}?force=true", scene.source))
        .expect(204);
    let rule = scene.api.get(&scene.path("/rules/main")).expect(200).json();
    assert_eq!(rule["stopped"], "source_gone");
    assert_eq!(rule["source"]["id"], Value::Null);
    let heads = scene.api.post(&scene.path("/rules/main/heads"), json!({}));
    assert_eq!(
        heads.expect_problem(409, "conflict").json()["params"]["what"],
        "source_gone"
    );
}

#[test]
fn secrets_of_a_rule_are_never_shown() {
    let scene = Scene::new();
    scene.make_rule(branches(&[])).expect(201);
    let path = scene.path("/rules/main/secrets/token");
    scene
        .api
        .put(&path, json!({ "value": "very-hidden-value" }))
        .expect(204);
    let rule = scene.api.get(&scene.path("/rules/main")).expect(200).text();
    assert!(rule.contains("\"token\"") && !rule.contains("very-hidden-value"));
    scene.api.delete(&path).expect(204);
    scene.api.delete(&path).expect_problem(404, "not_found");
}

/// Calls a trigger URL as a script would.
fn call(url: &str, body: &str) -> (u16, Value) {
    let anonymous = SERVER.get().api(&Login::Anonymous);
    let target = url.split_once("/triggers/").expect("a trigger URL").1;
    let answer = anonymous
        .request(reqwest::Method::POST, &format!("/../../triggers/{target}"))
        .body("application/json", body.to_owned())
        .send_undescribed();
    (
        answer.status.as_u16(),
        serde_json::from_slice(&answer.body).unwrap_or(Value::Null),
    )
}

#[test]
fn a_trigger_url_builds_what_its_rule_builds_and_nothing_else() {
    let scene = Scene::new();
    scene.make_rule(branches(&["main"])).expect(201);
    let urls = scene.path("/rules/main/trigger-urls");
    let made = scene
        .api
        .post(&urls, json!({ "name": "ci" }))
        .expect(201)
        .json();
    let url = text(&made["url"]);
    assert!(url.ends_with(&text(&made["secret"])));
    let (status, answer) = call(
        &url,
        "{\"source_type\":\"Branch\",\"source_name\":\"main\"}",
    );
    assert_eq!(status, 202, "{answer}");
    assert_eq!(answer["builds"][0]["ref"], "refs/heads/main");
    assert_eq!(answer["builds"][0]["build"], 1);
    // At once again: it is the one that waits, or waits with others for the next.
    let (status, answer) = call(&url, "");
    assert_eq!(status, 202, "{answer}");
    let again = &answer["builds"][0];
    assert!(
        again["coalesced"] == true || again["not_before"].is_string(),
        "{answer}"
    );
    let (status, answer) = call(&url, "{\"source_name\":\"topic\"}");
    assert_eq!(
        (status, &answer["params"]["field"]),
        (400, &json!("source_name"))
    );
    let (status, _) = call(&format!("{url}x"), "");
    assert_eq!(status, 404);
    let list = scene.api.get(&urls).expect(200);
    assert!(!list.text().contains(&text(&made["secret"])));
    scene
        .api
        .delete(&format!("{urls}/{}", text(&made["id"])))
        .expect(204);
    assert_eq!(call(&url, "").0, 404);
}

#[test]
fn what_stands_on_an_image_is_built_again_when_it_changes_and_never_in_a_circle() {
    let scene = Scene::new();
    let server = SERVER.get();
    let head = scene.code.commit_of("main");
    scene.make_rule(branches(&["main"])).expect(201);
    let base = format!("{}/base", scene.person.username);
    let registry = server.registry(&scene.person.login()).repository(&base);
    registry.push_image("v1", &ImageMaker::new("first").make());
    let link = scene
        .api
        .post(&scene.path("/links"), json!({ "base": base, "tag": "v1" }));
    let link = link.expect(201).json();
    assert_eq!(
        (&link["kind"], &link["active"]),
        (&json!("manual"), &json!(true))
    );
    registry.push_image("v1", &ImageMaker::new("second").make());
    wait_until("the link builds the head again", || {
        let newest = &scene.decisions("refs/heads/main")[0];
        newest["cause"] == "link" && newest["decision"] == "built"
    });
    let newest = &scene.decisions("refs/heads/main")[0];
    assert_eq!(
        (&newest["old"], &newest["new"]),
        (&json!(head), &json!(head))
    );
    assert_eq!(newest["origin"], format!("{base}:v1"));

    let back = format!("/repositories/{}/links", encode_segment(&base));
    let circle = scene.api.post(&back, json!({ "base": scene.repository }));
    assert_eq!(
        circle.expect_problem(409, "conflict").json()["params"]["what"],
        "link_cycle"
    );
    let path = scene.path(&format!("/links/{}", text(&link["id"])));
    let off = scene
        .api
        .patch(&path, json!({ "active": false }))
        .expect(200)
        .json();
    assert_eq!(off["active"], false);
    let unreadable = scene
        .api
        .post(&scene.path("/links"), json!({ "base": "nobody/nothing" }));
    unreadable.expect_problem(400, "invalid_field");
}

#[test]
fn a_pasted_dockerfile_and_a_commit_are_built_by_hand() {
    let scene = Scene::new();
    let head = scene.code.commit_of("main");
    scene.make_rule(branches(&["main"])).expect(201);
    let builds = scene.path("/builds");
    let pasted = json!({ "dockerfile": DOCKERFILE, "version": "trial" });
    let pasted = scene.api.post(&builds, pasted).expect(201).json();
    assert_eq!(
        (&pasted["trust"], &pasted["tags"]),
        (&json!("loose"), &json!(["trial"]))
    );
    let commit = json!({ "rule": "main", "commit": head });
    let commit = scene.api.post(&builds, commit).expect(201).json();
    assert_eq!(
        (&commit["trust"], &commit["commit"]),
        (&json!("rule"), &json!(head))
    );
    assert_eq!(commit["tags"], json!([&head[..8]]));
    let short = json!({ "rule": "main", "commit": head[..8].to_uppercase() });
    let short = scene.api.post(&builds, short).expect(201).json();
    assert_eq!(
        (&short["trust"], &short["commit"]),
        (&json!("rule"), &json!(head))
    );
    let unreached = json!({ "rule": "main", "commit": "1".repeat(40) });
    let unreached = scene.api.post(&builds, unreached).expect(201).json();
    assert_eq!(unreached["trust"], "loose", "no branch or tag reaches it");
    for bad in [
        json!({ "rule": "main", "ref": "refs/heads/none" }),
        json!({ "rule": "main", "ref": "--upload-pack=x" }),
        json!({ "rule": "main", "commit": "1111111" }),
        json!({ "rule": "main", "commit": &head[..6] }),
        json!({ "rule": "main", "commit": "--all" }),
        json!({ "rule": "other", "ref": "refs/heads/main" }),
        json!({ "dockerfile": DOCKERFILE, "version": "la test" }),
        json!({ "version": "x" }),
    ] {
        scene
            .api
            .post(&builds, bad)
            .expect_problem(400, "invalid_field");
    }
}

#[test]
fn an_image_is_made_from_a_git_repository_in_one_step() {
    let scene = Scene::new();
    let name = format!("{}/from-git", scene.person.username);
    let rule = json!({ "name": "main", "source": scene.source, "remote": "app.git" });
    let body = json!({ "name": name, "rule": rule });
    let made = scene
        .api
        .post("/repositories-from-git", body)
        .expect(201)
        .json();
    assert_eq!(made["repository"]["name"], name);
    assert_eq!(made["rule"]["remote"], "app.git");
    let missing = json!({ "name": "main", "source": scene.source, "remote": "none.git" });
    let other = format!("{}/not-made", scene.person.username);
    let refused = scene.api.post(
        "/repositories-from-git",
        json!({ "name": other, "rule": missing }),
    );
    refused.expect_one_of(&[400, 502]);
    let path = format!("/repositories/{}", encode_segment(&other));
    scene.api.get(&path).expect_problem(404, "not_found");
}
