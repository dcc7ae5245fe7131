//! `/stream`: what people change, told to those who may see what was changed.

use serde_json::{Value, json};
use wharf_testkit::{Login, unique_name};

use crate::{
    SERVER, admin, fresh_person, fresh_repository, repository_path,
    streams::{Listener, push},
};

fn kind_of(data: &Value) -> &str {
    data["type"].as_str().unwrap_or_default()
}

/// What is said until `last`, which ends it, of this repository.
fn list_kinds(listener: &mut Listener, repository: &str, last: &str) -> Vec<String> {
    let mut kinds = Vec::new();
    listener.wait_for(|data| {
        if data["repository"] != repository {
            return false;
        }
        kinds.push(kind_of(data).to_owned());
        kind_of(data) == last
    });
    kinds
}

#[test]
fn an_image_that_is_made_edited_and_deleted_is_told_to_those_who_may_see_it() {
    let server = SERVER.get();
    let (stranger, _) = fresh_person();
    let (member, _) = fresh_person();
    let namespace = unique_name("team");
    admin()
        .post("/namespaces", json!({ "name": namespace }))
        .expect(201);
    server.member(&namespace, &member, "reader");
    let mut seeing = Listener::open(&server, &member.login(), "activity", "");
    let mut other = Listener::open(&server, &stranger.login(), "activity", "");
    let [hidden, shown] = ["hidden", "shown"].map(|name| format!("{namespace}/{name}"));
    for (name, public) in [(&hidden, false), (&shown, true)] {
        let body = json!({ "name": name, "public": public });
        admin().post("/repositories", body).expect(201);
    }
    let told = seeing.wait_for(|data| data["repository"] == hidden.as_str());
    assert_eq!(
        (kind_of(&told), &told["actor"]),
        ("repository_created", &json!("admin"))
    );
    for part in ["namespace", "public", "name"] {
        assert!(told.get(part).is_none(), "{told}");
    }
    let mut heard = Vec::new();
    let mut hear = |data: &Value| {
        assert_ne!(data["repository"], hidden.as_str(), "{data}");
        if data["repository"] == shown.as_str() {
            assert!(data.get("actor").is_none(), "{data}");
            heard.push(kind_of(data).to_owned());
        }
    };
    other.wait_for(|data| {
        hear(data);
        data["repository"] == shown.as_str()
    });
    let edit = json!({ "short_description": "what it is" });
    for name in [&hidden, &shown] {
        admin()
            .patch(&repository_path(name, ""), edit.clone())
            .expect(200);
    }
    other.wait_for(|data| {
        hear(data);
        kind_of(data) == "repository_edited"
    });
    // Whoever may not see it any more hears that it is gone, and nothing that happens to it later.
    let private = json!({ "public": false });
    admin()
        .patch(&repository_path(&shown, ""), private)
        .expect(200);
    other.wait_for(|data| {
        hear(data);
        kind_of(data) == "repository_deleted"
    });
    for name in [&hidden, &shown] {
        admin().delete(&repository_path(name, "")).expect(204);
    }
    let public = fresh_repository();
    push(&public, "v1");
    server.set_visibility(public.name(), true);
    other.wait_for(|data| {
        hear(data);
        data["repository"] == public.name()
    });
    assert_eq!(
        heard,
        [
            "repository_created",
            "repository_edited",
            "repository_deleted"
        ]
    );
    assert_eq!(
        list_kinds(&mut seeing, &shown, "repository_deleted"),
        [
            "repository_created",
            "repository_edited",
            "repository_edited",
            "repository_deleted"
        ]
    );
}

