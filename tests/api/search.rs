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

#[test]
fn search_finds_versions_of_images_that_the_caller_may_pull_from() {
    let server = SERVER.get();
    let (person, api) = fresh_person();
    let word = unique_name("kept");
    let own = format!("{}/{word}-own", person.username);
    let shown = format!("{word}/shown");
    let hidden = format!("{word}/hidden");
    server.namespace(&word);
    for (name, public) in [(&own, false), (&shown, true), (&hidden, false)] {
        server.create_repository(name, public);
        let registry = server.registry(&server.admin());
        let repository = registry.repository(name);
        for tag in [format!("{word}-1.0"), format!("{word}-1.1"), "other".into()] {
            repository.push_image(&tag, &ImageMaker::new(&tag).make());
        }
    }
    let versions = |api: &wharf_testkit::ApiClient, q: &str| {
        let found = find(api, &q.replace(':', "%3A")).into_iter();
        let versions = found.filter(|(kind, _)| kind == "version");
        versions.map(|(_, name)| name).collect::<Vec<_>>()
    };
    let expected = [
        format!("{own}:{word}-1.0"),
        format!("{own}:{word}-1.1"),
        format!("{shown}:{word}-1.0"),
        format!("{shown}:{word}-1.1"),
    ];
    let mut expected = expected.to_vec();
    expected.sort();
    assert_eq!(versions(&api, &word), expected);
    assert_eq!(
        versions(&api, &format!("{word}-own:oth")),
        [format!("{own}:other")]
    );
    assert_eq!(versions(&api, &format!("{hidden}:")), [""; 0]);
    assert_eq!(versions(&admin(), &format!("{hidden}:{word}-1.1")).len(), 1);
    // Nobody who is not signed in sees more than is public.
    let nobody = server.api(&Login::Anonymous);
    assert_eq!(
        versions(&nobody, &word),
        [format!("{shown}:{word}-1.0"), format!("{shown}:{word}-1.1")]
    );
    // One at a time, and no other.
    let paged = api.read_all(&format!("/search?q={word}"), 1);
    let paged: Vec<_> = paged
        .iter()
        .filter(|item| item["kind"] == "version")
        .map(|item| {
            let part = |name: &str| item[name].as_str().expect("text").to_owned();
            format!("{}:{}", part("repository"), part("tag"))
        })
        .collect();
    assert_eq!(paged, expected);
}

#[test]
fn search_finds_builds_by_number_for_members_alone() {
    let server = SERVER.get();
    let (person, api) = fresh_person();
    let (_, stranger) = fresh_person();
    let name = format!("{}/{}", person.username, unique_name("built"));
    server.create_repository(&name, true);
    // Nothing has to come of it: a record is there from the start.
    let start = json!({ "dockerfile": "FROM scratch\n", "version": "v1" });
    api.post(&repository_path(&name, "/builds"), start)
        .expect(201);
    let builds = |api: &wharf_testkit::ApiClient, q: &str| {
        let items = api.read_all(&format!("/search?q={}", q.replace('#', "%23")), 100);
        let builds = items.into_iter().filter(|item| item["kind"] == "build");
        builds.collect::<Vec<_>>()
    };
    let found = builds(&api, &format!("{name}#1"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["name"], format!("{name}#1"));
    assert_eq!(
        (&found[0]["repository"], &found[0]["number"]),
        (&json!(name), &json!(1))
    );
    assert!(found[0]["state"].is_string());
    assert!(
        builds(&api, "1")
            .iter()
            .any(|item| item["repository"] == name.as_str())
    );
    assert!(builds(&api, &format!("{name}#2")).is_empty());
    // Its images are public; its builds are not.
    for other in [stranger, server.api(&Login::Anonymous)] {
        assert!(builds(&other, &format!("{name}#1")).is_empty());
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
