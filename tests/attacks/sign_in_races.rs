//! A change of what proves an identity, while somebody is being believed by the old proof.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use serde_json::json;
use wharf_testkit::{Login, Server, SharedServer, unique_name};

/// Sign-ins wait for each other here: many are begun at once.
static SERVER: SharedServer =
    SharedServer::new(|| Server::builder().config("[limits]\nlogin_failures = 1000000"));

/// Long enough for a request to have been read by the server, short against the hashing of one password.
const BEGUN: Duration = Duration::from_millis(25);

/// Begins this many sign-ins of nobody, each of which keeps a hashing thread busy.
fn keep_busy<'scope>(
    scope: &'scope thread::Scope<'scope, '_>,
    server: &'static Server,
    count: usize,
) {
    for _ in 0..count {
        scope.spawn(|| {
            let login = Login::basic(unique_name("nobody"), "not a password");
            server
                .registry(&login)
                .get("/v2/")
                .expect_one_of(&[401, 503]);
        });
    }
    thread::sleep(BEGUN);
}

#[test]
fn a_sign_in_that_was_under_way_does_not_outlive_a_password_reset() {
    let server = SERVER.get().server();
    let person = server.user(&unique_name("reset"));
    let old = person.login();
    let admin = server.api(&server.admin());
    admin.get("/me").expect(200);
    let target = format!("/users/{}/password", person.username);
    let new = json!({ "new_password": "another password entirely" });

    // The reset waits for a few sign-ins, and the sign-in by the old password for a few more behind it: it reads the old
    // hash before the reset commits and is done with it afterwards.
    let answered = AtomicUsize::new(0);
    thread::scope(|scope| {
        keep_busy(scope, server, 4);
        scope.spawn(|| {
            admin.post(&target, new.clone()).expect(200);
            answered.fetch_add(1, Ordering::SeqCst);
        });
        thread::sleep(BEGUN);
        keep_busy(scope, server, 6);
        scope.spawn(|| {
            // Whether it is believed is a matter of which came first; both are right.
            server.registry(&old).get("/v2/").expect_one_of(&[200, 401]);
        });
    });
    assert_eq!(answered.load(Ordering::SeqCst), 1, "the reset was answered");

    server
        .registry(&old)
        .get("/v2/")
        .expect_error(401, "UNAUTHORIZED");
    let forever = json!({ "name": "forever", "actions": ["pull", "push"] });
    server
        .api(&old)
        .post("/tokens", forever)
        .expect_problem(401, "unauthenticated");
    let login = Login::basic(&person.username, "another password entirely");
    server.registry(&login).get("/v2/").expect(200);
}

#[test]
fn a_sign_in_that_was_under_way_does_not_outlive_a_disabled_account() {
    let server = SERVER.get().server();
    let person = server.user(&unique_name("leaves"));
    let admin = server.api(&server.admin());
    admin.get("/me").expect(200);
    let target = format!("/users/{}", person.username);
    thread::scope(|scope| {
        keep_busy(scope, server, 4);
        scope.spawn(|| {
            let login = person.login();
            server
                .registry(&login)
                .get("/v2/")
                .expect_one_of(&[200, 401]);
        });
        thread::sleep(BEGUN);
        admin
            .patch(&target, json!({ "disabled": true }))
            .expect(200);
    });
    server
        .registry(&person.login())
        .get("/v2/")
        .expect_error(401, "UNAUTHORIZED");
    // It was the account that ended, not the password.
    admin
        .patch(&target, json!({ "disabled": false }))
        .expect(200);
    server.registry(&person.login()).get("/v2/").expect(200);
}
