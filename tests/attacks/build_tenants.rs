//! What belongs to builds, with the id of something that belongs to somebody else: under the other's address, and under
//! one's own. And what hosts tell, twice, late and about others.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use wharf_testkit::{
    Answer, ApiClient, ForgeProduct, ForgeServer, GitRepository, Login, Person, Server,
    encode_segment,
    forges::{Misbehavior, RegisteredHook, SentDelivery},
    unique_name,
};
use wharf_tests::wait_until;

use crate::world::erase;

/// A server that a code host reaches, that asks it by itself hardly ever, and begins no build.
fn start_server() -> Server {
    let config = "[egress]\nallow = [\"127.0.0.1\"]\n[build]\npoll_seconds = 3600\nconcurrency = 0";
    Server::builder().config(config).told_to_others().start()
}

/// Somebody with one of everything that builds have.
struct Tenant {
    person: Person,
    api: ApiClient,
    code: GitRepository,
    remote: String,
    repository: String,
    source: String,
    credential: String,
    link: String,
    trigger: String,
    trigger_secret: String,
    webhook: String,
    context: String,
}

fn id_of(answer: Answer) -> String {
    let made = answer.expect(201).json();
    made["id"].as_str().expect("an id").to_owned()
}

impl Tenant {
    fn create(server: &Server, host: &ForgeServer) -> Self {
        let person = server.user(&unique_name("tenant"));
        let api = server.api(&person.login());
        let namespace = &person.username;
        let remote = format!("{}/web", unique_name("acme"));
        host.add_group(remote.split('/').next().expect("a group"));
        let code = host.create_repository(&remote, true);
        code.push_files("main", "first", &[("Dockerfile", "FROM scratch\n")]);
        let connect = json!({ "kind": "gitlab", "address": host.url(), "token": host.token() });
        let source = id_of(api.post("/sources", connect));
        let [repository, base] = ["app", "base"].map(|name| format!("{namespace}/{name}"));
        for name in [&repository, &base] {
            api.post("/repositories", json!({ "name": name }))
                .expect(201);
        }
        let path = format!("/repositories/{}", encode_segment(&repository));
        let rule = json!({
            "name": "main", "source": source, "remote": remote,
            "definition": { "trigger": { "branches": true } },
        });
        api.post(&format!("{path}/rules"), rule).expect(201);
        let set = api.put(
            &format!("{path}/rules/main/secrets/token"),
            json!({ "value": "hidden" }),
        );
        set.expect(204);
        let link = id_of(api.post(&format!("{path}/links"), json!({ "base": base })));
        let urls = format!("{path}/rules/main/trigger-urls");
        let trigger = api.post(&urls, json!({ "name": "ci" })).expect(201).json();
        let login = json!({ "host": "r.example", "username": "u", "password": "p" });
        let credential = id_of(api.post(&format!("/namespaces/{namespace}/credentials"), login));
        let started = json!({ "rule": "main", "ref": "refs/heads/main" });
        api.post(&format!("{path}/builds"), started).expect(201);
        let upload = api.request(Method::POST, &format!("{path}/build-contexts"));
        let upload = upload.body("application/x-tar", vec![0_u8; 1024]).send();
        let context = id_of(upload);
        let mut webhook = Value::Null;
        wait_until("the webhook is there", || {
            let listed = api.get(&format!("/sources/{source}/webhooks"));
            webhook = listed.expect(200).json()["items"][0].clone();
            webhook["state"] == "active" && host.webhooks(&remote).len() == 1
        });
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        Self {
            api,
            code,
            remote,
            source,
            credential,
            link,
            trigger: text(&trigger["id"]),
            trigger_secret: text(&trigger["secret"]),
            webhook: text(&webhook["id"]),
            context,
            repository,
            person,
        }
    }

    fn path(&self, rest: &str) -> String {
        format!("/repositories/{}{rest}", encode_segment(&self.repository))
    }

