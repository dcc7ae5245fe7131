//! `POST /hooks/{kind}/{id}`: what a stranger hears. Signed deliveries are tested where rules are.

use reqwest::Method;
use wharf_testkit::{Login, RegistryClient};

use crate::SERVER;

fn client(login: &Login) -> RegistryClient {
    SERVER.get().registry(login)
}

const NOTHING: &str = "/hooks/github/01920000-0000-7000-8000-000000000000";

#[test]
fn h60_nobody_is_told_whether_a_webhook_exists_and_no_login_helps() {
    let admin = SERVER.get().admin();
    for login in [Login::Anonymous, admin] {
        for path in [
            NOTHING,
            "/hooks/github/none",
            "/hooks/svn/1",
            "/hooks/",
            "/hooks/a/b/c",
        ] {
            let answer = client(&login).request(Method::POST, path).body("{}").send();
            assert_eq!(answer.status, 401, "{}", answer.describe());
            assert_eq!(answer.json()["error"], "unsigned");
        }
    }
}

#[test]
fn a_delivery_is_posted_and_has_a_size() {
    let client = client(&Login::Anonymous);
    let answer = client.get(NOTHING);
    assert_eq!(answer.status, 405);
    assert_eq!(answer.header("allow"), "POST");
    let large = vec![b'x'; 25 * 1024 * 1024 + 1];
    let answer = client.request(Method::POST, NOTHING).body(large).send();
    assert_eq!(answer.status, 413, "{}", answer.describe());
}
