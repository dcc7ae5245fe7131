//! Deliveries as strangers and hosts send them, against a whole app without a network.

use super::{DeliveryOutcome, HookRefusal, IncomingDelivery, Webhook, place_of};
use crate::{
    App, Clock, Settings, StartOptions,
    builds::{BuildSettings, CannotBuild},
    sources::Source,
};
use aws_lc_rs::hmac;
use bytes::Bytes;
use futures_util::future::join_all;
use http::{HeaderMap, HeaderName, HeaderValue};
use std::{net::Ipv4Addr, sync::Arc};
use wharf_client::Registries;
use wharf_db::{DatabaseUrl, Durability, hook_deliveries, sources, users, webhooks};
use wharf_egress::{Egress, EgressSettings, Policy};
use wharf_model::{SecretText, SourceId, SourceKind, SourceMethod, Timestamp, UserId, WebhookId};

/// docs.github.com, "Webhook events and payloads", `push`, cut down to what is read.
const PUSH: &str = r#"{
    "ref": "refs/heads/main",
    "before": "6113728f27ae82c7b1a177c8d03f9e96e0adf246",
    "after": "0d1a26e67d8f5eaf1f6ba5c57fc3c7d91ac0fd1c",
    "repository": { "id": 186853002, "full_name": "Codertocat/Hello-World" },
    "commits": []
}"#;

struct StandingClock;

impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(1_900_000_000)
    }
}

/// An app with one GitHub source and one webhook.
struct Scene {
    app: App,
    source: Source,
    webhook: Webhook,
    secret: SecretText,
    _folder: tempfile::TempDir,
}

async fn start_app(folder: &std::path::Path) -> App {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let options = StartOptions {
        data_dir: folder.to_owned(),
        database: DatabaseUrl::Sqlite(folder.join("wharf.db")),
        settings: Settings::default(),
        clock: Arc::new(StandingClock),
        egress: Egress::new(EgressSettings::new(Policy::server([]))).unwrap(),
        registries: Registries::default(),
        builds: BuildSettings::unable(CannotBuild {
            problem: "nothing is built in this test".to_owned(),
            hint: None,
        }),
        git: Err(CannotBuild {
            problem: "nobody is asked in this test".to_owned(),
            hint: None,
        }),
        admin_password: Some("a fine long phrase".to_owned()),
    };
    App::start(options).await.unwrap().0
}

impl Scene {
    async fn make(kind: SourceKind) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let app = start_app(folder.path()).await;
        let source = keep_source(&app, kind).await;
        let remote = "Codertocat/Hello-World".parse().unwrap();
        let webhook = app.want_webhook_of(source.id, &remote).await.unwrap();
        let secret = app.find_or_make_secret(webhook.id).await.unwrap();
        Self {
            app,
            source,
            webhook,
            secret,
            _folder: folder,
        }
    }

    async fn send(&self, headers: HeaderMap, body: &str) -> Result<DeliveryOutcome, HookRefusal> {
        self.send_to(
            self.webhook.kind.as_str(),
            &self.webhook.id.to_string(),
            headers,
            body,
        )
        .await
    }

    async fn send_to(
        &self,
        kind: &str,
        id: &str,
        headers: HeaderMap,
        body: &str,
    ) -> Result<DeliveryOutcome, HookRefusal> {
        let incoming = IncomingDelivery {
            kind,
            id,
            address: Ipv4Addr::LOCALHOST.into(),
            headers: &headers,
            body: Bytes::copy_from_slice(body.as_bytes()),
        };
        self.app.handle_delivery(incoming).await
    }

    fn sign(&self, event: &str, delivery: &str, body: &str) -> HeaderMap {
        let signature = sign_with(self.secret.expose(), body);
        headers(&[
            ("x-github-event", event),
            ("x-github-delivery", delivery),
            ("x-hub-signature-256", &signature),
        ])
    }

    async fn list_outcomes(&self) -> Vec<(String, String)> {
        let id = self.webhook.id;
        let rows = self
            .app
            .db
            .read(move |tx| hook_deliveries::list_deliveries(tx, id, "", 100));
        let rows = rows.await.unwrap().into_iter();
        rows.map(|row| (row.event, row.outcome)).collect()
    }
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let pairs = pairs.iter();
    pairs
        .map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_str(value).unwrap(),
            )
        })
        .collect()
}

fn sign_with(secret: &str, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    format!("sha256={}", hex::encode(hmac::sign(&key, body.as_bytes())))
}