    /// A template with these of one's own, and those of somebody else's.
    fn fill(template: &str, parent: &Self, child: &Self) -> String {
        template
            .replace("{credential}", &child.credential)
            .replace("{webhook}", &child.webhook)
            .replace("{link}", &child.link)
            .replace("{trigger}", &child.trigger)
            .replace("{source}", &parent.source)
            .replace("{namespace}", &parent.person.username)
            .replace("{name}", &encode_segment(&parent.repository))
    }

    /// What its owner sees of it all. When it was last used and looked at may change.
    fn take_snapshot(&self) -> Vec<Value> {
        let lists = [
            self.path("/rules/main"),
            self.path("/rules/main/decisions"),
            self.path("/rules/main/trigger-urls"),
            self.path("/links"),
            self.path("/builds"),
            format!("/sources/{}/webhooks/{}", self.source, self.webhook),
            format!(
                "/namespaces/{}/credentials/{}",
                self.person.username, self.credential
            ),
        ];
        let read = |path: &String| self.api.get(path).expect(200).json();
        lists.iter().map(read).collect()
    }
}

/// Every route of builds that names something: method, template, body.
fn list_routes() -> Vec<(Method, &'static str, Value)> {
    let none = || Value::Null;
    let empty = || json!({});
    vec![
        (Method::GET, "/repositories/{name}/rules", none()),
        (
            Method::POST,
            "/repositories/{name}/rules",
            json!({ "name": "mine", "source": "01920000-0000-7000-8000-000000000000", "remote": "a/b" }),
        ),
        (Method::GET, "/repositories/{name}/rules/main", none()),
        (
            Method::PATCH,
            "/repositories/{name}/rules/main",
            json!({ "enabled": false }),
        ),
        (
            Method::GET,
            "/repositories/{name}/rules/main/decisions",
            none(),
        ),
        (
            Method::POST,
            "/repositories/{name}/rules/main/heads",
            empty(),
        ),
        (
            Method::PUT,
            "/repositories/{name}/rules/main/secrets/token",
            json!({ "value": "taken" }),
        ),
        (
            Method::DELETE,
            "/repositories/{name}/rules/main/secrets/token",
            none(),
        ),
        (
            Method::GET,
            "/repositories/{name}/rules/main/trigger-urls",
            none(),
        ),
        (
            Method::POST,
            "/repositories/{name}/rules/main/trigger-urls",
            json!({ "name": "mine" }),
        ),
        (
            Method::POST,
            "/repositories/{name}/rule-trials",
            json!({ "rule": "main" }),
        ),
        (Method::GET, "/repositories/{name}/links", none()),
        (
            Method::POST,
            "/repositories/{name}/links",
            json!({ "base": "library/alpine" }),
        ),
        (Method::GET, "/repositories/{name}/builds", none()),
        (
            Method::POST,
            "/repositories/{name}/builds",
            json!({ "rule": "main", "ref": "refs/heads/main" }),
        ),
        (
            Method::POST,
            "/repositories/{name}/build-contexts",
            none(),
        ),
        (Method::GET, "/repositories/{name}/builds/1", none()),
        (Method::GET, "/repositories/{name}/builds/1/log", none()),
        (
            Method::GET,
            "/repositories/{name}/builds/1/log/stream",
            none(),
        ),
        (
            Method::POST,
            "/repositories/{name}/builds/1/cancel",
            none(),
        ),
        (Method::POST, "/repositories/{name}/builds/1/retry", none()),
        (
            Method::POST,
            "/repositories/{name}/builds/1/pushes/01920000-0000-7000-8000-000000000000/retry",
            none(),
        ),
        (Method::DELETE, "/repositories/{name}/rules/main", none()),
    ]
    .into_iter()
    .chain(list_children())
    .collect()
}

