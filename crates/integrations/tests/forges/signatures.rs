//! Which deliveries are looked at. Sources of the vectors: `payloads/README.md`.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;
use wharf_integrations::Secret;
use wharf_integrations::forge::delivery::{
    HookKind, LARGEST_BODY, Rejection, derive_signing_token, verify_delivery,
};
use wharf_model::Timestamp;

/// The time of the Standard Webhooks vector.
const NOW: Timestamp = Timestamp::from_seconds(1_614_265_330);

pub(crate) fn make_headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(
            HeaderName::from_static(name),
            HeaderValue::from_str(value).expect("a value"),
        );
    }
    headers
}

fn judge(
    kind: HookKind,
    headers: &[(&'static str, &str)],
    body: &str,
    secrets: &[&str],
) -> Result<(), Rejection> {
    let secrets: Vec<_> = secrets.iter().map(|&secret| Secret::new(secret)).collect();
    let body = Bytes::from(body.to_owned());
    verify_delivery(kind, &make_headers(headers), body, &secrets, NOW).map(drop)
}

const DOCUMENTED: &str = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
const SECRET: &str = "It's a Secret to Everybody";
const BODY: &str = "Hello, World!";

#[test]
fn the_documented_signatures_of_github_pass() {
    for (secret, body, signature) in [
        (SECRET, BODY, DOCUMENTED),
        (
            "mysecret",
            "{\n  \"foo\": \"bar\"\n}\n",
            "sha256=e3eccac34c43c7dc1cbb905488b1b81347fcc700a7b025697a9d07862256023f",
        ),
        (
            "development",
            "{\n  \"foo\": \"\\\\u001b\"\n}\n",
            "sha256=87316067e2011fae39998b18c46a14d83b3e7c3ffdd88fb2ee5afb7d11288e60",
        ),
    ] {
        let headers = [("x-hub-signature-256", signature)];
        assert_eq!(judge(HookKind::GitHub, &headers, body, &[secret]), Ok(()));
        // A second secret beside it, while one is replaced by another.
        let rotating = ["another secret", secret];
        assert_eq!(judge(HookKind::GitHub, &headers, body, &rotating), Ok(()));
        assert_eq!(
            judge(HookKind::GitHub, &headers, body, &rotating[..1]),
            Err(Rejection::WrongSignature),
            "a secret that was replaced is dead at once"
        );
    }
}

#[test]
fn anything_but_the_documented_signature_is_refused() {
    let truncated = &DOCUMENTED[..DOCUMENTED.len() - 2];
    let bare = DOCUMENTED.trim_start_matches("sha256=");
    // The same secret and body with SHA-1.
    let sha1 = "sha1=01dc10d0c83e72ed246219cdd91669667fe2ca59";
    let cases: &[(&[(&'static str, &str)], Rejection)] = &[
        (&[], Rejection::Unsigned),
        (&[("x-hub-signature", sha1)], Rejection::Unsigned),
        (&[("x-hub-signature-256", sha1)], Rejection::WrongSignature),
        (
            &[("x-hub-signature-256", truncated)],
            Rejection::WrongSignature,
        ),
        (&[("x-hub-signature-256", bare)], Rejection::WrongSignature),
        (&[("x-hub-signature-256", "")], Rejection::WrongSignature),
        (
            &[("x-hub-signature-256", "sha256=")],
            Rejection::WrongSignature,
        ),
        (
            &[("x-hub-signature-256", "sha256=xyz")],
            Rejection::WrongSignature,
        ),
        (
            &[
                ("x-hub-signature-256", DOCUMENTED),
                ("x-hub-signature-256", DOCUMENTED),
            ],
            Rejection::WrongSignature,
        ),
    ];
    for (headers, expected) in cases {
        let outcome = judge(HookKind::GitHub, headers, BODY, &[SECRET]);
        assert_eq!(outcome, Err(*expected), "{headers:?}");
    }
    let headers = [("x-hub-signature-256", DOCUMENTED)];
    for body in [
        "Hello, World",
        "Hello, World!\n",
        "\u{feff}Hello, World!",
        "",
    ] {
        let outcome = judge(HookKind::GitHub, &headers, body, &[SECRET]);
        assert_eq!(outcome, Err(Rejection::WrongSignature), "{body:?}");
    }
}

#[test]
fn a_webhook_without_a_secret_accepts_nobody() {
    // The HMAC under an empty key, and an empty token: what an attacker would send.
    let empty_key = "sha256=2bbcfa9524f3218c7a34b30e6936f8b1a4516cb097f1a85a1c7d98b5977ec769";
    let headers: &[(&'static str, &str)] = &[
        ("x-hub-signature-256", empty_key),
        ("x-gitlab-token", ""),
        ("authorization", "Bearer "),
    ];
    for kind in [
        HookKind::GitHub,
        HookKind::GitLab,
        HookKind::Gitea,
        HookKind::Nudge,
    ] {
        for secrets in [&[][..], &[""], &["", ""]] {
            assert_eq!(
                judge(kind, headers, BODY, secrets),
                Err(Rejection::NoSecret),
                "{kind}"
            );
        }
        // Beside a real secret an empty one must not help either.
        assert!(
            judge(kind, headers, BODY, &["", "a real secret"]).is_err(),
            "{kind}"
        );
    }
}

#[test]
fn gitea_signs_with_bare_digits_under_three_names() {
    let bare = DOCUMENTED.trim_start_matches("sha256=");
    for headers in [
        &[("x-gitea-signature", bare)][..],
        &[("x-forgejo-signature", bare)],
        &[("x-hub-signature-256", DOCUMENTED)],
    ] {
        assert_eq!(judge(HookKind::Gitea, headers, BODY, &[SECRET]), Ok(()));
    }
    for headers in [
        // Without a secret of its own the server sends it empty; a good signature beside it does not help.
        &[
            ("x-gitea-signature", ""),
            ("x-hub-signature-256", DOCUMENTED),
        ][..],
        &[("x-gogs-signature", bare)],
        &[(
            "x-hub-signature",
            "sha1=01dc10d0c83e72ed246219cdd91669667fe2ca59",
        )],
    ] {
        assert!(
            judge(HookKind::Gitea, headers, BODY, &[SECRET]).is_err(),
            "{headers:?}"
        );
    }
}

#[test]
fn gitlab_sends_the_secret_or_signs_with_a_time() {
    assert_eq!(
        judge(
            HookKind::GitLab,
            &[("x-gitlab-token", SECRET)],
            BODY,
            &[SECRET]
        ),
        Ok(())
    );
    for token in [
        "",
        "It's",
        "It's a Secret to Everybody ",
        "it's a secret to everybody",
    ] {
        let outcome = judge(
            HookKind::GitLab,
            &[("x-gitlab-token", token)],
            BODY,
            &[SECRET],
        );
        assert_eq!(outcome, Err(Rejection::WrongSignature), "{token:?}");
    }
    assert_eq!(
        judge(HookKind::GitLab, &[], BODY, &[SECRET]),
        Err(Rejection::Unsigned)
    );

    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let body = r#"{"test": 2432232314}"#;
    let signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    let id = ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek");
    let time = ("webhook-timestamp", "1614265330");
    for signatures in [
        signature.to_owned(),
        format!("v1,AAAA {signature}"),
        format!("v2,x {signature} v1a,y"),
    ] {
        let headers = [id, time, ("webhook-signature", &*signatures)];
        assert_eq!(
            judge(HookKind::GitLab, &headers, body, &[secret]),
            Ok(()),
            "{signatures}"
        );
    }
    let signed = ("webhook-signature", signature);
    let other_id = ("webhook-id", "msg_other");
    for headers in [
        &[other_id, time, signed][..],
        &[id, ("webhook-timestamp", "1614265331"), signed],
        &[
            id,
            time,
            (
                "webhook-signature",
                "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            ),
        ],
        &[time, signed],
        &[id, signed],
        // A token that is right does not make up for a signature that is wrong.
        &[other_id, time, signed, ("x-gitlab-token", secret)],
    ] {
        assert!(
            judge(HookKind::GitLab, headers, body, &[secret]).is_err(),
            "{headers:?}"
        );
    }
    // The same vector, five minutes and a second later and earlier: signed, but at another time.
    for (offset, expected) in [
        (300, Ok(())),
        (-300, Ok(())),
        (301, Err(Rejection::WrongTime)),
        (-301, Err(Rejection::WrongTime)),
    ] {
        let now = Timestamp::from_seconds(NOW.as_seconds() + offset);
        let outcome = verify_delivery(
            HookKind::GitLab,
            &make_headers(&[id, time, signed]),
            Bytes::from_static(body.as_bytes()),
            &[Secret::new(secret)],
            now,
        );
        assert_eq!(outcome.map(drop), expected, "{offset}");
    }
}

#[test]
fn the_signing_token_of_a_secret_is_in_gitlabs_form_and_not_the_secret() {
    let token = derive_signing_token(&Secret::new(SECRET));
    let key = token.expose().strip_prefix("whsec_").expect("a prefix");
    assert_eq!(key.len(), 44, "32 bytes in base64");
    assert_ne!(token, derive_signing_token(&Secret::new("another")));
    assert_eq!(derive_signing_token(&token), token);
    // The derived key and the secret it is from verify the same deliveries; the key itself is no plain token.
    let headers = [("x-gitlab-token", token.expose())];
    assert!(judge(HookKind::GitLab, &headers, BODY, &[SECRET]).is_err());
}

#[test]
fn a_nudge_carries_the_secret_as_bearer() {
    for (value, passes) in [
        ("Bearer a secret of plain git", true),
        ("bearer a secret of plain git", true),
        ("Basic a secret of plain git", false),
        ("Bearer another", false),
        ("a secret of plain git", false),
        ("Bearer", false),
    ] {
        let secrets = ["a secret of plain git"];
        let outcome = judge(HookKind::Nudge, &[("authorization", value)], "", &secrets);
        assert_eq!(outcome.is_ok(), passes, "{value}");
    }
    assert_eq!(
        judge(HookKind::Nudge, &[], "", &["x"]),
        Err(Rejection::Unsigned)
    );
}

#[test]
fn a_body_beyond_the_limit_is_not_even_hashed() {
    let body = Bytes::from(vec![b'x'; LARGEST_BODY + 1]);
    let outcome = verify_delivery(HookKind::GitHub, &HeaderMap::new(), body, &[], NOW);
    assert_eq!(outcome.map(drop), Err(Rejection::TooLarge));
}

proptest! {
    #[test]
    fn no_signature_that_was_made_up_passes(
        kind in 0..4usize,
        name in 0..6usize,
        value in "[ -~]{0,90}",
        body in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let kind = [HookKind::GitHub, HookKind::GitLab, HookKind::Gitea, HookKind::Nudge][kind];
        let names = [
            "x-hub-signature-256", "x-gitea-signature", "x-gitlab-token",
            "webhook-signature", "authorization", "x-forgejo-signature",
        ];
        let headers = make_headers(&[
            (names[name], &value), ("webhook-id", &value), ("webhook-timestamp", "1614265330"),
        ]);
        let secrets = [Secret::new("a secret that is not in the alphabet: ü")];
        prop_assert!(verify_delivery(kind, &headers, body.into(), &secrets, NOW).is_err());
    }
}