async fn keep_source(app: &App, kind: SourceKind) -> Source {
    let vault = app.vault.clone();
    let now = app.clock.now();
    app.db
        .write(Durability::Durable, move |tx| {
            let admin = users::find_id(tx, &"admin".parse().unwrap())?.unwrap();
            let source = make_source(admin, kind, now);
            assert!(sources::insert_source(tx, &source)?);
            let place = crate::sources::secret_of_source(source.id);
            vault.seal(tx, &place, &SecretText::new("ghp_token"), now)?;
            Ok::<_, crate::Error>(source)
        })
        .await
        .unwrap()
}

fn make_source(owner: UserId, kind: SourceKind, now: Timestamp) -> Source {
    Source {
        id: SourceId::new(),
        owner,
        owner_name: "admin".parse().unwrap(),
        owner_disabled: false,
        kind,
        address: "https://git.example".parse().unwrap(),
        account: "ada".into(),
        method: SourceMethod::Token,
        ca: None,
        host_keys: None,
        host_keys_origin: None,
        public_key: None,
        problem: None,
        problem_detail: String::new(),
        state_since: now,
        checked_at: None,
        token_expires_at: None,
        created_at: now,
    }
}

#[tokio::test]
async fn h60_only_what_is_signed_with_the_secret_is_looked_at() {
    let scene = Scene::make(SourceKind::Github).await;
    let good = sign_with(scene.secret.expose(), PUSH);
    let sha1 = "sha1=7d38cdd689735b008b3c702edd92eea23791c5f6";
    let other = sign_with("another secret altogether", PUSH);
    let reencoded = sign_with(scene.secret.expose(), &PUSH.replace(' ', ""));
    for bad in [
        &[][..],
        &[("x-hub-signature", sha1)],
        &[("x-hub-signature-256", "")],
        &[("x-hub-signature-256", "sha256=")],
        &[("x-hub-signature-256", &good[..good.len() - 2])],
        &[("x-hub-signature-256", other.as_str())],
        &[("x-hub-signature-256", sign_with("", PUSH).as_str())],
        &[("x-hub-signature-256", reencoded.as_str())],
        &[("authorization", "Basic YWRtaW46YSBmaW5lIGxvbmcgcGhyYXNl")],
    ] {
        let mut sent = headers(bad);
        sent.insert("x-github-event", HeaderValue::from_static("push"));
        let refused = scene.send(sent, PUSH).await;
        assert!(
            matches!(refused, Err(HookRefusal::Unsigned)),
            "{bad:?}: {refused:?}"
        );
    }
    assert_eq!(scene.list_outcomes().await, []);
    // What is no JSON at all is refused for its signature, not for its form.
    let refused = scene
        .send(headers(&[("x-github-event", "push")]), "{")
        .await;
    assert!(matches!(refused, Err(HookRefusal::Unsigned)));
    let taken = scene
        .send(scene.sign("push", "1", PUSH), PUSH)
        .await
        .unwrap();
    assert_eq!(taken, DeliveryOutcome::Taken(0));
    let id = scene.webhook.id;
    let kept = scene.app.db.read(move |tx| webhooks::find_webhook(tx, id));
    let kept = kept.await.unwrap().unwrap();
    assert_eq!(kept.rejected_count, 10);
    assert!(kept.delivered_at.is_some());
}

#[tokio::test]
async fn an_id_that_does_not_exist_is_told_from_a_wrong_signature_by_nobody() {
    let scene = Scene::make(SourceKind::Github).await;
    let own = scene.webhook.id.to_string();
    let strange = WebhookId::new().to_string();
    for (kind, id) in [
        ("github", strange.as_str()),
        ("gitlab", &own),
        ("git", &own),
        ("svn", &own),
        ("github", "not-an-id"),
        ("", ""),
    ] {
        let sent = scene.sign("push", "1", PUSH);
        let refused = scene.send_to(kind, id, sent, PUSH).await;
        assert!(
            matches!(refused, Err(HookRefusal::Unsigned)),
            "{kind} {id}: {refused:?}"
        );
    }
}

#[tokio::test]
async fn h61_the_same_delivery_ten_times_at_once_is_taken_once() {
    let scene = Scene::make(SourceKind::Github).await;
    let sends = (0..10).map(|_| scene.send(scene.sign("push", "the same", PUSH), PUSH));
    let outcomes: Vec<_> = join_all(sends)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let taken = outcomes
        .iter()
        .filter(|it| matches!(it, DeliveryOutcome::Taken(_)));
    assert_eq!(taken.count(), 1, "{outcomes:?}");
    let repeated = outcomes
        .iter()
        .filter(|it| **it == DeliveryOutcome::Repeated);
    assert_eq!(repeated.count(), 9, "{outcomes:?}");
    assert_eq!(
        scene.list_outcomes().await,
        [("push".into(), "taken".into())]
    );
}

