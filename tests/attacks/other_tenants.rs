//! Every route that names something, with the name of something that belongs to somebody else.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use wharf_testkit::{Answer, ApiClient, ImageMaker, encode_segment, unique_name};

use crate::world::{World, erase};

/// An id of nothing.
const NOTHING: &str = "01920000-0000-7000-8000-000000000000";

/// What routes can name.
struct Scene {
    namespace: String,
    robot: String,
    member: String,
    repository: String,
    tag: String,
    digest: String,
    token: String,
    source: String,
    credential: String,
    /// A line of the audit log.
    entry: String,
}

impl Scene {
    /// Something of each kind that belongs to the victim.
    fn create(world: &World) -> Self {
        let api = world.victim_api();
        let namespace = unique_name("owned");
        api.post("/namespaces", json!({ "name": namespace }))
            .expect(201);
        let robot = world
            .server
            .robot_by(&world.victim_login(), &namespace, "ci", &["pull"]);
        // A third person: neither of the two that this is about.
        let member = format!("/namespaces/{namespace}/members/admin");
        api.put(&member, json!({ "role": "reader" })).expect(200);
        let repository = world
            .victim_registry()
            .repository(&format!("{namespace}/app"));
        let image = ImageMaker::new(namespace.as_str()).make();
        repository.push_image("v1", &image);
        let token = world
            .server
            .token(&world.victim, &unique_name("owned"), &["pull"]);
        assert_eq!(robot.username, format!("{namespace}+ci"));
        let id_of = |answer: Answer| {
            answer.expect(201).json()["id"]
                .as_str()
                .expect("an id")
                .to_owned()
        };
        // Over ssh nobody is dialed, so no server has to be there.
        let body = json!({ "kind": "git", "address": "ssh://1.1.1.1" });
        let source = id_of(api.post("/sources", body));
        let body = json!({ "host": "r.example", "username": "u", "password": "p" });
        let credential = id_of(api.post(&format!("/namespaces/{namespace}/credentials"), body));
        let lines = api
            .get(&format!("/audit?namespace={namespace}"))
            .expect(200);
        let entry = lines.json()["items"][0]["id"]
            .as_str()
            .expect("a line")
            .to_owned();
        Self {
            robot: "ci".into(),
            member: "admin".into(),
            repository: repository.name().to_owned(),
            tag: "v1".into(),
            digest: image.digest().to_string(),
            token: token.id().to_owned(),
            source,
            credential,
            entry,
            namespace,
        }
    }

    /// The same with names of nothing, each as long as the real one.
    fn make_ghost(&self) -> Self {
        let twist = |text: &str| text.replace("owned", "ghost").replace("app", "ppa");
        Self {
            namespace: twist(&self.namespace),
            robot: self.robot.clone(),
            member: self.member.clone(),
            repository: twist(&self.repository),
            tag: self.tag.clone(),
            digest: self.digest.clone(),
            token: NOTHING.into(),
            source: NOTHING.into(),
            credential: NOTHING.into(),
            entry: self.entry.clone(),
        }
    }

    fn fill(&self, template: &str) -> String {
        template
            .replace(
                "{namespace}/robots/{name}",
                &format!("{}/robots/{}", self.namespace, self.robot),
            )
            .replace("{namespace}", &self.namespace)
            .replace("{source}", &self.source)
            .replace("{credential}", &self.credential)
            .replace("{entry}", &self.entry)
            .replace("{webhook}", NOTHING)
            // No path, so that nobody is asked.
            .replace("{remote}", "acme%2F..%2Fweb")
            .replace("{username}", &self.member)
            .replace("{tag}", &self.tag)
            .replace("{digest}", &self.digest)
            .replace("{id}", &self.token)
            .replace("{name}", &encode_segment(&self.repository))
    }

    fn names(&self) -> Vec<&str> {
        vec![
            &self.repository,
            &self.namespace,
            &self.token,
            &self.source,
            &self.credential,
        ]
    }
}

/// A request and the status that its rightful owner gets.
struct Attempt {
    method: Method,
    template: &'static str,
    body: Value,
    success: u16,
}

