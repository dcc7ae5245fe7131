//! Rows: rules, their secrets and trigger URLs, links, and builds started by hand.

use std::{
    collections::BTreeMap,
    sync::{Mutex, OnceLock},
};

use reqwest::Method;
use serde_json::{Value, json};
use wharf_testkit::{ApiClient, GitServer, Person, encode_segment, unique_name};

use crate::{
    rights::Right,
    row::{Attempt, Row, Scene},
    world::World,
};

/// An id of nothing.
const NOTHING: &str = "01920000-0000-7000-8000-000000000000";

/// The path of the repository that all rules build.
const REMOTE: &str = "app.git";

/// A git server with that repository, for the whole process.
fn git_server() -> &'static GitServer {
    static SERVER: OnceLock<GitServer> = OnceLock::new();
    SERVER.get_or_init(|| {
        let server = GitServer::start();
        let files = [("Dockerfile", "FROM scratch\nCOPY Dockerfile /\n")];
        server.create("app").push_files("main", "first", &files);
        server
    })
}

/// A person's own source for that server; each has one.
fn source_of(world: &World, person: &Person) -> String {
    static KEPT: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());
    let mut kept = KEPT.lock().expect("no thread panics here");
    let source = kept.entry(person.username.clone());
    let source = source.or_insert_with(|| connect(&world.server.api(&person.login())));
    source.clone()
}

fn connect(api: &ApiClient) -> String {
    let address = format!("http://{}", git_server().address());
    let made = api.post("/sources", json!({ "kind": "git", "address": address }));
    made.expect(201).json()["id"]
        .as_str()
        .expect("an id")
        .to_owned()
}

/// The caller's own source; none for who cannot have one, and is refused anyway.
fn own_source(at: &Attempt<'_>) -> String {
    if at.has_person() && at.principal != crate::principal::Principal::RevokedToken {
        source_of(at.world, &at.person())
    } else {
        NOTHING.to_owned()
    }
}

fn new_rule(source: &str) -> Value {
    json!({
        "name": unique_name("rule"), "source": source, "remote": REMOTE,
        "definition": { "trigger": { "branches": true } },
    })
}

/// A repository with an image, and a rule of an administrator's that builds it.
fn with_rule(world: &World, public: bool) -> Scene {
    static ADMIN: OnceLock<String> = OnceLock::new();
    let scene = Scene::with_image(world, public);
    let api = world.admin_api();
    let source = ADMIN.get_or_init(|| connect(&api));
    let path = format!("/repositories/{}/rules", encode_segment(&scene.repository));
    let made = api.post(&path, new_rule(source)).expect(201).json();
    Scene {
        name: made["name"].as_str().expect("a name").to_owned(),
        ..scene
    }
}

/// The same with a trigger URL, whose id takes the place of a digest.
fn with_trigger(world: &World, public: bool) -> Scene {
    let scene = with_rule(world, public);
    let made = world.admin_api().post(
        &format!(
            "/repositories/{}/rules/{}/trigger-urls",
            encode_segment(&scene.repository),
            scene.name
        ),
        json!({ "name": "ci" }),
    );
    Scene {
        config: made.expect(201).json()["id"]
            .as_str()
            .expect("an id")
            .to_owned(),
        ..scene
    }
}

fn with_secret(world: &World, public: bool) -> Scene {
    let scene = with_rule(world, public);
    let path = format!(
        "/repositories/{}/rules/{}/secrets/token",
        encode_segment(&scene.repository),
        scene.name
    );
    let api = world.admin_api();
    api.put(&path, json!({ "value": "hidden" })).expect(204);
    scene
}

/// A repository with an image and a link to another, whose id takes the place of a digest.
fn with_link(world: &World, public: bool) -> Scene {
    let scene = Scene::with_image(world, public);
    let (base, _) = world.push_image(false);
    let path = format!("/repositories/{}/links", encode_segment(&scene.repository));
    let made = world
        .admin_api()
        .post(&path, json!({ "base": base.name() }));
    Scene {
        config: made.expect(201).json()["id"]
            .as_str()
            .expect("an id")
            .to_owned(),
        ..scene
    }
}

