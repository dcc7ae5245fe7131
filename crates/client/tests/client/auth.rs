//! Saying who asks: tokens, passwords, and never more than was asked for.

use crate::fake::{Answer, Asked, Registry};
use crate::setup::{
    Setup, descriptor, image, make_manifest, manifest_answer, password, repository,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use parking_lot::Mutex;
use std::sync::Arc;
use wharf_client::{Client, ClientError, Credential, Secret};

/// A registry whose token server is itself; each token it gives out is the next of `tokens`, the last for ever.
async fn start_bearer(tokens: &'static [&'static str], accepted: &'static str) -> Registry {
    let manifest = make_manifest(b"{}", &[]);
    let given = Mutex::new(0);
    Registry::start(move |asked, _| {
        if asked.path.starts_with("/token") {
            let mut given = given.lock();
            let token = tokens[usize::min(*given, tokens.len() - 1)];
            *given += 1;
            return Answer::ok(format!(r#"{{"access_token":"{token}","expires_in":300}}"#));
        }
        if asked.header("authorization") != Some(&format!("Bearer {accepted}")) {
            return ask_for_token(asked);
        }
        match asked.path.contains("/manifests/") {
            true => manifest_answer(&manifest),
            false => Answer::ok("layer"),
        }
    })
    .await
}

fn ask_for_token(asked: &Asked) -> Answer {
    let host = asked.header("host").expect("a host");
    let challenge =
        format!(r#"Bearer realm="http://{host}/token",service="the registry",scope="ignored""#);
    Answer::new(401)
        .with("www-authenticate", challenge)
        .with_body(r#"{"errors":[{"code":"UNAUTHORIZED","message":"hush is not welcome"}]}"#)
}

fn open_as(registry: &Registry, credential: Option<Credential>) -> Client {
    let host = registry.host("reg.test");
    let setup = Setup::new().insecure(&host);
    match credential {
        Some(credential) => setup.login(&host, credential).open(),
        None => setup.open(),
    }
}

#[tokio::test]
async fn a_token_is_asked_for_once_and_used_for_all_that_it_is_good_for() {
    let registry = start_bearer(&["good"], "good").await;
    let client = open_as(&registry, None);
    let name = image(&registry, "app:1");
    client.resolve(&name).await.expect("a manifest");
    let repository = repository(&registry, "app");
    for _ in 0..2 {
        client
            .fetch_bytes(&repository, &descriptor(b"layer"), 10)
            .await
            .expect("a blob");
    }
    let lines = registry.lines();
    let tokens: Vec<_> = lines
        .iter()
        .filter(|line| line.contains("/token"))
        .collect();
    assert_eq!(
        tokens,
        ["GET /token?service=the+registry&scope=repository%3Aapp%3Apull"]
    );
    assert_eq!(
        lines.len(),
        5,
        "one 401, one token, three answers: {lines:?}"
    );
    let token_request = &registry.asked()[1];
    assert_eq!(
        token_request.header("authorization"),
        None,
        "nobody is logged in"
    );
}

#[tokio::test]
async fn a_password_goes_to_the_token_server_and_not_to_the_registry() {
    let registry = start_bearer(&["good"], "good").await;
    let client = open_as(&registry, Some(password("me@x", "hush")));
    client
        .resolve(&image(&registry, "app:1"))
        .await
        .expect("a manifest");
    let asked = registry.asked();
    assert_eq!(asked[0].header("authorization"), None);
    assert!(
        asked[1].path.ends_with("&account=me%40x"),
        "{}",
        asked[1].path
    );
    let basic = format!("Basic {}", STANDARD.encode("me@x:hush"));
    assert_eq!(asked[1].header("authorization"), Some(basic.as_str()));
    assert_eq!(asked[2].header("authorization"), Some("Bearer good"));
}

#[tokio::test]
async fn an_identity_token_is_traded_in_by_post() {
    let registry = start_bearer(&["good"], "good").await;
    let client = open_as(
        &registry,
        Some(Credential::IdentityToken(Secret::new("refresh+me"))),
    );
    client
        .resolve(&image(&registry, "app:1"))
        .await
        .expect("a manifest");
    let asked = &registry.asked()[1];
    assert_eq!(asked.line(), "POST /token");
    assert_eq!(
        String::from_utf8_lossy(&asked.body),
        "grant_type=refresh_token&refresh_token=refresh%2Bme&client_id=wharf&scope=repository%3Aapp%3Apull&service=the+registry"
    );
    assert_eq!(
        asked.header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
}

#[tokio::test]
async fn a_password_is_sent_to_a_registry_that_asks_for_it() {
    let manifest = make_manifest(b"{}", &[]);
    let registry = Registry::start(move |asked, _| match asked.header("authorization") {
        None => Answer::new(401).with("www-authenticate", "Basic realm=\"r\""),
        Some(_) => manifest_answer(&manifest),
    })
    .await;
    let client = open_as(&registry, Some(password("me", "hush")));
    client
        .resolve(&image(&registry, "app:1"))
        .await
        .expect("a manifest");
    client
        .resolve(&image(&registry, "app:1"))
        .await
        .expect("a manifest");
    let basic = format!("Basic {}", STANDARD.encode("me:hush"));
    let sent: Vec<_> = registry
        .asked()
        .iter()
        .map(|a| a.header("authorization").map(str::to_owned))
        .collect();
    assert_eq!(sent, [None, Some(basic.clone()), Some(basic)]);
}

#[tokio::test]
async fn a_token_that_is_refused_is_replaced_once() {
    let registry = start_bearer(&["ended", "good"], "good").await;
    let client = open_as(&registry, None);
    // The first token is refused at once: the answer to it is the second.
    let error = client
        .resolve(&image(&registry, "app:1"))
        .await
        .expect_err("one attempt per request");
    assert!(
        matches!(error, ClientError::Unauthorized { .. }),
        "{error:?}"
    );
    client
        .resolve(&image(&registry, "app:1"))
        .await
        .expect("the next request takes a new token");
    assert_eq!(
        registry
            .lines()
            .iter()
            .filter(|line| line.contains("/token"))
            .count(),
        2
    );
}

#[tokio::test]
async fn a_registry_that_refuses_everything_is_not_asked_for_ever() {
    let registry = start_bearer(&["bad"], "good").await;
    for (credential, anonymous) in [(None, true), (Some(password("me", "hush")), false)] {
        let before = registry.asked().len();
        let client = open_as(&registry, credential);
        let error = client
            .resolve(&image(&registry, "app:1"))
            .await
            .expect_err("refused");
        match &error {
            ClientError::Unauthorized { anonymous: own, .. } => assert_eq!(*own, anonymous),
            error => panic!("{error:?}"),
        }
        assert!(
            error
                .hint()
                .expect("a hint")
                .contains("docker login reg.test:"),
            "{error:?}"
        );
        assert_eq!(registry.asked().len() - before, 3, "401, token, 401");
    }
}

#[tokio::test]
async fn secrets_are_shown_neither_by_errors_nor_by_debug_prints() {
    let registry = start_bearer(&["tok-hush"], "good").await;
    let client = open_as(&registry, Some(password("me", "hush")));
    let error = client
        .resolve(&image(&registry, "app:1"))
        .await
        .expect_err("refused");
    assert!(
        error.to_string().contains("******** is not welcome"),
        "{error}"
    );
    let shown = format!("{error:?} {client:?} {:?}", password("me", "hush"));
    assert!(!shown.contains("hush"), "{shown}");
}

#[tokio::test]
async fn concurrent_requests_share_one_token() {
    let registry = start_bearer(&["good"], "good").await;
    let client = open_as(&registry, None);
    let (name, client) = (Arc::new(image(&registry, "app:1")), Arc::new(client));
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (name, client) = (Arc::clone(&name), Arc::clone(&client));
            tokio::spawn(async move { client.resolve(&name).await.is_ok() })
        })
        .collect();
    for task in tasks {
        assert!(task.await.expect("no panic"));
    }
    assert_eq!(
        registry
            .lines()
            .iter()
            .filter(|line| line.contains("/token"))
            .count(),
        1
    );
}

#[tokio::test]
async fn a_token_server_with_an_outage_is_asked_again() {
    let manifest = make_manifest(b"{}", &[]);
    let registry = Registry::start(move |asked, count| match asked.header("authorization") {
        Some(_) => manifest_answer(&manifest),
        None if asked.path != "/token?scope=repository%3Aapp%3Apull" => {
            ask_for_token_without_service(asked)
        }
        None if count == 1 => Answer::new(503),
        None if count == 2 => Answer::hang_up(),
        None => Answer::ok(r#"{"token":"t"}"#),
    })
    .await;
    open_as(&registry, None)
        .resolve(&image(&registry, "app:1"))
        .await
        .expect("in the end");
    assert_eq!(registry.asked().len(), 5);
}

fn ask_for_token_without_service(asked: &Asked) -> Answer {
    let host = asked.header("host").expect("a host");
    Answer::new(401).with(
        "www-authenticate",
        format!(r#"Bearer realm="http://{host}/token""#),
    )
}

#[tokio::test]
async fn a_server_that_a_registry_points_to_does_not_choose_where_passwords_go() {
    let thief = Registry::start(|asked, _| ask_for_token_without_service(asked)).await;
    let elsewhere = format!("http://thief.test:{}/blob", thief.port);
    let registry = Registry::start(move |asked, _| match asked.header("authorization") {
        None => Answer::new(401).with("www-authenticate", "Basic realm=\"r\""),
        Some(_) => Answer::new(307).with("location", &elsewhere),
    })
    .await;
    let client = open_as(&registry, Some(password("me", "hush")));
    let repository = repository(&registry, "app");
    for _ in 0..2 {
        let got = client
            .fetch_bytes(&repository, &descriptor(b"layer"), 10)
            .await;
        assert!(
            matches!(got, Err(ClientError::Unauthorized { .. })),
            "{got:?}"
        );
    }
    assert!(thief.asked().len() >= 2);
    for asked in thief.asked() {
        assert_eq!(
            (asked.line().as_str(), asked.header("authorization")),
            ("GET /blob", None)
        );
    }
}