/// Those of them that name something below something: somebody else's may be named below one's own.
fn list_children() -> Vec<(Method, &'static str, Value)> {
    let none = || Value::Null;
    vec![
        (
            Method::DELETE,
            "/repositories/{name}/rules/main/trigger-urls/{trigger}",
            none(),
        ),
        (
            Method::PATCH,
            "/repositories/{name}/links/{link}",
            json!({ "active": false }),
        ),
        (Method::DELETE, "/repositories/{name}/links/{link}", none()),
        (Method::GET, "/sources/{source}/webhooks/{webhook}", none()),
        (
            Method::GET,
            "/sources/{source}/webhooks/{webhook}/deliveries",
            none(),
        ),
        (
            Method::GET,
            "/sources/{source}/webhooks/{webhook}/attempts",
            none(),
        ),
        (
            Method::POST,
            "/sources/{source}/webhooks/{webhook}/repair",
            json!({}),
        ),
        (
            Method::POST,
            "/sources/{source}/webhooks/{webhook}/secret",
            json!({}),
        ),
        (
            Method::GET,
            "/namespaces/{namespace}/credentials/{credential}",
            none(),
        ),
        (
            Method::PATCH,
            "/namespaces/{namespace}/credentials/{credential}",
            json!({ "username": "taken" }),
        ),
        (
            Method::POST,
            "/namespaces/{namespace}/credentials/{credential}/test",
            json!({}),
        ),
        (
            Method::DELETE,
            "/namespaces/{namespace}/credentials/{credential}",
            none(),
        ),
    ]
}

fn send(api: &ApiClient, method: &Method, target: &str, body: &Value) -> Answer {
    let request = api.request(method.clone(), target);
    if target.ends_with("/build-contexts") {
        return request.body("application/x-tar", vec![0_u8; 1024]).send();
    }
    match body.is_null() {
        true => request.send_undescribed(),
        false => request.json(body.clone()).send(),
    }
}

#[test]
fn c23_rules_links_triggers_builds_and_webhooks_of_another_tenant_are_as_good_as_missing() {
    let (server, host) = (start_server(), ForgeServer::start(ForgeProduct::GitLab));
    let [victim, attacker] = [0, 1].map(|_| Tenant::create(&server, &host));
    let before = victim.take_snapshot();
    let ghost = Tenant {
        repository: victim.repository.replace("tenant", "ghosts"),
        source: "01920000-0000-7000-8000-000000000000".into(),
        person: Person {
            username: victim.person.username.replace("tenant", "ghosts"),
            ..victim.person.clone()
        },
        api: server.api(&attacker.person.login()),
        code: victim.code.clone(),
        remote: victim.remote.clone(),
        credential: attacker.credential.clone(),
        link: attacker.link.clone(),
        trigger: attacker.trigger.clone(),
        trigger_secret: String::new(),
        webhook: attacker.webhook.clone(),
        context: attacker.context.clone(),
    };
    let names = [
        victim.repository.as_str(),
        &ghost.repository,
        &victim.source,
        &ghost.source,
        &victim.person.username,
        &ghost.person.username,
    ];
    for (method, template, body) in list_routes() {
        let theirs = Tenant::fill(template, &victim, &victim);
        let hidden = send(&attacker.api, &method, &theirs, &body);
        assert_eq!(hidden.status, 404, "{method} {}", hidden.describe());
        let nobodys = Tenant::fill(template, &ghost, &victim);
        let absent = send(&attacker.api, &method, &nobodys, &body);
        assert_eq!(
            erase(&hidden, &names),
            erase(&absent, &names),
            "{method} {theirs}"
        );
    }
    // Below one's own, an id of somebody else's is an id of nothing.
    for (method, template, body) in list_children() {
        let mixed = Tenant::fill(template, &attacker, &victim);
        let missing = send(&attacker.api, &method, &mixed, &body);
        assert_eq!(missing.status, 404, "{method} {}", missing.describe());
    }
    for body in [
        json!({ "context": victim.context, "version": "v1" }),
        json!({ "rule": "main", "context": victim.context }),
    ] {
        attacker
            .api
            .post(&attacker.path("/builds"), body)
            .expect_problem(400, "invalid_field");
    }
    let foreign = json!({ "name": "foreign", "source": victim.source, "remote": victim.remote });
    let refused = attacker.api.post(&attacker.path("/rules"), foreign);
    refused.expect_problem(400, "invalid_field");
    let moved = json!({ "source": victim.source, "remote": victim.remote });
    let refused = attacker.api.patch(&attacker.path("/rules/main"), moved);
    refused.expect_problem(400, "invalid_field");
    let linked = json!({ "base": victim.repository });
    let refused = attacker.api.post(&attacker.path("/links"), linked);
    refused.expect_problem(400, "invalid_field");
    // One's own secret opens nobody else's trigger.
    let anonymous = server.registry(&Login::Anonymous);
    let called = anonymous.request(
        Method::POST,
        &format!("/triggers/{}/{}", victim.trigger, attacker.trigger_secret),
    );
    assert_eq!(called.send().status, 404);
    assert_eq!(victim.take_snapshot(), before);
    // The same requests do something for the owner.
    for (method, template, body) in list_children() {
        let own = Tenant::fill(template, &victim, &victim);
        let done = send(&victim.api, &method, &own, &body);
        assert!(done.status.is_success(), "{method} {}", done.describe());
    }
}

