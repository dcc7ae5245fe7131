//! Telling webhooks: signed as the product signs, and then treated as badly as a test wants.

use std::{
    collections::BTreeMap,
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use super::facts::{self, RefFact};
use super::hmac::sign;
use super::payload::{Change, Event, describe};
use super::state::{ForgeProduct, RegisteredHook, Shared};
use crate::runtime::wait;

/// A receiver that thinks longer than this has failed; GitHub waits ten seconds.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A push of more refs than this is not told to webhooks: tags on GitHub, branches as well as tags on GitLab.
const MOST_REFS: usize = 3;

/// What happens to deliveries on their way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Misbehavior {
    /// They arrive, one after the other.
    #[default]
    None,
    /// They never leave.
    Drop,
    /// Each arrives twice, with one id.
    Duplicate,
    /// A byte of the body changes after it was signed.
    Corrupt,
    /// They wait until they are released, in any order.
    Hold,
}

/// One delivery that was sent.
#[derive(Debug, Clone)]
pub struct SentDelivery {
    /// Counted up.
    pub number: u64,
    /// The webhook's number.
    pub hook: u64,
    /// Where it went.
    pub url: String,
    /// What the product calls the delivery.
    pub id: String,
    /// The word in its event header.
    pub event: String,
    /// Names in the form in which they were sent.
    pub headers: Vec<(String, String)>,
    /// The bytes.
    pub body: Vec<u8>,
    /// What the receiver answered; `None` when nothing came.
    pub status: Option<u16>,
}

/// A delivery that waits.
#[derive(Debug, Clone)]
pub(super) struct Held(SentDelivery);

/// All branches and tags of a repository, by full name.
pub(super) fn look(shared: &Shared, path: &str) -> BTreeMap<String, RefFact> {
    let disk = shared
        .state()
        .find(path)
        .and_then(|found| Some(found.git.as_ref()?.path().to_owned()));
    let mut all = BTreeMap::new();
    for folder in ["refs/heads/", "refs/tags/"] {
        let refs = disk.iter().flat_map(|disk| facts::list_refs(disk, folder));
        all.extend(refs.map(|own| (format!("{folder}{}", own.name), own)));
    }
    all
}

/// What the webhooks that are registered now have to be told of a push.
pub(super) fn prepare_push(
    shared: &Shared,
    path: &str,
    before: &BTreeMap<String, RefFact>,
    after: &BTreeMap<String, RefFact>,
) -> Vec<SentDelivery> {
    let mut prepared = Vec::new();
    let names = before.keys().chain(after.keys());
    let mut changed: Vec<_> = names
        .filter(|name| before.get(*name) != after.get(*name))
        .collect();
    changed.sort();
    changed.dedup();
    for folder in ["refs/heads/", "refs/tags/"] {
        let own: Vec<_> = changed
            .iter()
            .filter(|name| name.starts_with(folder))
            .collect();
        let is_too_much = own.len() > MOST_REFS
            && match shared.product {
                ForgeProduct::GitHub => folder == "refs/tags/",
                ForgeProduct::GitLab => true,
                ForgeProduct::Gitea => false,
            };
        if is_too_much {
            continue;
        }
        for name in own {
            let change = Change {
                name: (*name).clone(),
                before: before.get(*name).cloned(),
                after: after.get(*name).cloned(),
            };
            let event = {
                let state = shared.state();
                state
                    .find(path)
                    .map(|found| describe(shared, found, &change))
            };
            if let Some(event) = event {
                prepared.extend(prepare_event(shared, path, &event));
            }
        }
    }
    prepared
}

/// An event for every webhook that asks for it.
fn prepare_event(shared: &Shared, path: &str, event: &Event) -> Vec<SentDelivery> {
    let hooks: Vec<RegisteredHook> = {
        let state = shared.state();
        let hooks = state
            .find(path)
            .map(|found| found.hooks.clone())
            .unwrap_or_default();
        let asks = |hook: &RegisteredHook| {
            hook.events.contains(event.subscription) || hook.events.contains("*")
        };
        hooks
            .into_iter()
            .filter(|hook| hook.is_active && !hook.is_disabled && asks(hook))
            .collect()
    };
    let body = event.body.to_string().into_bytes();
    let prepare_for = |hook| prepare(shared, hook, event.header, body.clone());
    hooks.iter().map(prepare_for).collect()
}

