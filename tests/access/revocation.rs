//! A change of rights holds from the very next request, whatever was remembered and whichever token was given out.

use serde_json::json;
use wharf_testkit::{
    ImageMaker, Login, Person, RegistryClient, Repository, Server, SharedServer,
    registry::TokenRequest, unique_name,
};

static SERVER: SharedServer = SharedServer::new(Server::builder);

/// A repository with `v1`, in a namespace where the person has this role.
fn set_up(role: Option<&str>) -> (&'static Server, Person, Repository) {
    let server = SERVER.get().server();
    let person = server.user(&unique_name("person"));
    let namespace = server.namespace(&unique_name("space"));
    let repository = server
        .registry(&server.admin())
        .repository(&format!("{namespace}/app"));
    repository.push_image("v1", &ImageMaker::new(repository.name()).make());
    if let Some(role) = role {
        server.member(&namespace, &person, role);
    }
    (server, person, repository)
}

fn namespace_of(repository: &Repository) -> &str {
    repository.name().split('/').next().expect("a namespace")
}

/// The same login in every form in which it can reach `/v2`: as it is, and as a token that was given out before.
fn all_forms(server: &Server, login: &Login, repository: &Repository) -> Vec<RegistryClient> {
    let direct = server.registry(login);
    let request = TokenRequest::default().repository(repository.name(), "pull,push,delete");
    let token = direct.fetch_token(&request).expect(200).json()["token"]
        .as_str()
        .expect("a token")
        .to_owned();
    vec![direct.clone(), direct.with_login(Login::Bearer(token))]
}

/// Asserts that every form pulls, makes the change, and asserts that none does any more.
fn expect_pulls_to_end(forms: &[RegistryClient], repository: &Repository, change: impl FnOnce()) {
    for client in forms {
        repository.seen_by(client).get_manifest("v1").expect(200);
    }
    change();
    for client in forms {
        repository
            .seen_by(client)
            .get_manifest("v1")
            .expect_error(401, "UNAUTHORIZED");
    }
}

#[test]
fn a_member_who_is_removed_pulls_no_more() {
    let (server, person, repository) = set_up(Some("reader"));
    let forms = all_forms(server, &person.login(), &repository);
    expect_pulls_to_end(&forms, &repository, || {
        let target = format!(
            "/namespaces/{}/members/{}",
            namespace_of(&repository),
            person.username
        );
        server.api(&server.admin()).delete(&target).expect(204);
    });
}

#[test]
fn a_member_who_is_degraded_pushes_no_more_and_still_pulls() {
    let (server, person, repository) = set_up(Some("developer"));
    let forms = all_forms(server, &person.login(), &repository);
    for client in &forms {
        repository.seen_by(client).begin_upload("").expect(202);
    }
    server.member(namespace_of(&repository), &person, "reader");
    for client in &forms {
        repository
            .seen_by(client)
            .begin_upload("")
            .expect_error(403, "DENIED");
        repository.seen_by(client).get_manifest("v1").expect(200);
    }
}

#[test]
fn an_upload_session_ends_with_the_right_to_push() {
    let (server, person, repository) = set_up(Some("developer"));
    let theirs = repository.seen_by(&server.registry(&person.login()));
    let location = theirs.begin_upload("").expect(202).location();
    server.member(namespace_of(&repository), &person, "reader");
    theirs
        .patch_upload(&location, Some("0-2"), "abc")
        .expect_error(403, "DENIED");
    let digest = wharf_testkit::image::compute_digest(b"abc");
    theirs
        .put_upload(&location, &digest, "abc")
        .expect_error(403, "DENIED");
    repository.head_blob(&digest).expect(404);
}

#[test]
fn a_promotion_holds_at_once_too() {
    let (server, person, repository) = set_up(None);
    let theirs = repository.seen_by(&server.registry(&person.login()));
    theirs.get_manifest("v1").expect(401);
    server.member(namespace_of(&repository), &person, "reader");
    theirs.get_manifest("v1").expect(200);
    theirs.begin_upload("").expect(403);
    server.member(namespace_of(&repository), &person, "developer");
    theirs.begin_upload("").expect(202);
}

