//! `/audit`: who did what to what.

use serde_json::{Value, json};
use wharf_testkit::{ImageMaker, unique_name};

use crate::{SERVER, admin, fresh_person, repository_path};

fn read(query: &str) -> Vec<Value> {
    admin().read_all(&format!("/audit?{query}"), 100)
}

#[test]
fn what_people_do_is_written_down() {
    let server = SERVER.get();
    let (person, api) = fresh_person();
    let name = format!("{}/app", person.username);
    api.post("/repositories", json!({ "name": name }))
        .expect(201);
    api.patch(&repository_path(&name, ""), json!({ "public": true }))
        .expect(200);
    server
        .registry(&person.login())
        .repository(&name)
        .push_image("v1", &ImageMaker::new("audited").make());
    api.delete(&repository_path(&name, "/tags/v1")).expect(204);
    api.delete(&repository_path(&name, "")).expect(204);

    let entries = read(&format!("actor={}", person.username));
    assert!(
        entries
            .iter()
            .all(|entry| entry["actor"] == person.username)
    );
    let about: Vec<&Value> = entries
        .iter()
        .filter(|entry| {
            entry["target"]
                .as_str()
                .is_some_and(|target| target.contains(&name))
        })
        .collect();
    assert!(
        about.len() >= 4,
        "create, edit, delete a tag, delete: {about:#?}"
    );
    for entry in &about {
        assert_eq!(entry["actor_kind"], "user");
        assert_eq!(entry["namespace"], person.username);
        assert_eq!(entry["address"], "127.0.0.1");
        assert!(
            entry["request_id"]
                .as_str()
                .is_some_and(|id| !id.is_empty())
        );
    }
}

#[test]
fn robots_and_tokens_are_told_apart_from_people() {
    let server = SERVER.get();
    let (person, _) = fresh_person();
    let token = server.token(&person, "laptop", &["pull", "push", "admin"]);
    server
        .api(&token.login())
        .post(
            "/repositories",
            json!({ "name": format!("{}/by-token", person.username) }),
        )
        .expect(201);
    let entries = read(&format!("namespace={}", person.username));
    let entry = entries
        .iter()
        .find(|entry| {
            entry["target"]
                .as_str()
                .is_some_and(|target| target.contains("by-token"))
        })
        .expect("written");
    assert_eq!(entry["actor_kind"], "token");
}

#[test]
fn the_newest_entry_comes_first_and_pages_go_back() {
    let (person, api) = fresh_person();
    for number in 0..5 {
        api.post(
            "/repositories",
            json!({ "name": format!("{}/app-{number}", person.username) }),
        )
        .expect(201);
    }
    let entries = admin().read_all(&format!("/audit?actor={}", person.username), 2);
    assert!(entries.len() >= 5);
    let times: Vec<&str> = entries
        .iter()
        .filter_map(|entry| entry["at"].as_str())
        .collect();
    assert!(
        times.is_sorted_by(|newer, older| newer >= older),
        "{times:?}"
    );
}

#[test]
fn entries_are_filtered_by_action_target_and_time() {
    let (person, api) = fresh_person();
    let name = format!("{}/app", person.username);
    api.post("/repositories", json!({ "name": name }))
        .expect(201);
    let all = read(&format!("actor={}", person.username));
    let entry = all
        .iter()
        .find(|entry| {
            entry["target"]
                .as_str()
                .is_some_and(|target| target.contains(&name))
        })
        .expect("written");
    let text = |field: &str| entry[field].as_str().expect("text");
    let same = read(&format!(
        "actor={}&action={}&target={}",
        person.username,
        text("action"),
        wharf_testkit::encode_segment(text("target"))
    ));
    assert!(same.iter().any(|found| found["id"] == entry["id"]));
    assert!(same.iter().all(|found| found["action"] == entry["action"]));
    // A word that is none would find nothing for ever: it is refused by name.
    let refused = admin().get("/audit?action=no.such_action");
    let problem = refused.expect_problem(400, "invalid_field");
    assert_eq!(problem.json()["params"]["field"], "action");
    assert_eq!(
        read(&format!("actor={}&action=robot.delete", person.username)),
        Vec::<Value>::new()
    );

    let at = wharf_testkit::encode_segment(text("at"));
    assert!(
        read(&format!("actor={}&since={at}", person.username))
            .iter()
            .any(|found| found["id"] == entry["id"])
    );
    assert_eq!(
        read(&format!(
            "actor={}&until=2001-01-01T00:00:00Z",
            person.username
        )),
        Vec::<Value>::new()
    );
    assert_eq!(
        read(&format!(
            "actor={}&since=2199-01-01T00:00:00Z",
            person.username
        )),
        Vec::<Value>::new()
    );
    admin()
        .get("/audit?since=yesterday")
        .expect_problem(400, "invalid_field");
    admin().get("/audit?sort=at").expect(400);
}

#[test]
fn an_owner_reads_what_happened_in_the_namespace() {
    let server = SERVER.get();
    let (person, api) = fresh_person();
    let (_, other) = fresh_person();
    api.post(
        "/repositories",
        json!({ "name": format!("{}/app", person.username) }),
    )
    .expect(201);
    let entries = api.read_all(&format!("/audit?namespace={}", person.username), 50);
    assert!(!entries.is_empty());
    assert!(
        entries
            .iter()
            .all(|entry| entry["namespace"] == person.username)
    );
    api.get("/audit").expect_problem(403, "denied");
    other
        .get(&format!("/audit?namespace={}", person.username))
        .expect_problem(404, "not_found");
    let space = server.namespace(&unique_name("space"));
    server.member(&space, &person, "maintainer");
    api.get(&format!("/audit?namespace={space}"))
        .expect_problem(403, "denied");
}

#[test]
fn one_line_is_read_by_whom_its_part_of_the_log_is_for() {
    let server = SERVER.get();
    let (person, api) = fresh_person();
    let (_, other) = fresh_person();
    let name = format!("{}/app", person.username);
    api.post("/repositories", json!({ "name": name }))
        .expect(201);
    let part = format!("namespace={}", person.username);
    let listed = api.read_all(&format!("/audit?{part}"), 50);
    let entry = listed.first().expect("a line");
    let id = entry["id"].as_str().expect("an id");

    let one = format!("/audit/{id}?{part}");
    assert_eq!(&api.get(&one).expect(200).json(), entry);
    let whole = admin().get(&format!("/audit/{id}")).expect(200).json();
    assert_eq!(&whole, entry);
    // As with the list: all of it is the administrators', and a part is nothing to others.
    api.get(&format!("/audit/{id}"))
        .expect_problem(403, "denied");
    other.get(&one).expect_problem(404, "not_found");
    // Another part's line is not in this one's.
    let space = server.namespace(&unique_name("space"));
    server.member(&space, &person, "owner");
    api.get(&format!("/audit/{id}?namespace={space}"))
        .expect_problem(404, "not_found");
    for missing in ["no-id", "01920000-0000-7000-8000-000000000000"] {
        admin()
            .get(&format!("/audit/{missing}"))
            .expect_problem(404, "not_found");
    }
}