#[test]
fn c23_every_route_of_builds_that_names_something_was_tried() {
    let server = start_server();
    let strip = |path: &str| {
        let segments = path.split('/').map(|segment| match segment {
            "main" | "token" | "1" => "{}",
            id if id.starts_with('{') || id.starts_with("0192") => "{}",
            other => other,
        });
        segments.collect::<Vec<_>>().join("/")
    };
    let routes = list_routes();
    let tried: BTreeSet<String> = routes
        .iter()
        .map(|(method, template, _)| format!("{method} {}", strip(template)))
        .collect();
    let api = server.api(&server.admin());
    for operation in api.contract().operations() {
        let path = strip(&operation.path);
        let ours = ["{webhook}", "}/rule", "}/link", "}/build", "{credential}"]
            .iter()
            .any(|part| operation.path.contains(part))
            && !operation.path.ends_with("/sources/{source}/rules");
        let route = format!("{} {path}", operation.method);
        assert!(!ours || tried.contains(&route), "{route} has no row");
    }
}

#[test]
fn c05_no_build_asks_for_the_machines_own_rights() {
    let (server, host) = (start_server(), ForgeServer::start(ForgeProduct::GitLab));
    let tenant = Tenant::create(&server, &host);
    let before = tenant.api.get(&tenant.path("/builds")).expect(200).json();
    for field in [
        "privileged",
        "security",
        "network",
        "devices",
        "allow",
        "entitlements",
        "cgroup_parent",
    ] {
        let mut body = json!({ "dockerfile": "FROM scratch\nCOPY a /\n", "version": "v1" });
        body[field] = json!("host");
        let refused = tenant.api.post(&tenant.path("/builds"), body);
        assert_eq!(refused.status, 400, "{field}: {}", refused.describe());
    }
    for definition in [
        json!({ "network": "host" }),
        json!({ "privileged": true }),
        json!({ "security": "insecure" }),
        json!({ "devices": ["/dev/kvm"] }),
    ] {
        let change = json!({ "definition": definition });
        let refused = tenant.api.patch(&tenant.path("/rules/main"), change);
        assert_eq!(refused.status, 400, "{definition}: {}", refused.describe());
    }
    let after = tenant.api.get(&tenant.path("/builds")).expect(200).json();
    assert_eq!(after, before, "none was started");
}