/// Every route that names something of a tenant, in an order in which the owner can do them all.
fn list_attempts() -> Vec<Attempt> {
    let row = |method: Method, template, body, success| Attempt {
        method,
        template,
        body,
        success,
    };
    let get = |template| row(Method::GET, template, Value::Null, 200);
    let asked = |template| row(Method::GET, template, Value::Null, 409);
    let refused = |template| row(Method::GET, template, Value::Null, 400);
    let delete = |template| row(Method::DELETE, template, Value::Null, 204);
    vec![
        get("/namespaces/{namespace}"),
        get("/namespaces/{namespace}/members"),
        get("/namespaces/{namespace}/members/{username}"),
        get("/namespaces/{namespace}/robots"),
        get("/namespaces/{namespace}/robots/{name}"),
        get("/repositories/{name}"),
        get("/repositories/{name}/tags"),
        get("/repositories/{name}/tags/{tag}"),
        get("/repositories/{name}/manifests/{digest}"),
        get("/repositories/{name}/manifests/{digest}/referrers"),
        get("/repositories/{name}/compare?a={tag}&b={tag}"),
        get("/repositories/{name}/readme"),
        get("/repositories/{name}/decisions"),
        get("/repositories/{name}/stats"),
        get("/namespaces/{namespace}/stats"),
        get("/audit?namespace={namespace}"),
        get("/audit/{entry}?namespace={namespace}"),
        get("/namespaces/{namespace}/credentials"),
        get("/namespaces/{namespace}/credentials/{credential}"),
        get("/namespaces/{namespace}/deletion"),
        get("/repositories/{name}/deletion"),
        get("/repositories/{name}/rules"),
        get("/repositories/{name}/links"),
        get("/repositories/{name}/builds"),
        get("/sources/{source}"),
        get("/sources/{source}/rules"),
        get("/sources/{source}/webhooks"),
        // The owner of a server of plain git hears that it has no lists, and that a path is none.
        asked("/sources/{source}/owners"),
        asked("/sources/{source}/repositories"),
        refused("/sources/{source}/repositories/{remote}/branches"),
        refused("/sources/{source}/repositories/{remote}/tags"),
        row(Method::POST, "/sources/{source}/check", json!({}), 200),
        row(
            Method::PATCH,
            "/sources/{source}",
            json!({ "username": "taken" }),
            200,
        ),
        row(
            Method::PATCH,
            "/namespaces/{namespace}/credentials/{credential}",
            json!({ "host": "taken.example" }),
            200,
        ),
        row(
            Method::POST,
            "/namespaces/{namespace}/credentials/{credential}/test",
            json!({}),
            200,
        ),
        row(
            Method::POST,
            "/namespaces/{namespace}/credentials",
            json!({ "host": "new.example", "username": "u", "password": "p" }),
            201,
        ),
        row(
            Method::PATCH,
            "/namespaces/{namespace}",
            json!({ "description": "taken" }),
            200,
        ),
        row(
            Method::PATCH,
            "/repositories/{name}",
            json!({ "public": true }),
            200,
        ),
        row(
            Method::PATCH,
            "/namespaces/{namespace}/robots/{name}",
            json!({ "disabled": true }),
            200,
        ),
        row(
            Method::POST,
            "/namespaces/{namespace}/robots",
            json!({ "name": "new", "actions": ["pull"] }),
            201,
        ),
        row(
            Method::POST,
            "/namespaces/{namespace}/robots/{name}/secret",
            json!({}),
            200,
        ),
        row(
            Method::PUT,
            "/namespaces/{namespace}/members/{username}",
            json!({ "role": "developer" }),
            200,
        ),
        row(
            Method::PUT,
            "/repositories/{name}/favorite",
            Value::Null,
            204,
        ),
        delete("/sources/{source}"),
        delete("/namespaces/{namespace}/credentials/{credential}"),
        delete("/repositories/{name}/favorite"),
        row(
            Method::POST,
            "/repositories/{name}/tag-deletions",
            json!({ "tags": ["nothing"] }),
            200,
        ),
        delete("/repositories/{name}/tags/{tag}"),
        delete("/repositories/{name}"),
        delete("/namespaces/{namespace}/robots/{name}"),
        delete("/namespaces/{namespace}/members/{username}"),
        delete("/namespaces/{namespace}"),
        delete("/tokens/{id}"),
    ]
}

fn send(api: &ApiClient, attempt: &Attempt, scene: &Scene) -> Answer {
    let target = scene.fill(attempt.template);
    let request = api.request(attempt.method.clone(), &target);
    if attempt.body.is_null() {
        request.send()
    } else {
        request.json(attempt.body.clone()).send()
    }
}

