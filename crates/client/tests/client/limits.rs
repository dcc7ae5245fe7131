//! Registries that are busy, and answers that say no.

use crate::fake::{Answer, Registry};
use crate::setup::{image, make_manifest, manifest_answer, open_for};
use std::time::{Duration, Instant};
use wharf_client::ClientError;

#[tokio::test]
async fn a_registry_that_says_when_to_come_back_is_obeyed() {
    let manifest = make_manifest(b"{}", &[]);
    let registry = Registry::start(move |_, count| match count {
        0 => Answer::new(429).with("retry-after", 1),
        1 => Answer::new(503).with("retry-after", 0),
        2 => Answer::new(502),
        _ => manifest_answer(&manifest),
    })
    .await;
    let started = Instant::now();
    open_for(&registry)
        .resolve(&image(&registry, "app:1"))
        .await
        .expect("in the end");
    assert!(started.elapsed() >= Duration::from_secs(1));
    assert_eq!(registry.asked().len(), 4);
}

#[tokio::test]
async fn nobody_waits_for_hours_and_nobody_asks_for_ever() {
    let body = r#"{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your pull rate limit"}]}"#;
    for (answer, requests, told) in [
        (
            Answer::new(429).with("retry-after", 3600),
            1,
            Some(Duration::from_secs(3600)),
        ),
        (Answer::new(429), 4, None),
    ] {
        let answer = answer.with_body(body);
        let registry = Registry::start(move |_, _| answer.clone()).await;
        let error = open_for(&registry)
            .resolve(&image(&registry, "app:1"))
            .await
            .expect_err("limited");
        match &error {
            ClientError::RateLimited { retry_after, .. } => assert_eq!(*retry_after, told),
            error => panic!("{error:?}"),
        }
        assert!(
            error
                .to_string()
                .ends_with(": You have reached your pull rate limit"),
            "{error}"
        );
        assert!(
            error.hint().expect("a hint").contains("mirrors = ["),
            "{error:?}"
        );
        assert_eq!(registry.asked().len(), requests);
    }
}

#[tokio::test]
async fn each_refusal_has_its_error_and_its_hint() {
    for status in [401, 403, 404, 418, 500] {
        let registry = Registry::start(move |_, _| {
            Answer::new(status).with_body(r#"{"errors":[{"code":"X","message":"because"}]}"#)
        })
        .await;
        let error = open_for(&registry)
            .resolve(&image(&registry, "app:1"))
            .await
            .expect_err("refused");
        let has_hint = error.hint().is_some();
        let fits = match &error {
            ClientError::Unauthorized {
                anonymous: true, ..
            } => status == 401 && has_hint,
            ClientError::Denied { .. } => status == 403 && has_hint,
            ClientError::NotFound { .. } => status == 404 && has_hint,
            ClientError::Status { status: own, .. } => *own == status,
            _ => false,
        };
        assert!(fits, "{status}: {error:?}");
        assert!(error.to_string().ends_with(": because"), "{error}");
        assert_eq!(
            registry.asked().len(),
            if status == 500 { 4 } else { 1 },
            "{status}"
        );
    }
}
