//! `/search`, and `/v1/search` for `docker search`.

use serde_json::{Value, json};
use wharf_testkit::{ImageMaker, Login, unique_name};

use crate::{SERVER, admin, fresh_person, repository_path};

/// The kinds and names of everything found.
fn find(api: &wharf_testkit::ApiClient, q: &str) -> Vec<(String, String)> {
    let items = api.read_all(&format!("/search?q={q}"), 100);
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    items
        .iter()
        .map(|item| (text(&item["kind"]), text(&item["name"])))
        .collect()
}

#[test]
fn search_finds_repositories_namespaces_and_users() {
    let server = SERVER.get();
    let word = unique_name("needle");
    let person = server.user(&word);
    server.create_repository(&format!("{word}/app"), false);
    let found = find(&admin(), &word);
    for (kind, name) in [
        ("user", word.clone()),
        ("namespace", word.clone()),
        ("repository", format!("{word}/app")),
    ] {
        assert!(found.contains(&(kind.to_owned(), name)), "{found:?}");
    }
    let own = find(&server.api(&person.login()), &word);
    assert!(
        own.contains(&("repository".into(), format!("{word}/app"))),
        "{own:?}"
    );
}

#[test]
fn search_finds_only_what_the_caller_may_see() {
    let server = SERVER.get();
    let (_, api) = fresh_person();
    let word = unique_name("secret");
    server.namespace(&word);
    server.create_repository(&format!("{word}/hidden"), false);
    server.create_repository(&format!("{word}/shown"), true);
    let found = find(&api, &word);
    assert!(
        found.contains(&("repository".into(), format!("{word}/shown"))),
        "{found:?}"
    );
    assert!(
        !found.contains(&("repository".into(), format!("{word}/hidden"))),
        "{found:?}"
    );
    assert!(
        !found.iter().any(|(kind, _)| kind == "namespace"),
        "{found:?}"
    );
}

#[test]
fn search_shows_visibility_and_short_description() {
    let server = SERVER.get();
    let word = unique_name("described");
    server.namespace(&word);
    server.create_repository(&format!("{word}/app"), true);
    admin()
        .patch(
            &repository_path(&format!("{word}/app"), ""),
            json!({ "short_description": "Tells it" }),
        )
        .expect(200);
    let items = admin().read_all(&format!("/search?q={word}"), 10);
    let item = items
        .iter()
        .find(|item| item["kind"] == "repository")
        .expect("found");
    assert_eq!(item["public"], true);
    assert_eq!(item["short_description"], "Tells it");
}

#[test]
fn search_takes_everything_literally() {
    for q in ["%25", "_%25_", "%27%3B%20DROP%20TABLE%20users", "%5C"] {
        assert_eq!(find(&admin(), q), [], "{q}");
    }
}

/// What docker's client reads.
fn docker_search(q: &str, n: &str) -> Value {
    let server = SERVER.get();
    let target = format!("/v1/search?q={q}{n}");
    server
        .registry(&Login::Anonymous)
        .get(&target)
        .expect(200)
        .json()
}

#[test]
fn docker_search_finds_public_repositories() {
    let server = SERVER.get();
    let word = unique_name("dockerhub");
    server.namespace(&word);
    server.create_repository(&format!("{word}/shown"), true);
    server.create_repository(&format!("{word}/hidden"), false);
    admin()
        .patch(
            &repository_path(&format!("{word}/shown"), ""),
            json!({ "short_description": "Tells it" }),
        )
        .expect(200);
    let body = docker_search(&word, "");
    assert_eq!(body["num_results"], 1);
    assert_eq!(body["query"], word);
    let result = &body["results"][0];
    assert_eq!(result["name"], format!("{word}/shown"));
    assert_eq!(result["description"], "Tells it");
    assert_eq!(result["star_count"], 0);
    assert_eq!(result["is_official"], false);
    assert_eq!(result["is_automated"], false);
}

#[test]
fn docker_search_takes_a_number() {
    let server = SERVER.get();
    let word = unique_name("many");
    server.namespace(&word);
    for number in 0..4 {
        let name = format!("{word}/app-{number}");
        server.create_repository(&name, true);
        server
            .registry(&server.admin())
            .repository(&name)
            .push_image("v1", &ImageMaker::new("found").make());
    }
    assert_eq!(
        docker_search(&word, "&n=2")["results"]
            .as_array()
            .expect("a list")
            .len(),
        2
    );
    assert_eq!(
        docker_search(&word, "&n=100")["results"]
            .as_array()
            .expect("a list")
            .len(),
        4
    );
    assert_eq!(
        docker_search(&word, "")["results"]
            .as_array()
            .expect("a list")
            .len(),
        4
    );
    assert_eq!(
        docker_search(&unique_name("nothing"), "")["results"],
        json!([])
    );
}
