//! `/repositories`: lists and their filters.

use serde_json::json;
use wharf_testkit::{ApiClient, ImageMaker, unique_name};

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
fn those_of_own_namespaces_can_be_listed_alone() {
    let server = SERVER.get();
    let (person, api) = fresh_person();
    let (namespace, foreign) = (namespace_with(&["own"]), namespace_with(&["public"]));
    server.member(&namespace, &person, "reader");
    server.set_visibility(&format!("{foreign}/public"), true);
    assert_eq!(names(&api, &format!("namespace={foreign}")).len(), 1);
    assert_eq!(names(&api, "member=true"), [format!("{namespace}/own")]);
    let foreign = format!("member=true&namespace={foreign}");
    assert_eq!(names(&api, &foreign), Vec::<String>::new());
    // Administrators are at home everywhere.
    assert_eq!(names(&admin(), &foreign).len(), 1);
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
fn the_list_is_sorted_and_filtered_by_type_and_says_what_each_row_shows() {
    let server = SERVER.get();
    let namespace = namespace_with(&["a", "b", "c"]);
    let registry = server.registry(&server.admin());
    for (name, tags) in [("b", ["v1"].as_slice()), ("a", &["v1", "v2"])] {
        let repository = registry.repository(&format!("{namespace}/{name}"));
        for tag in tags {
            let image = ImageMaker::new(format!("{namespace}/{name}:{tag}").as_str()).make();
            repository.push_image(tag, &image);
        }
    }
    server.set_visibility(&format!("{namespace}/c"), true);
    let short = |query: &str| -> Vec<String> {
        let all = names(&admin(), &format!("namespace={namespace}&{query}"));
        let all = all.iter().map(|name| name.rsplit('/').next());
        all.map(|last| last.expect("a name").to_owned()).collect()
    };
    for (sort, expected) in [
        ("name", ["a", "b", "c"]),
        ("-name", ["c", "b", "a"]),
        ("pushed", ["c", "b", "a"]),
        ("-pushed", ["a", "b", "c"]),
        ("created", ["a", "b", "c"]),
        ("-tags", ["a", "b", "c"]),
        ("-size", ["a", "b", "c"]),
    ] {
        assert_eq!(short(&format!("sort={sort}")), expected, "{sort}");
    }
    assert_eq!(short("type=public"), ["c"]);
    assert_eq!(short("type=private&sort=-name"), ["b", "a"]);
    let path = format!("/repositories?namespace={namespace}&sort=-size&brief=true");
    let paged = admin().read_all(&path, 1);
    let list = admin().get(&path).expect(200).json();
    assert_eq!(json!(paged), list["items"]);
    let first = &list["items"][0];
    assert_eq!(
        (&first["latest_tag"], &first["tag_count"]),
        (&json!("v2"), &json!(2))
    );
    assert!(first["description"] == "" && first.get("last_build").is_none());
    let path = repository_path(&format!("{namespace}/c"), "/builds");
    let body = json!({ "dockerfile": "FROM scratch\nLABEL a=b\n", "version": "v1" });
    let number = admin().post(&path, body).expect(201).json()["number"].clone();
    let shown = |api: &ApiClient| {
        let list = api.get(&format!("/repositories?namespace={namespace}&type=public"));
        list.expect(200).json()["items"][0]["last_build"].clone()
    };
    assert_eq!(shown(&admin())["number"], number);
    let (_, stranger) = fresh_person();
    assert!(shown(&stranger).is_null(), "builds are for members");
}

#[test]
fn parameters_that_do_not_exist_are_refused_by_name() {
    for (name, value) in [("filter", "x"), ("order", "asc"), ("public", "true")] {
        let answer = admin()
            .get(&format!("/repositories?{name}={value}"))
            .expect(400);
        assert_eq!(answer.json()["params"]["field"], name);
    }
    admin()
        .get("/repositories?favourite=maybe")
        .expect_problem(400, "invalid_field");
}
