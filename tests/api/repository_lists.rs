//! `/repositories`: lists and their filters.

use serde_json::json;
use wharf_testkit::{ApiClient, unique_name};

use crate::{SERVER, admin, fresh_person, repository_path};

fn names(api: &ApiClient, query: &str) -> Vec<String> {
    let items = api.read_all(&format!("/repositories?{query}"), 100);
    items
        .iter()
        .map(|item| item["name"].as_str().expect("text").to_owned())
        .collect()
}

/// A namespace with these repositories, all private.
fn namespace_with(repositories: &[&str]) -> String {
    let server = SERVER.get();
    let namespace = server.namespace(&unique_name("space"));
    for name in repositories {
        server.create_repository(&format!("{namespace}/{name}"), false);
    }
    namespace
}

#[test]
fn the_list_is_in_the_order_of_names_bytes() {
    let namespace = namespace_with(&["b", "a", "a-b", "a/b", "a.b", "a0"]);
    let mut expected =
        ["a", "a-b", "a.b", "a/b", "a0", "b"].map(|name| format!("{namespace}/{name}"));
    expected.sort_unstable();
    assert_eq!(names(&admin(), &format!("namespace={namespace}")), expected);
}

#[test]
fn the_list_is_paged_without_loss_or_repetition() {
    let namespace = namespace_with(&["a", "b", "c", "d", "e"]);
    for limit in [1, 2, 3, 5, 6] {
        let items = admin().read_all(&format!("/repositories?namespace={namespace}"), limit);
        assert_eq!(items.len(), 5, "{limit}");
    }
}

#[test]
fn a_namespace_filter_takes_the_whole_name() {
    let namespace = namespace_with(&["a"]);
    assert_eq!(
        names(
            &admin(),
            &format!("namespace={}", &namespace[..namespace.len() - 1])
        ),
        Vec::<String>::new()
    );
    assert_eq!(
        names(&admin(), "namespace=nothing-here"),
        Vec::<String>::new()
    );
}

#[test]
fn q_finds_parts_of_names_and_takes_everything_literally() {
    let namespace = namespace_with(&["needle-one", "two/needle", "other"]);
    let found = names(&admin(), &format!("namespace={namespace}&q=needle"));
    assert_eq!(
        found,
        [
            format!("{namespace}/needle-one"),
            format!("{namespace}/two/needle")
        ]
    );
    for q in [
        "%25",
        "_",
        "%27",
        "%27%20OR%20%271%27%3D%271",
        "%5C",
        "%3B--",
        "needle%25",
    ] {
        assert_eq!(
            names(&admin(), &format!("namespace={namespace}&q={q}")),
            Vec::<String>::new(),
            "{q}"
        );
    }
}

#[test]
fn the_list_has_what_the_caller_may_see() {
    let server = SERVER.get();
    let (person, api) = fresh_person();
    let namespace = namespace_with(&["shown", "hidden"]);
    server.set_visibility(&format!("{namespace}/shown"), true);
    assert_eq!(
        names(&api, &format!("namespace={namespace}")),
        [format!("{namespace}/shown")]
    );
    server.member(&namespace, &person, "reader");
    assert_eq!(names(&api, &format!("namespace={namespace}")).len(), 2);
}

#[test]
fn favorites_can_be_listed_alone() {
    let server = SERVER.get();
    let (_, api) = fresh_person();
    let namespace = namespace_with(&["liked", "other"]);
    for name in ["liked", "other"] {
        server.set_visibility(&format!("{namespace}/{name}"), true);
    }
    let liked = format!("{namespace}/liked");
    api.put(&repository_path(&liked, "/favorite"), json!(null))
        .expect(204);
    assert_eq!(
        names(&api, &format!("namespace={namespace}&favourite=true")),
        [liked]
    );
    assert_eq!(names(&api, "favourite=true").len(), 1);
}

#[test]
fn parameters_that_do_not_exist_are_refused_by_name() {
    for (name, value) in [
        ("sort", "password_hash"),
        ("filter", "x"),
        ("order", "asc"),
        ("public", "true"),
    ] {
        let answer = admin()
            .get(&format!("/repositories?{name}={value}"))
            .expect(400);
        assert_eq!(answer.json()["params"]["field"], name);
    }
    admin()
        .get("/repositories?favourite=maybe")
        .expect_problem(400, "invalid_field");
}
