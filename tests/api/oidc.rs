//! Signing in through a real identity provider: who somebody is, what their groups give, and what ends with them.

use std::time::Duration;

use serde_json::json;
use wharf_testkit::{Login, skip};
use wharf_tests::oidc::{Browser, IdentityProvider};

const MISSING: &str = "npm's oidc-provider is not installed (make test-deps)";

#[test]
fn a_person_signs_in_through_the_provider_and_is_known_again() {
    let Some(provider) = IdentityProvider::start() else {
        skip!("{MISSING}");
    };
    let server = provider.serve("");
    let tried = server
        .api(&server.admin())
        .post("/settings/provider-trials", json!({}))
        .expect(200)
        .json();
    assert_eq!(tried["ok"], true, "{tried}");
    let told = server.api(&Login::Anonymous).get("/session").expect(200);
    assert_eq!(told.json()["oidc"]["name"], "Example");
    let person = json!({
        "sub": "248289761001", "preferred_username": "Li.Wei", "name": "李伟",
        "email": "li@example.com", "email_verified": true,
    });
    provider.name_next(&server, &person);
    let mut browser = Browser::new(&server);
    let (last, answer) = browser.sign_in("/images?q=web#top");
    assert_eq!(
        last,
        format!("{}/images?q=web#top", server.url()),
        "{}",
        answer.describe()
    );
    let session = browser.session().expect("a session");
    let api = server.api(&session);
    let me = api.get("/me").expect(200).json();
    assert_eq!(me["username"], "li.wei");
    assert_eq!(me["display_name"], "李伟");
    assert_eq!(me["email"], "li@example.com");
    assert_eq!(me["admin"], false);
    assert_eq!(
        api.get("/session").expect(200).json()["must_change_password"],
        false
    );

    // No password of theirs is any good here; a token is what docker signs in with.
    for password in ["", "password", "248289761001"] {
        let login = Login::basic("li.wei", password);
        server.registry(&login).get("/v2/").expect(401);
    }
    let made = json!({ "name": "docker", "actions": ["pull", "push"] });
    let token = api.post("/tokens", made).expect(201).json();
    let login = Login::basic("li.wei", token["secret"].as_str().expect("a secret"));
    server.registry(&login).get("/v2/").expect(200);

    // Called something else, it is still the same person; called the same, another is not.
    let renamed = json!({ "sub": "248289761001", "preferred_username": "boss" });
    provider.name_next(&server, &renamed);
    let mut again = Browser::new(&server);
    again.sign_in("/images");
    let api = server.api(&again.session().expect("a session"));
    assert_eq!(api.get("/me").expect(200).json()["username"], "li.wei");
    let other =
        json!({ "sub": "another", "preferred_username": "li.wei", "email": "li@example.com" });
    provider.name_next(&server, &other);
    let mut other = Browser::new(&server);
    other.sign_in("/images");
    let api = server.api(&other.session().expect("a session"));
    let me = api.get("/me").expect(200).json();
    assert_eq!(
        (&me["username"], &me["email"]),
        (&json!("li.wei-2"), &json!(""))
    );

    // An account that ends here ends at once, and is not made anew by signing in.
    let admin = server.api(&server.admin());
    let disable = json!({ "disabled": true });
    admin.patch("/users/li.wei", disable).expect(200);
    server.registry(&login).get("/v2/").expect(401);
    let api = server.api(&session);
    api.get("/me").expect_problem(401, "unauthenticated");
    provider.name_next(&server, &person);
    let mut shut_out = Browser::new(&server);
    let (_, answer) = shut_out.sign_in("/images");
    answer.expect(400);
    assert!(shut_out.session().is_none());
}