/// `/repositories/NAME/rules/RULE` and what follows.
fn rule_path(at: &Attempt<'_>, rest: &str) -> String {
    at.repository_path(&format!("/rules/{}{rest}", at.scene.name))
}

pub(crate) fn rows() -> Vec<Row> {
    [rule_rows(), trigger_rows(), link_rows(), start_rows()].concat()
}

fn rule_rows() -> Vec<Row> {
    vec![
        Row::new("GET /repositories/{}/rules", Right::ViewBuilds, 200, |at| {
            at.api.get(&at.repository_path("/rules"))
        })
        .on(with_rule),
        Row::new(
            "POST /repositories/{}/rules",
            Right::ManageRules,
            201,
            |at| {
                let rule = new_rule(&own_source(at));
                at.api.post(&at.repository_path("/rules"), rule)
            },
        )
        .on(Scene::with_image),
        Row::new(
            "GET /repositories/{}/rules/{}",
            Right::ViewBuilds,
            200,
            |at| at.api.get(&rule_path(at, "")),
        )
        .on(with_rule),
        Row::new(
            "PATCH /repositories/{}/rules/{}",
            Right::ManageRules,
            200,
            |at| {
                let changes = json!({ "definition": { "skip_ci": false } });
                at.api.patch(&rule_path(at, ""), changes)
            },
        )
        .on(with_rule),
        Row::new(
            "DELETE /repositories/{}/rules/{}",
            Right::ManageRules,
            204,
            |at| at.api.delete(&rule_path(at, "")),
        )
        .on(with_rule)
        .consuming(),
        Row::new(
            "PUT /repositories/{}/rules/{}/secrets/{}",
            Right::ManageRules,
            204,
            |at| {
                let value = json!({ "value": "hidden" });
                at.api.put(&rule_path(at, "/secrets/token"), value)
            },
        )
        .on(with_rule),
        Row::new(
            "DELETE /repositories/{}/rules/{}/secrets/{}",
            Right::ManageRules,
            204,
            |at| at.api.delete(&rule_path(at, "/secrets/token")),
        )
        .on(with_secret)
        .consuming(),
        Row::new(
            "GET /repositories/{}/rules/{}/decisions",
            Right::ViewBuilds,
            200,
            |at| at.api.get(&rule_path(at, "/decisions")),
        )
        .on(with_rule),
        Row::new(
            "POST /repositories/{}/rule-trials",
            Right::ManageRules,
            200,
            |at| {
                let trial = json!({ "rule": at.scene.name });
                at.api.post(&at.repository_path("/rule-trials"), trial)
            },
        )
        .on(with_rule),
        Row::new("POST /dockerfile-checks", Right::SignIn, 200, |at| {
            at.api.post(
                "/dockerfile-checks",
                json!({ "dockerfile": "FROM scratch" }),
            )
        }),
        Row::new("POST /naming-previews", Right::SignIn, 200, |at| {
            let facts = json!({ "ref": "refs/heads/main", "commit": "1".repeat(40) });
            at.api.post("/naming-previews", facts)
        }),
        // Who makes the repository has to be its maintainer too.
        Row::new(
            "POST /repositories-from-git",
            Right::ManageRobots,
            201,
            |at| {
                let name = format!("{}/{}", at.scene.namespace, unique_name("made"));
                let rule = new_rule(&own_source(at));
                let body = json!({ "name": name, "rule": rule });
                at.api.post("/repositories-from-git", body)
            },
        )
        .on(Scene::with_namespace),
    ]
}

