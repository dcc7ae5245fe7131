//! Secrets are shown once and never again, not even to administrators.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;
use wharf_testkit::{ApiClient, Login, encode_segment, image::compute_digest, unique_name};

use crate::world::World;

/// Every GET route of the management API, filled with what there is.
pub(crate) fn list_get_routes(api: &ApiClient, fill: &[(&str, String)]) -> Vec<String> {
    let routes = api.contract().operations().iter();
    routes
        .filter(|operation| operation.method == "GET")
        .map(|operation| {
            let filled = fill
                .iter()
                .fold(operation.path.clone(), |path, (name, value)| {
                    path.replace(name, value)
                });
            assert!(!filled.contains('{'), "{filled} names something unknown");
            filled
        })
        .collect()
}

/// A secret in every form in which it could be shown or kept.
fn spell(secret: &str) -> Vec<String> {
    let hash = compute_digest(secret.as_bytes());
    let hash = hash.strip_prefix("sha256:").expect("sha256").to_owned();
    let raw: Vec<u8> = (0..32)
        .map(|place| u8::from_str_radix(&hash[2 * place..2 * place + 2], 16).expect("hexadecimal"))
        .collect();
    vec![
        secret.to_owned(),
        STANDARD.encode(secret),
        encode_segment(secret),
        STANDARD.encode(raw),
        hash,
    ]
}

#[test]
fn h39_a_secret_is_in_no_answer_but_the_first() {
    let world = World::get();
    let server = world.server;
    let admin = server.api(&server.admin());
    let namespace = server.namespace(&unique_name("kept"));
    let robot = server.robot(&namespace, "ci", &["pull", "push"]);
    let made = json!({ "username": unique_name("kept") });
    let made = admin.post("/users", made).expect(201).json();
    let person = made["username"].as_str().expect("a name").to_owned();
    let password = made["password"].as_str().expect("a password").to_owned();
    let body = json!({ "name": unique_name("kept"), "actions": ["pull", "admin"] });
    let token = admin.post("/tokens", body).expect(201).json();
    let token = token["secret"].as_str().expect("a secret").to_owned();
    let rotated = format!("/namespaces/{namespace}/robots/ci/secret");
    let rotated = admin.post(&rotated, json!({})).expect(200).json();
    let rotated = rotated["secret"].as_str().expect("a secret").to_owned();
    let reset = admin.post(&format!("/users/{person}/password"), json!({}));
    let reset = reset.expect(200).json();
    let reset = reset["password"].as_str().expect("a password").to_owned();
    let repository = server
        .registry(&server.admin())
        .repository(&format!("{namespace}/app"));
    let image = wharf_testkit::ImageMaker::new("kept").make();
    repository.push_image("v1", &image);

    let body = json!({ "kind": "git", "address": "ssh://1.1.1.1" });
    let source = admin.post("/sources", body).expect(201).json();
    let source = source["id"].as_str().expect("an id").to_owned();
    let elsewhere = unique_name("a-password-for-another-registry");
    let body = json!({ "host": "r.example", "username": "u", "password": elsewhere });
    let credential = admin.post(&format!("/namespaces/{namespace}/credentials"), body);
    let credential = credential.expect(201).json();
    let credential = credential["id"].as_str().expect("an id").to_owned();

    // All of them work or worked: what is looked for below is the real thing.
    let signs_in = |name: &str, secret: &str| {
        let login = Login::basic(name, secret);
        server.registry(&login).get("/v2/").status == 200
    };
    assert!(signs_in("admin", &token));
    assert!(signs_in(&robot.username, &rotated) && !signs_in(&robot.username, &robot.secret));
    assert!(signs_in(&person, &reset) && !signs_in(&person, &password));

    let secrets = [
        robot.secret,
        password,
        token.clone(),
        rotated,
        reset,
        elsewhere,
        server.admin_password().into(),
    ];
    let forms: Vec<String> = secrets.iter().flat_map(|secret| spell(secret)).collect();
    let fill = [
        ("/robots/{name}", "/robots/ci".to_owned()),
        ("{namespace}", namespace),
        ("{username}", person),
        ("{source}", source),
        ("{credential}", credential),
        (
            "{webhook}",
            "01920000-0000-7000-8000-000000000000".to_owned(),
        ),
        // No path, so that nobody is asked.
        ("{remote}", "acme%2F..%2Fweb".to_owned()),
        ("{rule}", "main".to_owned()),
        ("{trigger}", "deploy".to_owned()),
        ("{entry}", "01920000-0000-7000-8000-000000000000".to_owned()),
        (
            "{delivery}",
            "01920000-0000-7000-8000-000000000000".to_owned(),
        ),
        ("{cluster}", "nothing".to_owned()),
        ("{kube}", "web".to_owned()),
        ("{reference}", "v1".to_owned()),
        ("{number}", "1".to_owned()),
        ("{tag}", "v1".to_owned()),
        ("{digest}", image.digest().to_string()),
        ("{name}", encode_segment(repository.name())),
    ];
    let by_token = server.api(&Login::Bearer(token));
    for route in list_get_routes(&admin, &fill) {
        for client in [&admin, &by_token] {
            // Plain git has no lists, and no webhook without a rule; logs are for who may start builds.
            let text = client
                .get(&route)
                .expect_one_of(&[200, 400, 403, 404, 409])
                .describe();
            for form in &forms {
                assert!(
                    !text.contains(form.as_str()),
                    "{route} shows `{form}`:\n{text}"
                );
            }
            for word in [
                "$argon2",
                "password_hash",
                "secret_hash",
                "wharf_bot_",
                "wharf_pat_",
            ] {
                let in_document = route == "/openapi.json";
                assert!(
                    in_document || !text.contains(word),
                    "{route} shows `{word}`:\n{text}"
                );
            }
        }
    }
}
