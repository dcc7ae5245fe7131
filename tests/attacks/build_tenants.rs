//! What belongs to builds, with the id of something that belongs to somebody else: under the other's address, and under
//! one's own.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use wharf_testkit::{Answer, ApiClient, ForgeProduct, ForgeServer, Login, Person};

use crate::tenant::{Tenant, start_server};
use crate::world::erase;

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
            "/repositories/{name}/builds/1/log/lines?from=1&to=2",
            none(),
        ),
        (
            Method::GET,
            "/repositories/{name}/builds/1/log/search?q=a",
            none(),
        ),
        (
            Method::GET,
            "/repositories/{name}/builds/1/log/steps",
            none(),
        ),
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
        let path = path.split('?').next().unwrap_or_default();
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