#[test]
fn groups_are_read_at_each_sign_in_and_give_what_the_operator_says() {
    let Some(provider) = IdentityProvider::start() else {
        skip!("{MISSING}");
    };
    let server = provider.serve(
        "admin_groups = [\"platform\"]\nroles = [\"shop-dev=shop:developer\", \"shop-leads=shop:owner\"]",
    );
    let admin = server.api(&server.admin());
    server.namespace("shop");
    let sign_in = |groups: &[&str]| {
        let person = json!({ "sub": "7", "preferred_username": "kim", "groups": groups });
        provider.name_next(&server, &person);
        let mut browser = Browser::new(&server);
        let (_, answer) = browser.sign_in("/images");
        server.api(
            &browser
                .session()
                .unwrap_or_else(|| panic!("{}", answer.describe())),
        )
    };
    let role = || {
        let listed = admin.get("/namespaces/shop/members").expect(200).json();
        let items = listed["items"].as_array().expect("members").clone();
        let own = items.into_iter().find(|item| item["username"] == "kim");
        own.map(|own| own["role"].as_str().expect("a role").to_owned())
    };
    let api = sign_in(&["shop-dev"]);
    assert_eq!(api.get("/me").expect(200).json()["admin"], false);
    assert_eq!(role().as_deref(), Some("developer"));
    let later = sign_in(&["shop-dev", "shop-leads", "platform"]);
    assert_eq!(later.get("/me").expect(200).json()["admin"], true);
    assert_eq!(role().as_deref(), Some("owner"));
    // Rights that came or went are nothing that an older session goes on with.
    api.get("/me").expect_problem(401, "unauthenticated");
    let nothing = sign_in(&[]);
    assert_eq!(nothing.get("/me").expect(200).json()["admin"], false);
    assert_eq!(role(), None);
    later.get("/me").expect_problem(401, "unauthenticated");
    nothing
        .get("/namespaces/shop")
        .expect_problem(404, "not_found");
    // The namespace of their own name is theirs whatever groups say, and so is the first administrator's office.
    nothing.get("/namespaces/kim").expect(200);
    admin.get("/users").expect(200);
}

#[test]
fn only_people_of_allowed_groups_sign_in_and_what_groups_give_is_in_the_audit_log() {
    let Some(provider) = IdentityProvider::start() else {
        skip!("{MISSING}");
    };
    let server =
        provider.serve("allowed_groups = [\"staff\"]\nadmin_groups = [\"platform\"]\nroles = [\"shop-dev=shop:developer\"]");
    let admin = server.api(&server.admin());
    server.namespace("shop");
    let sign_in = |groups: &[&str]| {
        let person = json!({ "sub": "9", "preferred_username": "kim", "groups": groups });
        provider.name_next(&server, &person);
        let mut browser = Browser::new(&server);
        let (_, answer) = browser.sign_in("/images");
        (browser.session(), answer)
    };
    let (session, answer) = sign_in(&["shop-dev"]);
    assert!(session.is_none());
    answer.expect(400);
    admin.get("/users/kim").expect(404);
    let (session, _) = sign_in(&["staff", "shop-dev", "platform"]);
    let api = server.api(&session.expect("a session"));
    assert_eq!(api.get("/me").expect(200).json()["admin"], true);
    let listed = api.get("/me/sessions").expect(200).json();
    // Groups are read at a sign-in, so that the next one comes on the same day.
    let ends = listed["items"][0]["expires_at"].as_str().expect("a time");
    let at = |hours: u64| wharf_tests::format_time(Duration::from_secs(hours * 3600));
    assert!(*ends > *at(11) && *ends < *at(13), "{ends}");
    let entries = admin.get("/audit?action=member.set").expect(200).json();
    let entry = &entries["items"][0];
    assert_eq!(entry["actor"], "kim");
    assert_eq!(entry["details"]["by"], "groups", "{entry}");
    // Out of the group, out of the house, with all that groups gave; also where a session was left open.
    assert!(sign_in(&["shop-dev", "platform"]).0.is_none());
    api.get("/me").expect_problem(401, "unauthenticated");
    assert_eq!(admin.get("/users/kim").expect(200).json()["admin"], false);
    let members = admin.get("/namespaces/shop/members").expect(200).text();
    assert!(!members.contains("kim"), "{members}");
    // Whoever comes again and again has nothing left to end.
    assert!(sign_in(&["shop-dev"]).0.is_none());
    assert!(sign_in(&[]).0.is_none());
    let entries = admin.get("/audit?action=session.end").expect(200).json();
    assert_eq!(entries["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(entries["items"][0]["details"]["by"], "groups");
    let (session, _) = sign_in(&["staff", "shop-dev"]);
    let api = server.api(&session.expect("a session"));
    api.get("/namespaces/shop").expect(200);
}

#[test]
fn who_may_not_come_in_does_not_try_without_end() {
    let Some(provider) = IdentityProvider::start() else {
        skip!("{MISSING}");
    };
    // Ten times as many of a network.
    let limits = "allowed_groups = [\"staff\"]\n[limits]\nlogin_failures = 1";
    let server = provider.serve(limits);
    let sign_in = || {
        let person = json!({ "sub": "9", "preferred_username": "kim", "groups": [] });
        provider.name_next(&server, &person);
        Browser::new(&server).sign_in("/images").1
    };
    for _ in 0..10 {
        sign_in().expect(400);
    }
    // Nobody is let in from there for a while, as after as many wrong passwords.
    let login = Login::basic("somebody", "a password");
    server.api(&login).get("/me").expect(429);
}
