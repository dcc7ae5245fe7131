//! `…/deletion` and what it says: everything that hangs on a repository, a namespace and a person is listed before, and gone
//! after, each kind by itself.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use wharf_testkit::{
    ApiClient, GitServer, ImageMaker, Login, Person, Server, SharedServer, encode_segment,
    unique_name,
};

static SERVER: SharedServer =
    SharedServer::new(|| Server::builder().config("[egress]\nallow = [\"127.0.0.1\"]"));

/// A person with a repository in which everything is that can be, and what is beside it.
struct Scene {
    person: Person,
    api: ApiClient,
    namespace: String,
    repository: String,
    /// In somebody else's namespace, with a link to the first.
    other: String,
    /// `ID/SECRET` of a trigger URL.
    trigger: String,
    _git: GitServer,
}

impl Scene {
    /// In a namespace of its own, or in the person's.
    fn set_up(is_own: bool) -> Self {
        let server = SERVER.get();
        let person = server.user(&unique_name("leaver"));
        let api = server.api(&person.login());
        let namespace = match is_own {
            true => person.username.clone(),
            false => {
                let name = unique_name("team");
                let made = json!({ "name": name });
                api.post("/namespaces", made).expect(201);
                name
            }
        };
        let git = GitServer::start();
        git.create("app")
            .push_files("main", "first", &[("Dockerfile", "FROM scratch\n")]);
        let address = format!("http://{}", git.address());
        let source = json!({ "kind": "git", "address": address });
        let source = api.post("/sources", source).expect(201).json()["id"].clone();
        let key = json!({ "kind": "git", "address": "ssh://127.0.0.1:2222" });
        api.post("/sources", key).expect(201);
        let (repository, other) = (
            format!("{namespace}/app"),
            format!("{}/base", unique_name("base")),
        );
        let admin = server.api(&server.admin());
        for (by, name) in [(&api, &repository), (&admin, &other)] {
            let made = json!({ "name": name, "public": true });
            by.post("/repositories", made).expect(201);
        }
        let own = |rest: &str| format!("/repositories/{}{rest}", encode_segment(&repository));
        server
            .registry(&person.login())
            .repository(&repository)
            .push_image("v1", &ImageMaker::new(&repository).make());
        let rule = json!({
            "name": "main", "source": source, "remote": "app.git", "definition": {},
            "secrets": { "token": "a secret of the rule" },
        });
        api.post(&own("/rules"), rule).expect(201);
        let made = api.post(&own("/rules/main/trigger-urls"), json!({ "name": "ci" }));
        let made = made.expect(201).json();
        let url = made["url"].as_str().expect("a URL");
        let trigger = url.split_once("/triggers/").expect("a trigger URL").1;
        let link = format!("/repositories/{}/links", encode_segment(&other));
        admin
            .post(&link, json!({ "base": repository, "tag": "v1" }))
            .expect(201);
        let start = json!({ "dockerfile": "FROM scratch\nCOPY a /\n", "version": "by-hand" });
        api.post(&own("/builds"), start).expect(201);
        let credential = json!({ "host": "one.example", "username": "ci", "password": "hidden" });
        api.post(&format!("/namespaces/{namespace}/credentials"), credential)
            .expect(201);
        Self {
            trigger: trigger.to_owned(),
            person,
            api,
            namespace,
            repository,
            other,
            _git: git,
        }
    }

    fn own(&self, rest: &str) -> String {
        format!("/repositories/{}{rest}", encode_segment(&self.repository))
    }

    /// That nothing is left of what was in the repository, also when one of its name comes again.
    fn assert_repository_is_gone(&self, admin: &ApiClient) {
        admin.get(&self.own("")).expect(404);
        let call = SERVER.get().api(&Login::Anonymous);
        let call = call.request(
            reqwest::Method::POST,
            &format!("/../../triggers/{}", self.trigger),
        );
        assert_eq!(call.send_undescribed().status, 404, "the trigger URL");
        let links = format!("/repositories/{}/links", encode_segment(&self.other));
        let links = admin.get(&links).expect(200).json();
        assert_eq!(links["items"], json!([]), "{links:#}");
        admin
            .post("/repositories", json!({ "name": self.repository }))
            .expect(201);
        for kind in ["tags", "rules", "builds", "links"] {
            let left = admin.get(&self.own(&format!("/{kind}"))).expect(200).json();
            assert_eq!(left["items"], json!([]), "{kind}: {left:#}");
        }
        admin.get(&self.own("/rules/main")).expect(404);
        admin.get(&self.own("/rules/main/trigger-urls")).expect(404);
        admin
            .delete(&self.own("/rules/main/secrets/token"))
            .expect(404);
    }
}