#[test]
fn h32_no_name_of_a_build_signs_anybody_in() {
    let (server, host) = (start_server(), ForgeServer::start(ForgeProduct::GitLab));
    let tenant = Tenant::create(&server, &host);
    tenant.api.get(&tenant.path("/builds/1")).expect(200);
    // A build has no credential at all: the server itself acts for it. What looks like one is a guess.
    for (username, password) in [
        ("build:1".to_owned(), String::from("1")),
        (String::from("build:1"), tenant.trigger_secret.clone()),
        ("build".to_owned(), String::from("1")),
        ("system".to_owned(), String::from("x")),
        ("trigger:ci".to_owned(), tenant.trigger_secret.clone()),
        (
            tenant.person.username.clone(),
            tenant.trigger_secret.clone(),
        ),
    ] {
        let login = Person { username, password }.login();
        let repository = server.registry(&login).repository(&tenant.repository);
        let answer = repository.get_manifest("latest");
        assert_eq!(answer.status, 401, "{}", answer.describe());
        let shown = server.api(&login).get(&tenant.path("/builds/1"));
        assert_eq!(shown.status, 401, "{}", shown.describe());
    }
}

fn decisions_of(tenant: &Tenant) -> Vec<Value> {
    let path = tenant.path("/rules/main/decisions");
    tenant.api.read_all(&path, 1000)
}

fn wait_for_decision(tenant: &Tenant, new: &str) {
    wait_until("the push is decided", || {
        decisions_of(tenant).iter().any(|made| made["new"] == new)
    });
}

fn builds_of(tenant: &Tenant, commit: &str) -> usize {
    let builds = tenant.api.read_all(&tenant.path("/builds"), 1000);
    builds.iter().filter(|it| it["commit"] == commit).count()
}

#[test]
fn f48_deliveries_twice_and_in_any_order_build_each_commit_once_and_end_at_the_head() {
    let (server, host) = (start_server(), ForgeServer::start(ForgeProduct::GitLab));
    let tenant = Tenant::create(&server, &host);
    let push = |message: &str| tenant.code.push_files("main", message, &[("a", message)]);
    host.misbehave(Misbehavior::Duplicate);
    let twice = push("twice");
    wait_for_decision(&tenant, &twice);
    let about = |commit: &str| {
        let named = |it: &SentDelivery| String::from_utf8_lossy(&it.body).contains(commit);
        host.deliveries()
            .into_iter()
            .filter(named)
            .collect::<Vec<_>>()
    };
    wait_until("both were answered", || about(&twice).len() == 2);
    for sent in about(&twice) {
        host.send_again(&sent);
    }
    assert!(about(&twice).iter().all(|sent| sent.status == Some(200)));
    assert_eq!(builds_of(&tenant, &twice), 1);

    host.misbehave(Misbehavior::Hold);
    let pushed: Vec<_> = ["one", "two", "three"].map(push).into();
    assert_eq!(host.release_held(3, true), 3);
    let last = &pushed[2];
    wait_for_decision(&tenant, last);
    assert_eq!(builds_of(&tenant, last), 1);
    for commit in &pushed {
        assert!(builds_of(&tenant, commit) <= 1, "{commit}");
    }
    // The newest decision that moved the ref is the head's, whatever came late.
    let head = decisions_of(&tenant)
        .into_iter()
        .find(|it| it["decision"] == "built");
    assert_eq!(head.expect("a decision")["new"], *last);

    // A push back is a push like any other: it is built again.
    host.misbehave(Misbehavior::None);
    let tree = tenant.code.clone_work_tree();
    tree.git(&[
        "push",
        "--force",
        "origin",
        &format!("{twice}:refs/heads/main"),
    ]);
    wait_until("the push back is built", || builds_of(&tenant, &twice) == 2);
}

/// Posts a delivery as it stands.
fn post(server: &Server, hook: &RegisteredHook, headers: &[(&str, &str)], body: &str) -> Answer {
    let path = hook
        .url
        .strip_prefix(server.url())
        .expect("a webhook of ours");
    let client = server.registry(&Login::Anonymous);
    let mut request = client.request(Method::POST, path);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    request.body(body.to_owned()).send()
}

