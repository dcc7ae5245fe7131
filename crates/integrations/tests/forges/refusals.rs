//! What a code host, or the way to it, refuses: one suite over all hosts.

use crate::setup::{Setup, make_egress, on_every_host, open, path};
use std::time::Duration;
use wharf_egress::EgressError;
use wharf_integrations::Secret;
use wharf_integrations::forge::{
    ForgeAccess, ForgeAddress, ForgeError, ForgeKind, RepositoryQuery, WebhookSpec, open_forge,
};

on_every_host! {
    a_token_that_ended_or_is_wrong_says_what_to_do,
    a_missing_scope_is_named,
    a_rate_limit_says_how_long_to_wait,
    a_redirect_gets_no_token,
    a_private_address_and_plain_http_are_refused_with_the_line_to_add,
    an_empty_token_is_not_even_sent,
    nothing_of_an_error_shows_the_token,
}

async fn a_token_that_ended_or_is_wrong_says_what_to_do(setup: Setup) {
    setup.server.expire_token(setup.server.token());
    for forge in [setup.forge.clone(), setup.with_token("wrong")] {
        let error = forge.find_account().await.expect_err("no good token");
        assert!(
            matches!(error, ForgeError::Unauthorized { .. }),
            "{error:?}"
        );
        assert!(error.wants_new_token());
        assert!(error.hint().expect("a hint").contains("token"), "{error:?}");
        assert!(
            forge
                .list_repositories(&RepositoryQuery::default(), None)
                .await
                .is_err()
        );
    }
    setup.check_requests();
}

async fn a_missing_scope_is_named(setup: Setup) {
    setup.fill("acme/app");
    let (weak, for_reading, for_writing): (&[&str], &[&str], &str) = match setup.forge.kind() {
        ForgeKind::GitHub => (&["gist"], &["repo", "read:org"], "repo"),
        ForgeKind::GitLab => (&["read_user"], &["api"], "api"),
        ForgeKind::Gitea => (
            &["read:user", "read:repository"],
            &["read:organization"],
            "write:repository",
        ),
    };
    let forge = setup.with_token(&setup.server.issue_token(weak));
    let account = forge.find_account().await.expect("it may say who it is");
    assert_eq!(account.missing_scopes, for_reading);
    let error = account.check_scopes().expect_err("something is missing");
    for scope in for_reading {
        assert!(error.to_string().contains(scope), "{error}");
    }
    let spec = WebhookSpec {
        url: "https://wharf.example/hooks/1".parse().expect("a URL"),
        secret: Secret::new("sixteen characters"),
    };
    match forge.register_webhook(&path("acme/app"), &spec).await {
        Err(ForgeError::MissingScopes { scopes, .. }) => assert_eq!(scopes, [for_writing]),
        other => panic!("{other:?}"),
    }
    if setup.forge.kind() == ForgeKind::GitLab {
        let blind = setup.with_token(&setup.server.issue_token(&["read_repository"]));
        match blind.find_account().await {
            Err(ForgeError::MissingScopes { scopes, .. }) => {
                assert_eq!(scopes, ["api", "read_user"])
            }
            other => panic!("{other:?}"),
        }
    }
    setup.check_requests();
}

async fn a_rate_limit_says_how_long_to_wait(setup: Setup) {
    setup.server.limit_rate(Some(Duration::from_secs(77)));
    let error = setup.forge.find_account().await.expect_err("one too many");
    assert_eq!(
        error.retry_after(),
        Some(Duration::from_secs(77)),
        "{error:?}"
    );
    assert!(error.is_transient() && !error.wants_new_token());
    assert_eq!(error.hint().as_deref(), Some("try again in 77 seconds"));
    setup.server.limit_rate(None);
    assert!(setup.forge.find_account().await.is_ok());
    assert_eq!(setup.server.unknown_requests(), [""; 0]);
}

async fn a_redirect_gets_no_token(setup: Setup) {
    let thief = wharf_testkit::ForgeServer::start(setup.server.product());
    let allow = [setup.server.authority(), thief.authority()];
    let forge = open(&setup.server, setup.server.token(), &allow).expect("a client");
    setup.server.redirect_to(thief.url());
    let error = forge.find_account().await.expect_err("another server");
    assert!(
        matches!(&error, ForgeError::BadAnswer { reason, .. } if reason.contains(thief.url())),
        "{error:?}"
    );
    let spec = WebhookSpec {
        url: "https://wharf.example/hooks/1".parse().expect("a URL"),
        secret: Secret::new("sixteen characters"),
    };
    let error = forge
        .register_webhook(&path("acme/app"), &spec)
        .await
        .expect_err("another server");
    assert!(matches!(error, ForgeError::BadAnswer { .. }), "{error:?}");
    for request in thief.requests() {
        assert_eq!(request.method, "GET", "changes are not sent on");
        let shown = format!("{request:?}");
        assert!(!shown.contains(setup.server.token()), "{shown}");
    }
    // To where nobody allowed it goes nowhere at all.
    let asked = thief.requests().len();
    let error = setup
        .forge
        .find_account()
        .await
        .expect_err("another server");
    assert!(
        matches!(
            &error,
            ForgeError::Unreachable {
                source: EgressError::Refused { .. },
                ..
            }
        ),
        "{error:?}"
    );
    assert_eq!(thief.requests().len(), asked);
}