/// What is listed: how many of each kind, and their names.
fn list(api: &ApiClient, path: &str) -> BTreeMap<String, (u64, Value)> {
    let listed = api.get(&format!("{path}/deletion")).expect(200).json();
    let items = listed["items"].as_array().expect("a list").iter();
    let kinds = items.map(|it| {
        let kind = it["kind"].as_str().expect("a word").to_owned();
        (
            kind,
            (it["count"].as_u64().expect("a number"), it["names"].clone()),
        )
    });
    kinds.collect()
}

const IN_REPOSITORY: [&str; 6] = ["tag", "rule", "rule_secret", "trigger_url", "build", "link"];

#[track_caller]
fn assert_each_once(listed: &BTreeMap<String, (u64, Value)>, kinds: &[&str]) {
    for kind in kinds {
        let found = listed.get(*kind).map(|(count, _)| *count);
        assert_eq!(found, Some(1), "{kind}: {listed:#?}");
    }
}

#[test]
fn a_repository_lists_and_ends_what_hangs_on_it() {
    let scene = Scene::set_up(false);
    let admin = SERVER.get().api(&SERVER.get().admin());
    let listed = list(&scene.api, &scene.own(""));
    assert_each_once(&listed, &IN_REPOSITORY);
    assert_eq!(listed["rule_secret"].1, json!(["main token"]));
    assert_eq!(listed["trigger_url"].1, json!(["main ci"]));
    assert_eq!(listed["link"].1, json!([scene.other]));
    scene.api.delete(&scene.own("")).expect(204);
    scene.assert_repository_is_gone(&admin);
}

#[test]
fn a_namespace_lists_what_is_in_its_repositories_and_ends_it_when_that_is_wanted() {
    let scene = Scene::set_up(false);
    let admin = SERVER.get().api(&SERVER.get().admin());
    let path = format!("/namespaces/{}", scene.namespace);
    let listed = list(&scene.api, &path);
    assert_each_once(&listed, &IN_REPOSITORY);
    assert_each_once(&listed, &["repository", "credential", "member"]);
    let secret = format!("{} main token", scene.repository);
    assert_eq!(listed["rule_secret"].1, json!([secret]));
    let refused = scene.api.delete(&path).expect_problem(409, "conflict");
    assert_eq!(refused.json()["params"]["what"], "namespace_not_empty");
    scene
        .api
        .delete(&format!("{path}?with_repositories=perhaps"))
        .expect_problem(400, "invalid_field");
    scene.api.get(&scene.own("/rules/main")).expect(200);

    let whole = format!("{path}?with_repositories=true");
    scene.api.delete(&whole).expect(204);
    scene.api.get(&path).expect(404);
    let again = json!({ "name": scene.namespace });
    admin.post("/namespaces", again).expect(201);
    let left = admin.get(&format!("{path}/credentials")).expect(200).json();
    assert_eq!(left["items"], json!([]));
    scene.assert_repository_is_gone(&admin);
    // Others of the person's own stay.
    let own = format!("/namespaces/{}", scene.person.username);
    let refused = scene
        .api
        .delete(&format!("{own}?with_repositories=true"))
        .expect_problem(409, "conflict");
    assert_eq!(refused.json()["params"]["what"], "namespace_of_user");
}

#[test]
fn a_person_lists_sources_keys_and_what_is_in_their_namespace_and_ends_it() {
    let scene = Scene::set_up(true);
    let server = SERVER.get();
    let admin = server.api(&server.admin());
    let path = format!("/users/{}", scene.person.username);
    let listed = list(&admin, &path);
    assert_each_once(&listed, &IN_REPOSITORY);
    assert_each_once(&listed, &["repository", "credential", "deploy_key"]);
    assert_eq!(listed["deploy_key"].1, json!(["ssh://127.0.0.1:2222"]));
    assert_eq!(listed["source"].0, 2);
    assert!(
        !listed.contains_key("stopping_rule"),
        "it goes: {listed:#?}"
    );
    let refused = admin.delete(&path).expect_problem(409, "conflict");
    assert_eq!(refused.json()["params"]["what"], "namespace_not_empty");
    let myself = scene
        .api
        .delete(&format!("{path}?with_repositories=true"))
        .expect_problem(403, "denied");
    assert!(myself.status == 403);
    scene.api.get(&scene.own("")).expect(200);

    admin
        .delete(&format!("{path}?with_repositories=true"))
        .expect(204);
    admin.get(&path).expect(404);
    scene.api.get("/sources").expect(401);
    // One who comes with the same name has none of it: no source, and so no key.
    let again = json!({ "username": scene.person.username, "password": scene.person.password });
    admin.post("/users", again).expect(201);
    let sources = scene.api.get("/sources").expect(200).json();
    assert_eq!(sources["items"], json!([]));
    let credentials = format!("/namespaces/{}/credentials", scene.namespace);
    let left = scene.api.get(&credentials).expect(200).json();
    assert_eq!(left["items"], json!([]));
    scene.assert_repository_is_gone(&admin);
}