#[tokio::test]
async fn h61_another_secret_ends_the_old_one_at_once() {
    let scene = Scene::make(SourceKind::Github).await;
    let (id, now) = (scene.webhook.id, scene.app.clock.now());
    let vault = scene.app.vault.clone();
    let rotated = SecretText::new("another secret of this webhook");
    let kept = rotated.clone();
    let rotate = scene.app.db.write(Durability::Durable, move |tx| {
        vault.seal(tx, &place_of(id), &kept, now)
    });
    rotate.await.unwrap();
    let refused = scene.send(scene.sign("push", "1", PUSH), PUSH).await;
    assert!(matches!(refused, Err(HookRefusal::Unsigned)));
    let scene = Scene {
        secret: rotated,
        ..scene
    };
    assert!(
        scene
            .send(scene.sign("push", "1", PUSH), PUSH)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn c29_forks_comments_and_pull_requests_are_taken_and_start_nothing() {
    let scene = Scene::make(SourceKind::Github).await;
    let events = [
        "fork",
        "issue_comment",
        "pull_request",
        "pull_request_target",
        "ping",
        "star",
    ];
    for (number, event) in events.iter().enumerate() {
        let body = "{}";
        let sent = scene.sign(event, &number.to_string(), body);
        let outcome = scene.send(sent, body).await.unwrap();
        assert!(
            matches!(outcome, DeliveryOutcome::Ignored(_)),
            "{event}: {outcome:?}"
        );
    }
    let outcomes = scene.list_outcomes().await;
    assert_eq!(outcomes.len(), events.len());
    assert!(outcomes.iter().all(|(_, outcome)| outcome == "ignored"));
}

#[tokio::test]
async fn guesses_of_a_secret_are_refused_before_long() {
    let scene = Scene::make(SourceKind::Github).await;
    let mut refusals = 0;
    let limit = loop {
        let sent = headers(&[
            ("x-hub-signature-256", "sha256=00"),
            ("x-github-event", "push"),
        ]);
        match scene.send(sent, PUSH).await {
            Err(HookRefusal::Unsigned) => refusals += 1,
            Err(HookRefusal::TooMany(_)) => break refusals,
            other => panic!("{other:?}"),
        }
        assert!(refusals < 1000, "nobody counts");
    };
    assert_eq!(limit, 30);
}

#[tokio::test]
async fn a_line_in_a_post_receive_hook_is_believed_with_its_secret_alone() {
    let scene = Scene::make(SourceKind::Git).await;
    let bearer = format!("Bearer {}", scene.secret.expose());
    for (value, taken) in [("Bearer guess", false), (bearer.as_str(), true)] {
        let outcome = scene.send(headers(&[("authorization", value)]), "").await;
        assert_eq!(outcome.is_ok(), taken, "{outcome:?}");
    }
}

#[tokio::test]
async fn a_webhook_ends_with_its_source_and_leaves_what_is_to_be_removed() {
    let scene = Scene::make(SourceKind::Github).await;
    let (id, source) = (scene.webhook.id, scene.source.clone());
    let (vault, now) = (scene.app.vault.clone(), scene.app.clock.now());
    let ended = scene.app.db.write(Durability::Durable, move |tx| {
        let found = webhooks::WebhookFinding {
            host_id: Some("42".into()),
            url: Some("https://hub.example/hooks".into()),
            state: webhooks::WebhookState::Active,
            problem: None,
            problem_detail: String::new(),
            attempts: 0,
            next_at: now,
        };
        webhooks::record_finding(tx, id, now, &found, now)?;
        crate::sources::end_sources_of(tx, &vault, source.owner, now)?;
        let left = wharf_db::host_removals::list_removals(tx, None, "", 10)?;
        let place = super::end::token_of_removal(left[0].id);
        let token = vault.open(tx, &place)?;
        // The source's own copy is gone, and so is the webhook's secret.
        let gone = vault.open(tx, &crate::sources::secret_of_source(source.id))?;
        let secret = vault.open(tx, &place_of(id))?;
        Ok::<_, crate::Error>((left, token, gone, secret))
    });
    let (left, token, gone, secret) = ended.await.unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!((left[0].host_id.as_str(), left[0].given_up), ("42", false));
    assert_eq!(left[0].remote.as_str(), "Codertocat/Hello-World");
    assert_eq!(token.unwrap().expose(), "ghp_token");
    assert!(gone.is_none() && secret.is_none());
}

#[tokio::test]
async fn a_database_copied_without_its_key_says_so() {
    let scene = Scene::make(SourceKind::Github).await;
    let elsewhere = tempfile::tempdir().unwrap();
    // Everything is committed and nobody writes: the files are a whole copy.
    for name in ["wharf.db", "wharf.db-wal"] {
        let from = scene._folder.path().join(name);
        if from.exists() {
            std::fs::copy(from, elsewhere.path().join(name)).unwrap();
        }
    }
    let copy = start_app(elsewhere.path()).await;
    let opened = copy.open_source(scene.source.id).await;
    assert!(
        matches!(
            opened,
            Err(crate::Error::Conflict {
                what: "secret_locked"
            })
        ),
        "{:?}",
        opened.err()
    );
    // With the old key beside the new one it opens, and is sealed anew.
    drop(copy);
    let old = scene._folder.path().join("keys/vault.key");
    std::fs::copy(old, elsewhere.path().join("keys/vault-old.key")).unwrap();
    let copy = start_app(elsewhere.path()).await;
    assert!(copy.open_source(scene.source.id).await.is_ok());
    drop(copy);
    std::fs::remove_file(elsewhere.path().join("keys/vault-old.key")).unwrap();
    let copy = start_app(elsewhere.path()).await;
    assert!(copy.open_source(scene.source.id).await.is_ok());
}

#[tokio::test]
async fn a_doubt_that_comes_while_a_webhook_is_looked_at_is_not_forgotten() {
    let scene = Scene::make(SourceKind::Github).await;
    let (id, source, now) = (scene.webhook.id, scene.source.id, scene.app.clock.now());
    let (remote, seen) = (scene.webhook.remote.clone(), scene.webhook.next_at);
    let [lease, later] =
        [60, 3600].map(|seconds| now.plus(std::time::Duration::from_secs(seconds)));
    let looked = scene.app.db.write(Durability::Durable, move |tx| {
        let found = webhooks::WebhookFinding {
            host_id: Some("42".into()),
            url: None,
            state: webhooks::WebhookState::Active,
            problem: None,
            problem_detail: String::new(),
            attempts: 0,
            next_at: later,
        };
        assert!(webhooks::claim_webhook(tx, id, seen, lease)?);
        webhooks::record_finding(tx, id, lease, &found, now)?;
        let undisturbed = webhooks::find_webhook(tx, id)?.unwrap().next_at;
        assert!(webhooks::claim_webhook(tx, id, undisturbed, lease)?);
        assert!(webhooks::doubt_webhook(tx, source, &remote, now)?);
        webhooks::record_finding(tx, id, lease, &found, now)?;
        let doubted = webhooks::find_webhook(tx, id)?.unwrap().next_at;
        Ok::<_, crate::Error>((undisturbed, doubted))
    });
    assert_eq!(looked.await.unwrap(), (later, now));
}

#[tokio::test]
async fn a_registered_webhook_is_counted_on_from_its_first_delivery_until_it_misses_something() {
    let scene = Scene::make(SourceKind::Github).await;
    let (id, source, now) = (scene.webhook.id, scene.source.id, scene.app.clock.now());
    let (remote, seen) = (scene.webhook.remote.clone(), scene.webhook.next_at);
    let is_told = async || scene.app.is_told_of(source, &scene.webhook.remote).await;
    let registered = scene.app.db.write(Durability::Durable, move |tx| {
        let found = webhooks::WebhookFinding {
            host_id: Some("42".into()),
            url: None,
            state: webhooks::WebhookState::Active,
            problem: None,
            problem_detail: String::new(),
            attempts: 0,
            next_at: now,
        };
        webhooks::record_finding(tx, id, seen, &found, now).map_err(crate::Error::from)
    });
    registered.await.unwrap();
    assert!(!is_told().await.unwrap(), "nothing came yet");
    let delivered = scene.send(scene.sign("push", "first", PUSH), PUSH).await;
    delivered.unwrap();
    assert!(is_told().await.unwrap());
    let missed = scene.app.db.write(Durability::Durable, move |tx| {
        webhooks::doubt_webhook(tx, source, &remote, now).map_err(crate::Error::from)
    });
    missed.await.unwrap();
    assert!(!is_told().await.unwrap());
}