/// A delivery with its headers and signatures.
pub(super) fn prepare(
    shared: &Shared,
    hook: &RegisteredHook,
    event: &str,
    body: Vec<u8>,
) -> SentDelivery {
    let number = shared.state().next_id();
    // The form of a UUID, from the server's address and a number, so that two servers never share one.
    let digits = hex::encode(Sha256::digest(format!("{} {number}", shared.url)));
    let id = [
        &digits[..8],
        &digits[8..12],
        &digits[12..16],
        &digits[16..20],
        &digits[20..32],
    ]
    .join("-");
    let mut headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
    let mut add = |name: &str, value: &str| headers.push((name.to_owned(), value.to_owned()));
    let secret = hook.secret.as_deref();
    let digest = secret.map(|secret| hex::encode(sign(secret.as_bytes(), &body)));
    match shared.product {
        ForgeProduct::GitHub => {
            add("User-Agent", "GitHub-Hookshot/044aadd");
            add("X-GitHub-Delivery", &id);
            add("X-GitHub-Event", event);
            add("X-GitHub-Hook-ID", &hook.id.to_string());
            if let Some(digest) = &digest {
                add("X-Hub-Signature-256", &format!("sha256={digest}"));
            }
        }
        ForgeProduct::Gitea => {
            let digest = digest.unwrap_or_default();
            for prefix in ["X-Gitea", "X-Gogs", "X-GitHub"] {
                add(&format!("{prefix}-Delivery"), &id);
                add(&format!("{prefix}-Event"), event);
                add(&format!("{prefix}-Event-Type"), event);
            }
            add("X-Gitea-Signature", &digest);
            add("X-Gogs-Signature", &digest);
            add("X-Hub-Signature-256", &format!("sha256={digest}"));
        }
        ForgeProduct::GitLab => {
            add("User-Agent", "GitLab/18.11.0");
            add("Idempotency-Key", &id);
            add("X-Gitlab-Event", event);
            add("X-Gitlab-Event-UUID", &id);
            add("X-Gitlab-Instance", &shared.url);
            if let Some(secret) = secret {
                add("X-Gitlab-Token", secret);
            }
            if let Some(token) = &hook.signing_token {
                let seconds = SystemTime::now()
                    .duration_since(UNIX_EPOCH)
                    .expect("a time after 1970");
                let time = seconds.as_secs().to_string();
                add("webhook-id", &id);
                add("webhook-timestamp", &time);
                add(
                    "webhook-signature",
                    &sign_standard(token, &id, &time, &body),
                );
            }
        }
    }
    SentDelivery {
        number,
        hook: hook.id,
        url: hook.url.clone(),
        id,
        event: event.to_owned(),
        headers,
        body,
        status: None,
    }
}

/// Standard Webhooks: `v1,` and the HMAC of `id.time.body` in base64.
pub(super) fn sign_standard(token: &str, id: &str, time: &str, body: &[u8]) -> String {
    let key = STANDARD
        .decode(token.trim_start_matches("whsec_"))
        .expect("a key that was checked when it came");
    let signed = [id.as_bytes(), b".", time.as_bytes(), b".", body].concat();
    format!("v1,{}", STANDARD.encode(sign(&key, &signed)))
}

/// Sends a prepared delivery, or does to it what the test wants.
pub(super) fn pass_on(shared: &Shared, mut prepared: SentDelivery) {
    let misbehavior = shared.state().misbehavior;
    match misbehavior {
        Misbehavior::None => send(shared, prepared),
        Misbehavior::Drop => {}
        Misbehavior::Duplicate => {
            send(shared, prepared.clone());
            send(shared, prepared);
        }
        Misbehavior::Corrupt => {
            let middle = prepared.body.len() / 2;
            prepared.body[middle] ^= 1;
            send(shared, prepared);
        }
        Misbehavior::Hold => shared.state().held.push_back(Held(prepared)),
    }
}

/// Sends what was held back; answers how many there were.
pub(super) fn release(shared: &Shared, is_reversed: bool) -> usize {
    let mut held: Vec<_> = std::mem::take(&mut shared.state().held).into();
    if is_reversed {
        held.reverse();
    }
    let count = held.len();
    for Held(prepared) in held {
        send(shared, prepared);
    }
    count
}

/// Posts the bytes and writes down what came back.
pub(super) fn send(shared: &Shared, mut delivery: SentDelivery) {
    let (url, headers, body) = (
        delivery.url.clone(),
        delivery.headers.clone(),
        delivery.body.clone(),
    );
    // A thread of its own: whoever tells may be in the middle of a runtime.
    let sending = thread::spawn(move || {
        wait(async move {
            let client = reqwest::Client::builder()
                .no_proxy()
                .timeout(TIMEOUT)
                .tls_danger_accept_invalid_certs(true)
                .build()
                .expect("a client");
            let mut request = client.post(&url).body(body);
            for (name, value) in headers {
                request = request.header(name, value);
            }
            request
                .send()
                .await
                .ok()
                .map(|answer| answer.status().as_u16())
        })
    });
    delivery.status = sending.join().expect("a delivery does not panic");
    shared.state().deliveries.push(delivery);
}
