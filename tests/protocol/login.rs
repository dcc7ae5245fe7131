//! Logging in as docker does: a challenge, a token, and what the token is good for.

use reqwest::Method;
use wharf_testkit::{
    Answer, ImageMaker, Login, Person, Server,
    registry::{Challenge, TokenRequest},
    unique_name,
};

use crate::SERVER;

fn person() -> (&'static Server, Person) {
    let server = SERVER.get().server();
    (server, server.user(&unique_name("login")))
}

/// POSTs a form to the token service (OAuth2), without credentials in a header.
fn post_form(server: &Server, fields: &[(&str, &str)]) -> Answer {
    let body: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", wharf_testkit::encode_segment(value)))
        .collect();
    server
        .registry(&Login::Anonymous)
        .request(Method::POST, "/auth/token")
        .typed_body("application/x-www-form-urlencoded", body.join("&"))
        .send()
}

#[test]
fn docker_login_gets_a_token_without_a_scope() {
    let (server, person) = person();
    let client = server.registry(&person.login());
    let challenge = Challenge::find(&server.registry(&Login::Anonymous).get("/v2/").expect(401))
        .expect("a challenge");
    let request = TokenRequest::default()
        .service(&challenge.service)
        .parameter("account", &person.username)
        .parameter("client_id", "docker")
        .parameter("offline_token", "true");
    let body = client.fetch_token(&request).expect(200).json();
    let token = body["token"].as_str().expect("a token");
    assert_eq!(body["access_token"], token);
    assert_eq!(body["expires_in"], 300);
    assert!(
        body["issued_at"]
            .as_str()
            .is_some_and(|text| text.ends_with('Z'))
    );
    client
        .with_login(Login::Bearer(token.to_owned()))
        .get("/v2/")
        .expect(200);
}

#[test]
fn docker_login_with_a_wrong_password_is_refused() {
    let (server, person) = person();
    let client = server.registry(&Login::basic(&person.username, "not the password"));
    client.fetch_token(&TokenRequest::default()).expect(401);
    client.get("/v2/").expect_error(401, "UNAUTHORIZED");
}

#[test]
fn docker_login_of_an_unknown_name_is_refused_like_a_wrong_password() {
    let (server, person) = person();
    let known = server
        .registry(&Login::basic(&person.username, "wrong"))
        .get("/v2/")
        .expect(401);
    let unknown = server
        .registry(&Login::basic(unique_name("nobody"), "wrong"))
        .get("/v2/")
        .expect(401);
    assert_eq!(known.text(), unknown.text());
}

#[test]
fn a_challenge_names_repository_and_action() {
    let (server, person) = person();
    let name = format!("{}/app", person.username);
    let nobody = server.registry(&Login::Anonymous).repository(&name);
    let scope = |answer: Answer| {
        Challenge::find(&answer)
            .expect("a challenge")
            .scope
            .expect("a scope")
    };
    assert_eq!(
        scope(nobody.get_manifest("v1")),
        format!("repository:{name}:pull")
    );
    assert_eq!(
        scope(nobody.list_tags("")),
        format!("repository:{name}:pull")
    );
    for answer in [
        nobody.begin_upload(""),
        nobody.put_manifest("v1", &ImageMaker::new("x").make().manifest),
    ] {
        let scope = scope(answer);
        assert!(
            scope == format!("repository:{name}:pull,push")
                || scope == format!("repository:{name}:push,pull"),
            "{scope}"
        );
    }
    let answer = nobody.delete_manifest("v1");
    assert!(scope(answer).contains("delete"));
}

#[test]
fn push_pull_and_delete_work_through_tokens() {
    let (server, person) = person();
    let client = server.registry(&person.login()).with_token_flow();
    let repository = client.repository(&format!("{}/app", person.username));
    let image = ImageMaker::new("through tokens").make();
    let digest = repository.push_image("v1", &image);
    assert_eq!(
        repository.get_manifest("v1").expect(200).body,
        image.manifest.bytes
    );
    repository.get_blob(&image.config.digest()).expect(200);
    assert_eq!(repository.read_tags(""), ["v1"]);
    repository.delete_manifest(&digest).expect(202);
    client.list_catalog("").expect(200);
}