#[test]
fn a_repository_that_is_made_private_is_private_at_once() {
    let (server, person, repository) = set_up(None);
    server.set_visibility(repository.name(), true);
    let mut forms = all_forms(server, &person.login(), &repository);
    forms.extend(all_forms(server, &Login::Anonymous, &repository));
    expect_pulls_to_end(&forms, &repository, || {
        server.set_visibility(repository.name(), false)
    });
    server.set_visibility(repository.name(), true);
    for client in &forms {
        repository.seen_by(client).get_manifest("v1").expect(200);
    }
}

#[test]
fn a_deleted_token_is_dead_with_all_that_came_from_it() {
    let (server, person, repository) = set_up(Some("reader"));
    let token = server.token(&person, "laptop", &["pull"]);
    let forms = all_forms(server, &token.login(), &repository);
    expect_pulls_to_end(&forms, &repository, || {
        server
            .api(&person.login())
            .delete(&format!("/tokens/{}", token.id()))
            .expect(204);
    });
    server
        .api(&token.bearer())
        .get("/me")
        .expect_problem(401, "unauthenticated");
    repository
        .seen_by(&server.registry(&person.login()))
        .get_manifest("v1")
        .expect(200);
}

#[test]
fn a_deleted_robot_is_dead_with_all_that_came_from_it() {
    let (server, _, repository) = set_up(None);
    let namespace = namespace_of(&repository);
    let robot = server.robot(namespace, "ci", &["pull"]);
    let forms = all_forms(server, &robot.login(), &repository);
    expect_pulls_to_end(&forms, &repository, || {
        server
            .api(&server.admin())
            .delete(&format!("/namespaces/{namespace}/robots/ci"))
            .expect(204);
    });
}

#[test]
fn a_robots_old_secret_is_dead_with_all_that_came_from_it() {
    let (server, _, repository) = set_up(None);
    let namespace = namespace_of(&repository);
    let robot = server.robot(namespace, "ci", &["pull"]);
    let forms = all_forms(server, &robot.login(), &repository);
    expect_pulls_to_end(&forms, &repository, || {
        let target = format!("/namespaces/{namespace}/robots/ci/secret");
        server
            .api(&server.admin())
            .post(&target, json!({}))
            .expect_one_of(&[200, 201]);
    });
}

#[test]
fn a_disabled_robot_is_shut_out_with_all_that_came_from_it() {
    let (server, _, repository) = set_up(None);
    let namespace = namespace_of(&repository);
    let robot = server.robot(namespace, "ci", &["pull"]);
    let forms = all_forms(server, &robot.login(), &repository);
    expect_pulls_to_end(&forms, &repository, || {
        let target = format!("/namespaces/{namespace}/robots/ci");
        server
            .api(&server.admin())
            .patch(&target, json!({ "disabled": true }))
            .expect(200);
    });
}

#[test]
fn an_action_taken_from_a_robot_is_gone_at_once() {
    let (server, _, repository) = set_up(None);
    let namespace = namespace_of(&repository);
    let robot = server.robot(namespace, "ci", &["pull", "push"]);
    let forms = all_forms(server, &robot.login(), &repository);
    for client in &forms {
        repository.seen_by(client).begin_upload("").expect(202);
    }
    let target = format!("/namespaces/{namespace}/robots/ci");
    server
        .api(&server.admin())
        .patch(&target, json!({ "actions": ["pull"] }))
        .expect(200);
    let [direct, with_token] = forms.as_slice() else {
        panic!("two forms");
    };
    repository
        .seen_by(direct)
        .begin_upload("")
        .expect_error(403, "DENIED");
    repository.seen_by(direct).get_manifest("v1").expect(200);
    // A token from before the change may be dead altogether: the client fetches another.
    repository
        .seen_by(with_token)
        .begin_upload("")
        .expect_one_of(&[401, 403]);
}

#[test]
fn an_old_password_is_dead_with_all_that_came_from_it() {
    let (server, person, repository) = set_up(Some("reader"));
    let forms = all_forms(server, &person.login(), &repository);
    expect_pulls_to_end(&forms, &repository, || {
        let body =
            json!({ "current_password": person.password, "new_password": "another long phrase" });
        server
            .api(&person.login())
            .post("/me/password", body)
            .expect(204);
    });
    let renewed = server.registry(&Login::basic(&person.username, "another long phrase"));
    repository.seen_by(&renewed).get_manifest("v1").expect(200);
}

