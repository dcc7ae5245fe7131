//! `/activity`: what happened to tags and builds, and what triggers did.

use serde_json::{Value, json};
use wharf_testkit::{ImageMaker, Server, encode_segment, unique_name};
use wharf_tests::wait_until;

use crate::{SERVER, fresh_person, repository_path};

fn kinds(items: &[Value]) -> Vec<&str> {
    let kinds = items.iter().map(|item| item["kind"].as_str());
    kinds.map(|kind| kind.expect("a kind")).collect()
}

#[test]
fn pushes_moves_and_deletions_of_tags_are_told_newest_first() {
    let server = SERVER.get();
    let (person, api) = fresh_person();
    let name = format!("{}/app", person.username);
    let repository = server.registry(&person.login()).repository(&name);
    let first = repository.push_image("v1", &ImageMaker::new("first").make());
    let second = repository.push_image("v1", &ImageMaker::new("second").make());
    api.delete(&repository_path(&name, "/tags/v1")).expect(204);
    let query = format!("/activity?object={}", encode_segment(&name));
    let items = api.read_all(&query, 100);
    assert_eq!(kinds(&items), ["tag_deleted", "tag_changed", "tag_created"]);
    assert_eq!(items[0]["digest"], second);
    assert_eq!(items[1]["digest"], second);
    assert_eq!(items[1]["previous_digest"], first);
    for item in &items {
        assert_eq!(item["actor"], person.username);
        assert_eq!(item["repository"], name);
        assert_eq!(item["tags"], json!(["v1"]));
    }
    // A page at a time, and nothing twice.
    assert_eq!(api.read_all(&query, 1), items);
}

#[test]
fn filters_choose_by_actor_action_object_and_time() {
    let server = SERVER.get();
    let (person, api) = fresh_person();
    let name = format!("{}/filtered", person.username);
    let of_person = server.registry(&person.login()).repository(&name);
    let of_admin = server.registry(&server.admin()).repository(&name);
    of_person.push_image("a", &ImageMaker::new("a").make());
    of_admin.push_image("b", &ImageMaker::new("b").make());
    let read = |query: &str| -> Vec<String> {
        let object = &person.username;
        let items = api.read_all(&format!("/activity?object={object}&{query}"), 100);
        let tags = items.iter().map(|item| item["tags"][0].as_str());
        tags.map(|tag| tag.expect("a tag").to_owned()).collect()
    };
    assert_eq!(read(""), ["b", "a"]);
    assert_eq!(read("actor=admin"), ["b"]);
    assert_eq!(read(&format!("actor={}", person.username)), ["a"]);
    // Signs of patterns are no patterns.
    assert!(read("actor=a%25").is_empty());
    assert!(read("action=tag_deleted").is_empty());
    assert_eq!(read("action=tag_created"), ["b", "a"]);
    assert!(read("until=2020-01-01T00:00:00Z").is_empty());
    assert_eq!(read("since=2020-01-01T00:00:00Z"), ["b", "a"]);
    api.get("/activity?action=anything").expect(400);
}

#[test]
fn what_others_do_is_not_told_and_what_triggers_do_only_to_maintainers() {
    let server = Server::builder()
        .config("[egress]\nallow = [\"127.0.0.1\"]")
        .start();
    let person = server.user(&unique_name("person"));
    let api = server.api(&person.login());
    let name = format!("{}/app", person.username);
    let repository = server.registry(&person.login()).repository(&name);
    repository.push_image("v0", &ImageMaker::new("v0").make());
    let trigger = json!({
        "name": "tell",
        "actions": [{ "kind": "webhook", "url": "http://127.0.0.1:5999/hook" }],
    });
    api.post(&repository_path(&name, "/triggers"), trigger)
        .expect(201);
    repository.push_image("v1", &ImageMaker::new("v1").make());
    let query = format!("/activity?object={}", person.username);
    wait_until("the delivery is made", || {
        kinds(&api.read_all(&query, 100)).contains(&"delivery")
    });
    let items = api.read_all(&query, 100);
    let delivery = items.iter().find(|item| item["kind"] == "delivery");
    let delivery = delivery.expect("told");
    assert_eq!(delivery["delivery"]["trigger"], "tell");
    assert_eq!(delivery["tags"], json!(["v1"]));

    let reader = server.user(&unique_name("reader"));
    let member = format!(
        "/namespaces/{}/members/{}",
        person.username, reader.username
    );
    api.put(&member, json!({ "role": "reader" })).expect(200);
    let seen = server.api(&reader.login()).read_all(&query, 100);
    assert_eq!(kinds(&seen), ["tag_created", "tag_created"]);

    let stranger = server.user(&unique_name("stranger"));
    assert!(
        server
            .api(&stranger.login())
            .read_all(&query, 100)
            .is_empty()
    );
    let admin = server.api(&server.admin());
    assert_eq!(admin.read_all(&query, 100).len(), items.len());
}