#[test]
fn mount_works_through_a_token_for_both_repositories() {
    let (server, person) = person();
    let client = server.registry(&person.login());
    let source = client.repository(&format!("{}/source", person.username));
    let target = format!("{}/target", person.username);
    let digest = source.push_bytes("mounted by token");
    let request = TokenRequest::default()
        .repository(source.name(), "pull")
        .repository(&target, "pull,push");
    let token = client.fetch_token(&request).expect(200).json()["token"]
        .as_str()
        .expect("a token")
        .to_owned();
    let target = client.with_login(Login::Bearer(token)).repository(&target);
    target.mount_blob(&digest, Some(source.name())).expect(201);
}

#[test]
fn mount_through_a_token_for_the_target_only_asks_for_the_scope_it_lacks() {
    let (server, person) = person();
    let client = server.registry(&person.login());
    let source = client.repository(&format!("{}/source", person.username));
    let target = format!("{}/target", person.username);
    let digest = source.push_bytes("out of scope");
    let request = TokenRequest::default().repository(&target, "pull,push");
    let token = client.fetch_token(&request).expect(200).json()["token"]
        .as_str()
        .expect("a token")
        .to_owned();
    let target = client.with_login(Login::Bearer(token)).repository(&target);
    let answer = target
        .mount_blob(&digest, Some(source.name()))
        .expect_error(401, "UNAUTHORIZED");
    let scope = Challenge::find(&answer).and_then(|challenge| challenge.scope);
    let scope = scope.expect("a scope");
    assert!(
        scope.contains(&format!("repository:{}:pull", source.name())),
        "{scope}"
    );
    // Without a source no repository is named either: a narrow token learns nothing outside its scope.
    let answer = target
        .mount_blob(&digest, None)
        .expect_error(401, "UNAUTHORIZED");
    let scope = Challenge::find(&answer).and_then(|challenge| challenge.scope);
    let scope = scope.expect("a scope");
    assert!(scope.contains("registry:mount:*"), "{scope}");
    assert!(!scope.contains(source.name()), "{scope}");
    target.head_blob(&digest).expect(404);
}

#[test]
fn a_token_is_good_for_its_scope_only() {
    let (server, person) = person();
    let client = server.registry(&person.login());
    let repository = client.repository(&format!("{}/app", person.username));
    repository.push_image("v1", &ImageMaker::new("scoped").make());
    client
        .repository(&format!("{}/other", person.username))
        .push_image("v1", &ImageMaker::new("scoped").make());

    let request = TokenRequest::default().repository(repository.name(), "pull");
    let token = client.fetch_token(&request).expect(200).json()["token"]
        .as_str()
        .expect("a token")
        .to_owned();
    let limited = client.with_login(Login::Bearer(token));
    limited
        .repository(repository.name())
        .get_manifest("v1")
        .expect(200);

    let answer = limited
        .repository(repository.name())
        .begin_upload("")
        .expect_error(401, "UNAUTHORIZED");
    let challenge = Challenge::find(&answer).expect("a challenge");
    assert_eq!(challenge.error.as_deref(), Some("insufficient_scope"));
    limited
        .repository(&format!("{}/other", person.username))
        .get_manifest("v1")
        .expect(401);
}

#[test]
fn an_anonymous_token_pulls_what_is_public_and_nothing_else() {
    let (server, person) = person();
    let name = format!("{}/app", person.username);
    let digest = server
        .registry(&person.login())
        .repository(&name)
        .push_image("v1", &ImageMaker::new("public").make());
    let nobody = server.registry(&Login::Anonymous).with_token_flow();
    nobody.repository(&name).get_manifest("v1").expect(401);
    server.set_visibility(&name, true);
    nobody.repository(&name).get_manifest(&digest).expect(200);
    nobody.repository(&name).begin_upload("").expect(401);
}

