//! `/namespaces/{ns}/members`.

use serde_json::json;
use wharf_testkit::unique_name;

use crate::{SERVER, admin, fresh_person};

#[test]
fn a_member_is_added_promoted_listed_and_removed() {
    let server = SERVER.get();
    let (person, api) = fresh_person();
    let namespace = server.namespace(&unique_name("space"));
    let target = format!("/namespaces/{namespace}/members/{}", person.username);
    api.get(&format!("/namespaces/{namespace}"))
        .expect_problem(404, "not_found");

    let member = admin()
        .put(&target, json!({ "role": "reader" }))
        .expect_one_of(&[200, 201])
        .json();
    assert_eq!(member["username"], person.username);
    assert_eq!(member["role"], "reader");
    assert_eq!(
        api.get(&format!("/namespaces/{namespace}"))
            .expect(200)
            .json()["role"],
        "reader"
    );

    let member = admin()
        .put(&target, json!({ "role": "maintainer" }))
        .expect_one_of(&[200, 201])
        .json();
    assert_eq!(member["role"], "maintainer");
    let members = admin().read_all(&format!("/namespaces/{namespace}/members"), 10);
    let listed: Vec<_> = members
        .iter()
        .filter(|member| member["username"] == person.username)
        .collect();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["role"], "maintainer");
    // One alone is what the list says of them, for everybody who belongs there.
    assert_eq!(&api.get(&target).expect(200).json(), listed[0]);

    admin().delete(&target).expect(204);
    api.get(&format!("/namespaces/{namespace}"))
        .expect_problem(404, "not_found");
    admin().get(&target).expect_problem(404, "not_found");
    admin().delete(&target).expect_problem(404, "not_found");
}

#[test]
fn every_role_can_be_given_and_no_other() {
    let server = SERVER.get();
    let (person, _) = fresh_person();
    let namespace = server.namespace(&unique_name("space"));
    let target = format!("/namespaces/{namespace}/members/{}", person.username);
    for role in ["reader", "developer", "maintainer", "owner"] {
        admin()
            .put(&target, json!({ "role": role }))
            .expect_one_of(&[200, 201]);
    }
    for role in ["admin", "Owner", "", "root"] {
        let answer = admin()
            .put(&target, json!({ "role": role }))
            .expect_problem(400, "invalid_field");
        assert_eq!(answer.json()["params"]["field"], "role");
    }
    admin()
        .put(&target, json!({ "role": "owner", "since": "today" }))
        .expect_problem(400, "unknown_field");
}

#[test]
fn somebody_who_does_not_exist_cannot_be_a_member() {
    let namespace = SERVER.get().namespace(&unique_name("space"));
    let target = format!("/namespaces/{namespace}/members/nobody-at-all");
    admin()
        .put(&target, json!({ "role": "reader" }))
        .expect_problem(404, "not_found");
    admin().delete(&target).expect_problem(404, "not_found");
}

#[test]
fn the_last_owner_stays() {
    let (person, api) = fresh_person();
    let target = format!("/namespaces/{0}/members/{0}", person.username);
    api.delete(&target).expect_problem(409, "conflict");
    api.put(&target, json!({ "role": "reader" }))
        .expect_problem(409, "conflict");

    let (other, _) = fresh_person();
    let space = unique_name("space");
    api.post("/namespaces", json!({ "name": space }))
        .expect(201);
    let own = format!("/namespaces/{space}/members/{}", person.username);
    let answer = api.delete(&own).expect_problem(409, "conflict");
    assert_eq!(answer.json()["params"]["what"], "last_owner");
    api.put(
        &format!("/namespaces/{space}/members/{}", other.username),
        json!({ "role": "owner" }),
    )
    .expect_one_of(&[200, 201]);
    api.delete(&own).expect(204);
    api.get(&format!("/namespaces/{space}"))
        .expect_problem(404, "not_found");
}

#[test]
fn an_owner_manages_members_without_being_admin() {
    let (_, api) = fresh_person();
    let (other, other_api) = fresh_person();
    let space = unique_name("space");
    api.post("/namespaces", json!({ "name": space }))
        .expect(201);
    api.put(
        &format!("/namespaces/{space}/members/{}", other.username),
        json!({ "role": "reader" }),
    )
    .expect_one_of(&[200, 201]);
    let members = other_api.read_all(&format!("/namespaces/{space}/members"), 1);
    assert_eq!(members.len(), 2);
}

#[test]
fn members_are_narrowed_by_name() {
    let server = SERVER.get();
    let (person, _) = fresh_person();
    let namespace = server.namespace(&unique_name("space"));
    let target = format!("/namespaces/{namespace}/members/{}", person.username);
    admin()
        .put(&target, json!({ "role": "reader" }))
        .expect(200);
    let list = format!("/namespaces/{namespace}/members");
    let found = admin().get(&format!("{list}?q={}", person.username));
    let found = found.expect(200).json();
    assert_eq!(found["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(found["items"][0]["username"], person.username);
    let none = admin()
        .get(&format!("{list}?q=nobody-is-called-so"))
        .expect(200);
    assert_eq!(none.json()["items"], json!([]));
}