fn trigger_rows() -> Vec<Row> {
    vec![
        Row::new(
            "GET /repositories/{}/rules/{}/trigger-urls",
            Right::ManageRules,
            200,
            |at| at.api.get(&rule_path(at, "/trigger-urls")),
        )
        .on(with_rule),
        Row::new(
            "POST /repositories/{}/rules/{}/trigger-urls",
            Right::ManageRules,
            201,
            |at| {
                let name = json!({ "name": unique_name("made") });
                at.api.post(&rule_path(at, "/trigger-urls"), name)
            },
        )
        .on(with_rule),
        Row::new(
            "DELETE /repositories/{}/rules/{}/trigger-urls/{}",
            Right::ManageRules,
            204,
            |at| {
                let path = format!("/trigger-urls/{}", at.scene.config);
                at.api.delete(&rule_path(at, &path))
            },
        )
        .on(with_trigger)
        .consuming(),
    ]
}

fn link_rows() -> Vec<Row> {
    vec![
        Row::new("GET /repositories/{}/links", Right::ViewBuilds, 200, |at| {
            at.api.get(&at.repository_path("/links"))
        })
        .on(with_link),
        Row::new(
            "POST /repositories/{}/links",
            Right::ManageRules,
            201,
            |at| {
                let (base, _) = at.world.push_image(true);
                let link = json!({ "base": base.name() });
                at.api.post(&at.repository_path("/links"), link)
            },
        )
        .on(Scene::with_image),
        Row::new(
            "PATCH /repositories/{}/links/{}",
            Right::ManageRules,
            200,
            |at| {
                let path = format!("/links/{}", at.scene.config);
                let off = json!({ "active": false });
                at.api.patch(&at.repository_path(&path), off)
            },
        )
        .on(with_link),
        Row::new(
            "DELETE /repositories/{}/links/{}",
            Right::ManageRules,
            204,
            |at| {
                let path = format!("/links/{}", at.scene.config);
                at.api.delete(&at.repository_path(&path))
            },
        )
        .on(with_link)
        .consuming(),
    ]
}

/// Starts a build of the scene's rule.
fn start(at: &Attempt<'_>, mut body: Value) -> wharf_testkit::Answer {
    body["rule"] = json!(at.scene.name);
    at.api.post(&at.repository_path("/builds"), body)
}

fn start_rows() -> Vec<Row> {
    vec![
        Row::new(
            "POST /repositories/{}/builds",
            Right::BuildAnything,
            201,
            |at| {
                let body =
                    json!({ "dockerfile": "FROM scratch\nCOPY x /\n", "version": "by-hand" });
                at.api.post(&at.repository_path("/builds"), body)
            },
        )
        .note("of a Dockerfile")
        .on(Scene::with_image),
        Row::new(
            "POST /repositories/{}/builds",
            Right::BuildAnything,
            201,
            |at| start(at, json!({ "commit": "1".repeat(40) })),
        )
        .note("of a commit that nothing reaches")
        .on(with_rule),
        Row::new(
            "POST /repositories/{}/builds",
            Right::BuildAnything,
            201,
            |at| {
                let version = unique_name("v");
                start(at, json!({ "ref": "refs/heads/main", "version": version }))
            },
        )
        .note("of a rule's ref under a chosen version")
        .on(with_rule),
        Row::new(
            "POST /repositories/{}/builds",
            Right::StartBuild,
            201,
            |at| start(at, json!({ "ref": "refs/heads/main" })),
        )
        .note("of a rule's ref")
        .on(with_rule),
        Row::new(
            "POST /repositories/{}/build-contexts",
            Right::StartBuild,
            201,
            |at| {
                let request = at
                    .api
                    .request(Method::POST, &at.repository_path("/build-contexts"));
                request.body("application/x-tar", vec![0_u8; 1024]).send()
            },
        )
        .on(Scene::with_image),
        Row::new(
            "POST /repositories/{}/rules/{}/heads",
            Right::StartBuild,
            201,
            |at| at.api.post(&rule_path(at, "/heads"), json!({})),
        )
        .on(with_rule),
    ]
}