#[test]
fn oauth_gives_a_token_for_a_password_and_for_a_personal_token() {
    let (server, person) = person();
    let name = format!("{}/app", person.username);
    let scope = format!("repository:{name}:pull,push");
    let client = server.registry(&person.login());
    client
        .repository(&name)
        .push_image("v1", &ImageMaker::new("oauth").make());
    let challenge = server.registry(&Login::Anonymous).get("/v2/");
    let service = Challenge::find(&challenge).expect("a challenge").service;
    let personal = server.token(&person, "containerd", &["pull"]);

    let common = [
        ("service", service.as_str()),
        ("client_id", "containerd"),
        ("scope", &scope),
    ];
    let password = [
        ("grant_type", "password"),
        ("username", &person.username),
        ("password", &person.password),
        ("access_type", "offline"),
    ];
    let refresh = [
        ("grant_type", "refresh_token"),
        ("refresh_token", &personal.secret),
    ];
    let ask = |fields: &[(&str, &str)]| {
        let body = post_form(server, &[fields, &common].concat())
            .expect(200)
            .json();
        assert_eq!(body["expires_in"], 300);
        let token = body["access_token"].as_str().expect("a token").to_owned();
        client.with_login(Login::Bearer(token)).repository(&name)
    };
    let with_password = ask(&password);
    with_password.get_manifest("v1").expect(200);
    with_password.begin_upload("").expect(202);
    let with_token = ask(&refresh);
    with_token.get_manifest("v1").expect(200);
    with_token.begin_upload("").expect_error(403, "DENIED");
}

#[test]
fn oauth_with_a_wrong_password_or_grant_is_refused() {
    let (server, person) = person();
    let service = server.authority().to_owned();
    post_form(
        server,
        &[
            ("grant_type", "password"),
            ("username", &person.username),
            ("password", "wrong"),
            ("service", &service),
            ("client_id", "x"),
        ],
    )
    .expect_one_of(&[400, 401]);
    post_form(
        server,
        &[
            ("grant_type", "refresh_token"),
            ("refresh_token", "made-up"),
            ("service", &service),
            ("client_id", "x"),
        ],
    )
    .expect_one_of(&[400, 401]);
    post_form(
        server,
        &[
            ("grant_type", "client_credentials"),
            ("service", &service),
            ("client_id", "x"),
        ],
    )
    .expect(400);
}

#[test]
fn a_made_up_token_is_refused() {
    let (server, _) = person();
    for token in ["x", "a.b.c", "wharf_pat_0000", &".".repeat(1000)] {
        let client = server.registry(&Login::Bearer(token.to_owned()));
        client.get("/v2/").expect_error(401, "UNAUTHORIZED");
    }
}

#[test]
fn a_personal_token_is_no_registry_token() {
    let (server, person) = person();
    let token = server.token(&person, "laptop", &["pull", "push"]);
    server
        .registry(&token.bearer())
        .get("/v2/")
        .expect_error(401, "UNAUTHORIZED");
}

#[test]
fn personal_tokens_and_robots_log_in_like_passwords() {
    let (server, person) = person();
    let token = server.token(&person, "laptop", &["pull", "push"]);
    let robot = server.robot(&person.username, "ci", &["pull", "push"]);
    for (number, login) in [token.login(), robot.login()].into_iter().enumerate() {
        let direct = server.registry(&login);
        direct.get("/v2/").expect(200);
        direct
            .repository(&format!("{}/app-{number}", person.username))
            .push_image("v1", &ImageMaker::new("direct").make());
    }
    for login in [token.login(), robot.login()] {
        let flow = server.registry(&login).with_token_flow();
        flow.repository(&format!("{}/flow", person.username))
            .push_image("v1", &ImageMaker::new("flow").make());
    }
}

#[test]
fn a_token_outlives_the_server_and_names_it_by_its_own_address() {
    let mut server = Server::start();
    let person = server.user("traveler");
    let client = server.registry(&person.login());
    let token = client
        .fetch_token(&TokenRequest::default())
        .expect(200)
        .json()["token"]
        .as_str()
        .expect("a token")
        .to_owned();
    server.restart();
    client
        .with_login(Login::Bearer(token))
        .get("/v2/")
        .expect(200);
}
