//! What hangs on a repository, a namespace and a person is listed, and ends with them, at the code host too.

use std::collections::BTreeMap;

use serde_json::json;
use wharf_testkit::{ApiClient, unique_name};
use wharf_tests::building::wait_for;

use super::{
    kinds::{Host, Kind, Pace},
    place::Place,
};

pub(super) fn what_hangs_on_a_repository_a_namespace_and_a_person_ends_with_them(kind: Kind) {
    let Some(place) = Place::connect(kind, Pace::Told) else {
        return;
    };
    let [namespace, staying] = ["team", "others"].map(|prefix| {
        let name = place.server.namespace(&unique_name(prefix));
        place.server.member(&name, &place.person, "owner");
        name
    });
    let codes = ["of-repository", "of-namespace", "of-person"].map(|name| place.make_code(name));
    let definition = json!({ "trigger": { "branches": true } });
    let single = place.make_rule(&codes[0], definition.clone());
    let shared = place.make_rule_in(&namespace, &codes[1], definition.clone());
    let stopping = place.make_rule_in(&staying, &codes[2], definition);
    let commit = single.code.push_files("main", "One", &[("a", "1")]);
    single.wait_for_decision("refs/heads/main", &commit);
    // One that the host has; where it has none, the row by which a person may be told of pushes ends all the same.
    let is_there = |at: usize| match &place.host {
        Host::Forge(forge) if kind.is_told() => forge.webhooks(&codes[at].remote).len(),
        _ => usize::from(place.find_webhook(&codes[at].remote).is_some()),
    };
    assert_eq!([is_there(0), is_there(1), is_there(2)], [1, 1, 1]);
    let hooked = (kind.is_forge() && kind.is_told()).then_some(&1);
    let address = place.show_source()["address"].clone();

    let listed = list_dependents(&place.api, &single.path("/deletion"));
    assert_eq!(listed.get("rule"), Some(&1), "{listed:?}");
    assert_eq!(listed.get("webhook"), hooked, "{listed:?}");
    assert_eq!(listed.get("build"), Some(&1), "{listed:?}");
    place.api.delete(&single.path("")).expect(204);
    wait_for(|| (is_there(0) == 0).then_some(()));

    let target = format!("/namespaces/{namespace}");
    let listed = list_dependents(&place.api, &format!("{target}/deletion"));
    assert_eq!(listed.get("repository"), Some(&1), "{listed:?}");
    assert_eq!(listed.get("rule"), Some(&1), "{listed:?}");
    assert_eq!(listed.get("webhook"), hooked, "{listed:?}");
    // Images are in the way of a namespace: nobody deletes them in passing.
    place.api.delete(&target).expect_problem(409, "conflict");
    place.api.get(&shared.path("")).expect(200);
    let whole = format!("{target}?with_repositories=true");
    place.api.delete(&whole).expect(204);
    place.api.get(&shared.path("")).expect(404);
    wait_for(|| (is_there(1) == 0).then_some(()));

    let admin = place.server.api(&place.server.admin());
    let target = format!("/users/{}", place.person.username);
    let listed = list_dependents(&admin, &format!("{target}/deletion"));
    assert_eq!(listed.get("source"), Some(&1), "{listed:?}");
    assert_eq!(listed.get("webhook"), hooked, "{listed:?}");
    assert_eq!(listed.get("stopping_rule"), Some(&1), "{listed:?}");
    admin.delete(&target).expect(204);
    if let Host::Forge(forge) = &place.host {
        wait_for(|| forge.webhooks(&codes[2].remote).is_empty().then_some(()));
    }
    // Whoever stays sees that the rule builds nothing any more, and why.
    let rule = admin.get(&stopping.path("/rules/main")).expect(200).json();
    assert_eq!(rule["stopped"], "source_gone", "{rule:#}");
    assert!(rule["source"]["id"].is_null(), "{rule:#}");
    wait_for(|| {
        let left = admin.read_all("/removals", 1000);
        let mine = left.iter().any(|it| it["address"] == address);
        (!mine).then_some(())
    });
}

/// How many of each kind would end.
fn list_dependents(api: &ApiClient, path: &str) -> BTreeMap<String, u64> {
    let listed = api.get(path).expect(200).json();
    let items = listed["items"].as_array().expect("a list").iter();
    let pairs = items.map(|it| {
        let kind = it["kind"].as_str().expect("a word").to_owned();
        (kind, it["count"].as_u64().expect("a number"))
    });
    pairs.collect()
}
