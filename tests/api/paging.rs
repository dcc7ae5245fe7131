//! Pages: sizes, cursors, and what happens between two of them.

use wharf_testkit::{encode_segment, unique_name};

use crate::{SERVER, admin, repository_path};

fn namespace_with_five() -> String {
    let server = SERVER.get();
    let namespace = server.namespace(&unique_name("paged"));
    for name in ["a", "b", "c", "d", "e"] {
        server.create_repository(&format!("{namespace}/{name}"), false);
    }
    namespace
}

#[test]
fn the_last_page_has_no_cursor() {
    let namespace = namespace_with_five();
    let page = |limit: usize| {
        admin()
            .get(&format!(
                "/repositories?namespace={namespace}&limit={limit}"
            ))
            .expect(200)
            .json()
    };
    assert!(page(4)["next"].is_string());
    for limit in [5, 6, 1000] {
        assert!(page(limit)["next"].is_null(), "{limit}");
    }
}

#[test]
fn a_limit_that_is_no_number_is_refused() {
    for limit in ["-1", "abc", "1.5", "0x10", "%00"] {
        let answer = admin()
            .get(&format!("/repositories?limit={limit}"))
            .expect_problem(400, "invalid_field");
        assert_eq!(answer.json()["params"]["field"], "limit");
    }
}

#[test]
fn a_limit_out_of_range_never_makes_a_page_out_of_range() {
    for limit in ["0", "1001", "99999", "18446744073709551615"] {
        let answer = admin().get(&format!("/audit?limit={limit}"));
        if answer.clone().expect_one_of(&[200, 400]).status == 200 {
            let items = answer.json()["items"].as_array().expect("a list").len();
            assert!((1..=1000).contains(&items), "{limit} gave {items}");
        }
    }
}

#[test]
fn a_cursor_that_was_never_given_is_refused() {
    for cursor in ["nothing", "%00", "....", "AAAA", "%27%20OR%201%3D1"] {
        for list in ["/repositories", "/users", "/namespaces", "/audit"] {
            let answer = admin().get(&format!("{list}?after={cursor}"));
            let answer = answer.expect_problem(400, "invalid_field");
            assert_eq!(answer.json()["params"]["field"], "after");
        }
    }
}

#[test]
fn a_page_goes_on_where_it_ended_although_things_came_and_went() {
    let server = SERVER.get();
    let namespace = namespace_with_five();
    let first = admin()
        .get(&format!("/repositories?namespace={namespace}&limit=2"))
        .expect(200)
        .json();
    assert_eq!(first["items"][1]["name"], format!("{namespace}/b"));
    let cursor = encode_segment(first["next"].as_str().expect("more"));

    admin()
        .delete(&repository_path(&format!("{namespace}/b"), ""))
        .expect(204);
    server.create_repository(&format!("{namespace}/a2"), false);
    server.create_repository(&format!("{namespace}/c2"), false);

    let second = admin()
        .get(&format!(
            "/repositories?namespace={namespace}&limit=100&after={cursor}"
        ))
        .expect(200)
        .json();
    let names: Vec<&str> = second["items"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|item| item["name"].as_str())
        .collect();
    assert_eq!(
        names,
        ["c", "c2", "d", "e"].map(|name| format!("{namespace}/{name}"))
    );
}

#[test]
fn a_list_without_a_limit_has_a_hundred_at_most() {
    let server = SERVER.get();
    let namespace = server.namespace(&unique_name("hundred"));
    wharf_tests::run_in_parallel(101, |number| {
        server.create_repository(&format!("{namespace}/r{number:03}"), false)
    });
    let page = admin()
        .get(&format!("/repositories?namespace={namespace}"))
        .expect(200)
        .json();
    assert_eq!(page["items"].as_array().expect("a list").len(), 100);
    assert!(page["next"].is_string());
}