#[test]
fn what_is_changed_in_a_namespace_is_told_to_those_who_may_see_it() {
    let server = SERVER.get();
    let namespace = unique_name("team");
    admin()
        .post("/namespaces", json!({ "name": namespace }))
        .expect(201);
    let (reader, _) = fresh_person();
    let (maintainer, _) = fresh_person();
    let (stranger, _) = fresh_person();
    server.member(&namespace, &reader, "reader");
    server.member(&namespace, &maintainer, "maintainer");
    let topics = format!("namespace:{namespace},me");
    for login in [stranger.login(), Login::Anonymous] {
        let path = format!("/stream?topics=namespace:{namespace}");
        let api = server.api(&login);
        let answer = api.request(reqwest::Method::GET, &path).send_undescribed();
        answer.expect_problem(404, "not_found");
    }
    let mut of_reader = Listener::open(&server, &reader.login(), &topics, "");
    let mut of_maintainer = Listener::open(&server, &maintainer.login(), &topics, "");
    let robot = json!({ "name": "ci", "actions": ["pull"] });
    admin()
        .post(&format!("/namespaces/{namespace}/robots"), robot)
        .expect(201);
    let told = of_maintainer.wait_for(|data| kind_of(data) == "robot.create");
    assert_eq!(
        told.as_object().map(serde_json::Map::len),
        Some(2),
        "{told}"
    );
    let (another, _) = fresh_person();
    server.member(&namespace, &another, "developer");
    for listener in [&mut of_reader, &mut of_maintainer] {
        listener.wait_for(|data| {
            assert_ne!(kind_of(data), "robot.create", "told again, or to a reader");
            kind_of(data) == "member.set"
                && data["topic"] == format!("namespace:{namespace}").as_str()
        });
    }
}

#[test]
fn another_role_is_told_to_whoever_has_it() {
    let server = SERVER.get();
    let repository = fresh_repository();
    push(&repository, "v0");
    let (person, _) = fresh_person();
    let mut listener = Listener::open(&server, &person.login(), "me", "");
    let namespace = repository.name().split('/').next().expect("a namespace");
    server.member(namespace, &person, "reader");
    let told = listener.wait_for(|_| true);
    assert_eq!((kind_of(&told), &told["topic"]), ("rights", &json!("me")));
}

#[test]
fn administrators_alone_hear_of_all_changes_and_of_the_check_of_the_storage() {
    let server = SERVER.get();
    let (person, _) = fresh_person();
    let refused = Listener::open(&server, &person.login(), "administration,me", "").refused;
    assert_eq!(refused, json!(["administration"]));
    let mut listener = Listener::open(&server, &server.admin(), "administration", "");
    fresh_person();
    listener.wait_for(|data| kind_of(data) == "user.create");
    let begun = admin().post("/storage/check", json!({ "read_bytes": false }));
    begun.expect(201);
    listener.wait_for(|data| kind_of(data) == "storage_check");
}

#[test]
fn that_a_source_stands_otherwise_is_told_to_its_owner_alone() {
    // One that may dial this machine.
    let server = crate::sources::SERVER.get();
    let [owner, other] = ["owner", "other"].map(|name| server.user(&unique_name(name)));
    let mut of_owner = Listener::open(&server, &owner.login(), "sources", "");
    let mut of_other = Listener::open(&server, &other.login(), "sources,activity", "");
    let token = server.token(&owner, &unique_name("stream"), &["pull"]);
    let refused = Listener::open(&server, &token.login(), "sources,me", "").refused;
    assert_eq!(refused, json!(["sources"]));
    // It is looked at before anything changes.
    let registry = server.registry(&server.admin());
    let public = registry.repository(&format!("{}/app", unique_name("team")));
    push(&public, "v1");
    server.set_visibility(public.name(), true);
    of_other.wait_for(|data| data["repository"] == public.name());
    let source = json!({ "kind": "git", "address": "ssh://127.0.0.1:2222/srv/a" });
    let api = server.api(&owner.login());
    api.post("/sources", source).expect(201);
    let told = of_owner.wait_for(|data| kind_of(data) == "sources");
    assert_eq!(told["topic"], "sources");
    push(&public, "v2");
    of_other.wait_for(|data| {
        assert_ne!(data["topic"], "sources", "{data}");
        data["tag"] == "v2"
    });
}