async fn a_private_address_and_plain_http_are_refused_with_the_line_to_add(setup: Setup) {
    let line = format!("[egress] allow = [\"{}\"]", setup.server.authority());
    let forge = open(&setup.server, setup.server.token(), &[]).expect("a client");
    let error = forge.find_account().await.expect_err("a private address");
    assert!(
        matches!(
            &error,
            ForgeError::Unreachable {
                source: EgressError::Refused { .. },
                ..
            }
        ),
        "{error:?}"
    );
    let hint = error.hint().expect("a hint");
    assert!(hint.contains(&line), "{hint}");
    assert!(setup.server.requests().is_empty(), "nothing went out");
}

async fn an_empty_token_is_not_even_sent(setup: Setup) {
    for token in ["", "  ", "a\nb", "ü\u{0}"] {
        let outcome = open(&setup.server, token, &[setup.server.authority()]);
        assert!(
            matches!(outcome, Err(ForgeError::Credentials { .. })),
            "{token:?}"
        );
    }
    assert!(setup.server.requests().is_empty());
}

async fn nothing_of_an_error_shows_the_token(setup: Setup) {
    let token = setup.server.token();
    setup.server.expire_token(token);
    let mut shown = vec![
        format!("{:?}", setup.forge),
        format!("{:?}", setup.forge.git_login()),
    ];
    let commit = "1".repeat(40).parse().expect("a commit");
    let app = path("acme/app");
    for error in [
        setup.forge.find_account().await.map(drop),
        setup.forge.list_tags(&app, None).await.map(drop),
        setup.forge.check_reachable(&app, &commit).await.map(drop),
        setup.forge.add_deploy_key(&app, "t", "k").await.map(drop),
    ] {
        let error = error.expect_err("no good token");
        shown.push(format!("{error} {error:?} {:?}", error.hint()));
    }
    assert!(shown.iter().all(|text| !text.contains(token)), "{shown:?}");
    assert_eq!(setup.forge.git_login().password.expose(), token);
}

#[tokio::test]
async fn a_fine_grained_token_of_github_learns_the_permission_that_it_lacks() {
    let setup = Setup::new(wharf_testkit::ForgeProduct::GitHub);
    setup.fill("acme/app");
    let forge = setup.with_token(&setup.server.issue_fine_grained_token(&["contents"]));
    let account = forge.find_account().await.expect("an account");
    assert!(account.missing_scopes.is_empty(), "GitHub does not tell");
    assert!(forge.find_repository(&path("acme/app")).await.is_ok());
    match forge.list_webhooks(&path("acme/app"), None).await {
        Err(ForgeError::MissingScopes { scopes, .. }) => {
            assert_eq!(scopes, ["repository_hooks: write"])
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn plain_http_goes_to_no_public_host_that_is_not_listed() {
    let access = ForgeAccess {
        kind: ForgeKind::GitLab,
        address: ForgeAddress::parse("http://1.1.1.1").expect("an address"),
        token: Secret::new("glpat-x"),
        authorities: None,
    };
    let forge = open_forge(&make_egress(&[]), access).expect("a client");
    let error = forge.find_account().await.expect_err("plain http");
    assert!(
        matches!(
            &error,
            ForgeError::Unreachable {
                source: EgressError::PlainHttp { .. },
                ..
            }
        ),
        "{error:?}"
    );
    let hint = error.hint().expect("a hint");
    assert!(hint.contains("[egress] allow = [\"1.1.1.1:80\"]"), "{hint}");
}

#[tokio::test]
async fn an_answer_without_end_is_given_up() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let authority = listener.local_addr().expect("an address").to_string();
    let endless = std::thread::spawn(move || {
        use std::io::{Read, Write};
        let (mut stream, _) = listener.accept().expect("a connection");
        // An answer before the question would be an error of its own.
        let mut asked = Vec::new();
        while !asked.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).expect("the question");
            asked.push(byte[0]);
        }
        let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n[";
        let mut outcome = stream.write_all(head);
        while outcome.is_ok() {
            outcome = stream.write_all(&[b' '; 65536]);
        }
    });
    let access = ForgeAccess {
        kind: ForgeKind::Gitea,
        address: ForgeAddress::parse(&format!("http://{authority}")).expect("an address"),
        token: Secret::new("a token"),
        authorities: None,
    };
    let forge = open_forge(&make_egress(&[&authority]), access).expect("a client");
    let error = forge.find_account().await.expect_err("too much");
    assert!(
        matches!(&error, ForgeError::BadAnswer { reason, .. } if reason.contains("more than")),
        "{error:?}"
    );
    // In a thread of its own: the connection is closed by this runtime.
    let joined = tokio::task::spawn_blocking(move || endless.join()).await;
    assert!(
        joined.expect("a thread").is_ok(),
        "the connection was closed"
    );
}