/// What the owner sees of it all.
fn take_snapshot(api: &ApiClient, scene: &Scene) -> Vec<String> {
    let lists = list_attempts()
        .into_iter()
        .filter(|attempt| attempt.method == Method::GET && attempt.success == 200)
        // The counts of what happened before come a few seconds later.
        .filter(|attempt| !attempt.template.ends_with("/stats"));
    let mut seen: Vec<String> = lists
        .map(|attempt| send(api, &attempt, scene).expect(200).text())
        .collect();
    // Other tests of this world give the owner tokens as well.
    let tokens = api.read_all("/tokens", 1000);
    let own = tokens.iter().filter(|token| token["id"] == scene.token);
    seen.extend(own.map(|token| token["id"].to_string()));
    seen
}

#[test]
fn c23_what_belongs_to_another_tenant_is_as_good_as_missing() {
    let world = World::get();
    let scene = Scene::create(world);
    let ghost = scene.make_ghost();
    let (owner, attacker) = (world.victim_api(), world.attacker_api());
    let robot = world.server.robot_by(
        &world.attacker_login(),
        &world.attacker.username,
        &unique_name("of-the-attacker"),
        &["pull", "push", "delete"],
    );
    let robot = world.server.api(&robot.login());
    let before = take_snapshot(&owner, &scene);
    for attempt in &list_attempts() {
        let hidden = send(&attacker, attempt, &scene).expect_problem(404, "not_found");
        let absent = send(&attacker, attempt, &ghost);
        let names = [scene.names(), ghost.names()].concat();
        assert_eq!(
            erase(&hidden, &names),
            erase(&absent, &names),
            "{}",
            hidden.url
        );
        // A machine's account hears the same, or that it is no person.
        let refused = send(&robot, attempt, &scene);
        assert!(
            [403, 404].contains(&refused.status.as_u16()),
            "{}",
            refused.describe()
        );
    }
    assert_eq!(take_snapshot(&owner, &scene), before);
    // Byte for byte the same requests do all of it for the owner.
    for attempt in &list_attempts() {
        send(&owner, attempt, &scene).expect(attempt.success);
    }
}

#[test]
fn c23_users_are_the_administrators_alone() {
    let world = World::get();
    let (attacker, admin) = (world.attacker_api(), world.admin_api());
    let person = world.server.user(&unique_name("tenant"));
    let page = format!("/users/{}", person.username);
    let before = admin.get(&page).expect(200).text();
    for target in [page.as_str(), "/users/nobody-of-this-name"] {
        attacker.get(target).expect_problem(403, "denied");
        attacker.delete(target).expect_problem(403, "denied");
        let body = json!({ "disabled": true });
        attacker.patch(target, body).expect_problem(403, "denied");
        let body = json!({ "new_password": "a password of mine" });
        let target = format!("{target}/password");
        attacker.post(&target, body).expect_problem(403, "denied");
    }
    assert_eq!(admin.get(&page).expect(200).text(), before);
    admin.patch(&page, json!({ "disabled": true })).expect(200);
    admin.delete(&page).expect(204);
}

/// A template without its query and without the names of its parameters.
fn strip(template: &str) -> String {
    let path = template.split('?').next().unwrap_or_default();
    path.split('/')
        .map(|segment| {
            if segment.starts_with('{') {
                "{}"
            } else {
                segment
            }
        })
        .collect::<Vec<_>>()
        .join("/")
}

#[test]
fn c23_every_route_that_names_something_was_tried() {
    let world = World::get();
    let tried: BTreeSet<String> = list_attempts()
        .iter()
        .map(|attempt| format!("{} {}", attempt.method, strip(attempt.template)))
        .collect();
    let api = world.admin_api();
    for operation in api.contract().operations() {
        let route = format!("{} {}", operation.method, strip(&operation.path));
        // Webhooks, sign-ins, removals, rules, links and builds come with code hosts; `access` asks for those of others.
        // Clusters are the administrators' alone; triggers are tried in `trigger_tenants`.
        // Sessions have `h66`.
        let elsewhere = [
            "/users/",
            "/me/",
            "/device-logins/",
            "/web-logins/",
            "/removals/",
            "/clusters/",
        ]
        .iter()
        .any(|start| operation.path.starts_with(start))
            || [
                "{webhook}",
                "}/rule",
                "}/link",
                "}/build",
                "}/trigger",
                "}/trace",
                "}/clusters",
            ]
            .iter()
            .any(|part| operation.path.contains(part));
        let named = operation.path.contains('{') && !elsewhere;
        assert!(!named || tried.contains(&route), "{route} has no row");
    }
}
