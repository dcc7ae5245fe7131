//! `/me` and `/info`.

use serde_json::json;
use wharf_testkit::{Login, unique_name};

use crate::{SERVER, admin, fresh_person};

#[test]
fn me_is_the_account_that_asks() {
    let (person, api) = fresh_person();
    let me = api.get("/me").expect(200).json();
    assert_eq!(me["username"], person.username);
    assert_eq!(me["admin"], false);
    assert_eq!(me["disabled"], false);
    let admin = admin().get("/me").expect(200).json();
    assert_eq!(admin["username"], "admin");
    assert_eq!(admin["admin"], true);
}

#[test]
fn me_knows_the_last_login() {
    let (_, api) = fresh_person();
    api.get("/me").expect(200);
    wharf_tests::wait_until("the login is noted", || {
        api.get("/me").expect(200).json()["last_login_at"].is_string()
    });
}

#[test]
fn me_needs_a_login() {
    let server = SERVER.get();
    let nobody = server.api(&Login::Anonymous);
    nobody.get("/me").expect_problem(401, "unauthenticated");
    nobody.get("/info").expect_problem(401, "unauthenticated");
}

#[test]
fn a_wrong_password_is_refused_like_an_unknown_name() {
    let server = SERVER.get();
    let (person, _) = fresh_person();
    let known = server
        .api(&Login::basic(&person.username, "wrong"))
        .get("/me")
        .expect_problem(401, "unauthenticated");
    let unknown = server
        .api(&Login::basic(unique_name("nobody"), "wrong"))
        .get("/me")
        .expect_problem(401, "unauthenticated");
    assert_eq!(known.json()["detail"], unknown.json()["detail"]);
}

#[test]
fn info_names_version_and_address() {
    let server = SERVER.get();
    let (_, api) = fresh_person();
    let info = api.get("/info").expect(200).json();
    assert!(
        info["version"]
            .as_str()
            .is_some_and(|version| version.starts_with(char::is_numeric))
    );
    assert_eq!(info["address"], server.authority());
    assert_eq!(info.get("public_url").unwrap_or(&json!(null)), &json!(null));
}

#[test]
fn info_names_the_public_url_where_there_is_one() {
    let server = wharf_testkit::Server::builder()
        .config("[server]\npublic_url = \"https://registry.example:8443\"")
        .start();
    let info = server.api(&server.admin()).get("/info").expect(200).json();
    assert_eq!(info["public_url"], "https://registry.example:8443");
    assert_eq!(info["address"], "registry.example:8443");
}

#[test]
fn a_registry_token_is_worth_nothing_here() {
    let server = SERVER.get();
    let (person, _) = fresh_person();
    let token = server
        .registry(&person.login())
        .fetch_token(&wharf_testkit::registry::TokenRequest::default())
        .expect(200)
        .json()["token"]
        .as_str()
        .expect("a token")
        .to_owned();
    let api = server.api(&Login::Bearer(token));
    api.get("/me").expect_problem(401, "unauthenticated");
    api.get("/repositories")
        .expect_problem(401, "unauthenticated");
}