#[test]
fn a_password_that_was_reset_is_dead_with_all_that_came_from_it() {
    let (server, person, repository) = set_up(Some("reader"));
    let forms = all_forms(server, &person.login(), &repository);
    expect_pulls_to_end(&forms, &repository, || {
        let target = format!("/users/{}/password", person.username);
        server
            .api(&server.admin())
            .post(&target, json!({}))
            .expect(200);
    });
}

#[test]
fn a_password_reset_on_the_host_is_noticed_within_a_second() {
    let server = Server::start();
    let person = server.user("forgetful");
    let client = server.registry(&person.login());
    client.get("/v2/").expect(200);
    let folder = server.data_dir().to_str().expect("UTF-8").to_owned();
    let output = server.run(&["user", "reset-password", "forgetful", "--data-dir", &folder]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let done = std::time::Instant::now();
    wharf_tests::wait_until("the old password is dead", || {
        client.get("/v2/").status == 401
    });
    assert!(
        done.elapsed() < std::time::Duration::from_millis(1500),
        "{:?}",
        done.elapsed()
    );
    let shown = String::from_utf8(output.stdout).expect("UTF-8");
    let worked = shown.split_whitespace().any(|word| {
        server
            .registry(&Login::basic("forgetful", word))
            .get("/v2/")
            .status
            == 200
    });
    assert!(worked, "no word of this is the new password: {shown}");
}

#[test]
fn a_disabled_user_is_shut_out_with_all_that_came_from_them() {
    let (server, person, repository) = set_up(Some("reader"));
    let token = server.token(&person, "laptop", &["pull"]);
    let mut forms = all_forms(server, &person.login(), &repository);
    forms.extend(all_forms(server, &token.login(), &repository));
    expect_pulls_to_end(&forms, &repository, || {
        let target = format!("/users/{}", person.username);
        server
            .api(&server.admin())
            .patch(&target, json!({ "disabled": true }))
            .expect(200);
    });
}

#[test]
fn a_deleted_user_is_gone_with_all_that_came_from_them() {
    let (server, person, repository) = set_up(Some("reader"));
    let token = server.token(&person, "laptop", &["pull"]);
    let mut forms = all_forms(server, &person.login(), &repository);
    forms.extend(all_forms(server, &token.login(), &repository));
    expect_pulls_to_end(&forms, &repository, || {
        server
            .api(&server.admin())
            .delete(&format!("/users/{}", person.username))
            .expect(204);
    });
}

#[test]
fn an_admin_who_is_none_any_more_sees_what_others_see() {
    let (server, _, repository) = set_up(None);
    let former = server.another_admin(&unique_name("former"));
    let forms = all_forms(server, &former.login(), &repository);
    expect_pulls_to_end(&forms, &repository, || {
        let target = format!("/users/{}", former.username);
        server
            .api(&server.admin())
            .patch(&target, json!({ "admin": false }))
            .expect(200);
    });
    server
        .api(&former.login())
        .get("/users")
        .expect_problem(403, "denied");
}

#[test]
fn a_robot_has_never_more_than_its_maker() {
    let (server, person, repository) = set_up(Some("maintainer"));
    let namespace = namespace_of(&repository);
    let robot = server.robot_by(&person.login(), namespace, "ci", &["pull", "push"]);
    let client = server.registry(&robot.login());
    repository.seen_by(&client).get_manifest("v1").expect(200);
    let other = server
        .registry(&server.admin())
        .repository(&format!("{}/app", unique_name("other")));
    other.push_image("v1", &ImageMaker::new("elsewhere").make());
    other.seen_by(&client).get_manifest("v1").expect(401);
}

#[test]
fn a_repository_that_was_deleted_is_gone_for_tokens_too() {
    let (server, person, repository) = set_up(Some("reader"));
    let forms = all_forms(server, &person.login(), &repository);
    for client in &forms {
        repository.seen_by(client).get_manifest("v1").expect(200);
    }
    let target = format!(
        "/repositories/{}",
        wharf_testkit::encode_segment(repository.name())
    );
    server.api(&server.admin()).delete(&target).expect(204);
    for client in &forms {
        repository.seen_by(client).get_manifest("v1").expect(404);
    }
}
