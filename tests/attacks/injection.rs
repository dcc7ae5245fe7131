//! Filters and searches look at what is meant to be looked at, whatever text they are given.

use serde_json::Value;
use wharf_testkit::{Answer, Login, encode_segment, unique_name};

use crate::world::World;

/// Texts that mean something to SQL, to LIKE, to JSON or to a shell.
const METACHARACTERS: [&str; 18] = [
    "' OR 1=1 --",
    "' OR '1'='1",
    "'; DROP TABLE users; --",
    "\" OR \"\"=\"",
    "') UNION SELECT password_hash, 1, 1 FROM users --",
    "%",
    "_",
    "!",
    "!%",
    "\\",
    "\\%",
    "$1",
    "?1",
    "${1}",
    "*",
    "`id`",
    "{{7*7}}",
    "\u{202e}\u{0130}",
];

fn count_items(answer: Answer) -> usize {
    let page = answer.expect(200).json();
    page["items"].as_array().map_or(0, Vec::len)
}

#[test]
fn h40_only_named_parameters_are_looked_at() {
    let world = World::get();
    let api = world.admin_api();
    let (repository, _) = world.push_secret();
    let tags = format!("/repositories/{}/tags", encode_segment(repository.name()));
    let lists = [
        "/users",
        "/namespaces",
        "/repositories",
        "/tokens",
        "/search",
        "/audit",
        "/namespaces/victim/members",
        "/namespaces/victim/robots",
        &tags,
    ];
    for list in lists {
        api.get(list).expect(200);
        for parameter in [
            "sort=password_hash",
            "sort=-created_at",
            "order_by=secret_hash",
            "filter=password_hash~'%24argon2'",
            "password_hash=x",
            "password_hash[like]=%25",
            "secret_hash=x",
            "fields=password_hash",
            "include=users.password_hash",
            "user.password_hash=x",
            "where=1",
            "LIMIT=1",
        ] {
            let answer = api.get(&format!("{list}?{parameter}"));
            let answer = answer.expect_problem(400, "invalid_field");
            let reason = answer.json()["params"]["reason"].clone();
            // Lists that sort know the parameter, and the orders that there are.
            let sorts = parameter.starts_with("sort=") && reason == "unknown_value";
            assert!(sorts || reason == "unknown_parameter", "{list}?{parameter}");
        }
    }
}

#[test]
fn h40_metacharacters_are_text() {
    let world = World::get();
    let (repository, _) = world.push_secret();
    let (_, short) = repository.name().split_once('/').expect("a namespace");
    let api = world.victim_api();
    let tags = format!("/repositories/{}/tags", encode_segment(repository.name()));
    // A part of the name finds it.
    assert_eq!(count_items(api.get(&format!("/repositories?q={short}"))), 1);
    assert_eq!(count_items(api.get(&format!("{tags}?q=V"))), 1);
    for text in METACHARACTERS {
        let text = encode_segment(text);
        for list in ["/repositories", "/search", &tags] {
            let answer = api.get(&format!("{list}?q={text}"));
            assert_eq!(count_items(answer), 0, "{list}?q={text}");
        }
        assert_eq!(
            count_items(api.get(&format!("/repositories?namespace={text}"))),
            0
        );
        let admin = world.admin_api();
        for filter in ["actor", "target"] {
            let answer = admin.get(&format!("/audit?{filter}={text}"));
            assert_eq!(count_items(answer), 0, "{filter}={text}");
        }
        // One of a list of words.
        admin.get(&format!("/audit?action={text}")).expect(400);
        for target in [
            format!("/users/{text}"),
            format!("/namespaces/{text}"),
            format!("/tokens/{text}"),
        ] {
            let answer = admin
                .request(reqwest::Method::GET, &target)
                .send_undescribed();
            assert!(
                [404, 405].contains(&answer.status.as_u16()),
                "{}",
                answer.describe()
            );
        }
        let registry = world.victim_registry();
        registry
            .get(&format!("/v2/_catalog?last={text}"))
            .expect(200);
        let path = repository.path(&format!("tags/list?last={text}"));
        registry.get(&path).expect(200);
        let found = registry
            .get(&format!("/v1/search?q={text}"))
            .expect(200)
            .json();
        assert_eq!(found["results"], Value::Array(Vec::new()), "{text}");
        let digest = wharf_testkit::image::compute_digest(b"x");
        let path = repository.path(&format!("referrers/{digest}?artifactType={text}"));
        registry.get(&path).expect(200);
    }
    world.admin_api().get("/users/victim").expect(200);
}

#[test]
fn m100_a_name_with_nul_is_nobody() {
    let world = World::get();
    for name in ["vic\0tim", "\0", "victim\0", "victim+\0bot", "\u{fffd}\0"] {
        for secret in ["wrong password", "wharf_pat_0", "wharf_bot_0", "a\0b"] {
            let login = Login::basic(name, secret);
            world
                .server
                .registry(&login)
                .get("/v2/")
                .expect_error(401, "UNAUTHORIZED");
            let answer = world.server.api(&login).get("/me");
            answer.expect_problem(401, "unauthenticated");
        }
    }
    let form = "grant_type=password&service=x&client_id=x&username=vic%00tim&password=wrong";
    world
        .server
        .registry(&Login::Anonymous)
        .request(reqwest::Method::POST, "/auth/token")
        .typed_body("application/x-www-form-urlencoded", form)
        .send()
        .expect_one_of(&[400, 401]);
    let robot = unique_name("nul");
    let body = serde_json::json!({ "name": format!("{robot}\0"), "actions": ["pull"] });
    world
        .victim_api()
        .post("/namespaces/victim/robots", body)
        .expect_problem(400, "invalid_field");
    for text in ["a\0b", "\u{1b}[31m"] {
        let body = serde_json::json!({ "name": text, "actions": ["pull"] });
        world
            .victim_api()
            .post("/tokens", body)
            .expect_problem(400, "invalid_field");
        let body = serde_json::json!({ "name": unique_name("nul"), "description": text });
        world
            .victim_api()
            .post("/namespaces", body)
            .expect_problem(400, "invalid_field");
    }
}