#[test]
fn h61_a_signed_delivery_that_is_older_than_five_minutes_is_refused() {
    let (server, host) = (start_server(), ForgeServer::start(ForgeProduct::GitLab));
    host.sign_deliveries();
    let tenant = Tenant::create(&server, &host);
    let hook = host.webhooks(&tenant.remote)[0].clone();
    let body = json!({ "object_kind": "note" }).to_string();
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("a time after 1970")
        .as_secs();
    let send = |id: &str, time: u64| {
        let time = time.to_string();
        let signature = host.sign_at(&hook, id, &time, body.as_bytes());
        let headers = [
            ("content-type", "application/json"),
            ("x-gitlab-event", "Note Hook"),
            ("x-gitlab-event-uuid", id),
            ("idempotency-key", id),
            ("webhook-id", id),
            ("webhook-timestamp", time.as_str()),
            ("webhook-signature", signature.as_str()),
        ];
        post(&server, &hook, &headers, &body)
    };
    for (id, time) in [("1", now - 301 - 60), ("2", now + 301 + 60), ("3", 0)] {
        let refused = send(id, time);
        assert_eq!(refused.status, 401, "{id}: {}", refused.describe());
    }
    let taken = send("4", now);
    assert_eq!(taken.status, 200, "{}", taken.describe());
    let listed = format!(
        "/sources/{}/webhooks/{}/deliveries",
        tenant.source, tenant.webhook
    );
    let listed = tenant.api.get(&listed).expect(200).json();
    assert_eq!(
        listed["items"].as_array().map(Vec::len),
        Some(1),
        "{listed}"
    );
}

#[test]
fn c29_a_fork_a_comment_and_a_request_of_somebody_named_like_the_owner_start_nothing() {
    let (server, host) = (start_server(), ForgeServer::start(ForgeProduct::GitLab));
    let tenant = Tenant::create(&server, &host);
    let (decided, built) = (
        decisions_of(&tenant).len(),
        tenant.api.read_all(&tenant.path("/builds"), 1000).len(),
    );
    let known = host.deliveries().len();
    let commit = "1".repeat(40);
    for (event, kind) in [
        ("Note Hook", "note"),
        ("Merge Request Hook", "merge_request"),
        ("Job Hook", "build"),
        ("Pipeline Hook", "pipeline"),
    ] {
        let body = json!({
            "object_kind": kind, "ref": "refs/heads/main", "after": commit, "user_username": tenant.person.username,
            "user": { "username": tenant.person.username },
            "object_attributes": {
                "source_branch": "main", "target_branch": "main", "last_commit": {
                    "id": commit, "message": "trust me", "author": { "name": tenant.person.username },
                },
            },
        });
        host.send_event(&tenant.remote, event, &body.to_string());
    }
    let sent = host.deliveries().split_off(known);
    assert_eq!(sent.len(), 4);
    for sent in &sent {
        assert_eq!(sent.status, Some(200), "{}", sent.event);
    }
    assert_eq!(decisions_of(&tenant).len(), decided);
    let builds = tenant.api.read_all(&tenant.path("/builds"), 1000);
    assert_eq!(builds.len(), built);
    // Somebody who may build can have it built by hand, as what nobody vouches for.
    let start = json!({ "rule": "main", "commit": commit });
    let loose = tenant.api.post(&tenant.path("/builds"), start);
    let loose = loose.expect(201).json();
    assert_eq!(loose["trust"], "loose", "{loose}");
    let start = json!({ "rule": "main", "commit": commit, "version": "main" });
    let refused = tenant.api.post(&tenant.path("/builds"), start);
    let refused = refused.expect_problem(400, "invalid_field").json();
    assert_eq!(refused["params"]["reason"], "tag_of_rule", "{refused}");
}
