//! The record held against a server that came back.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use reqwest::Method;
use wharf_testkit::{Blob, Image, image::compute_digest};

use super::{
    Broken, Reply, Wire,
    ledger::{Key, Value},
    pusher::Pusher,
};

/// What the fault may have taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// The process: nothing that was answered is gone.
    Process,
    /// The power: blobs that no acknowledged manifest names may be gone, whole.
    Power,
}

/// How much to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// What changed since the last check, and some of the rest.
    Recent,
    /// Everything that was ever acknowledged.
    Everything,
}

/// Older entries that a check of recent ones looks at as well, per repository.
const SAMPLE: usize = 10;

impl Pusher {
    /// Looks, compares, and adopts what became of the undecided change.
    pub(super) async fn check(
        mut self,
        wire: Wire,
        loss: Loss,
        scope: Scope,
    ) -> (Self, Vec<String>) {
        let keys = self.choose_keys(scope);
        let mut look = Look {
            wire,
            pusher: &self,
            whole: HashSet::new(),
            violations: Vec::new(),
        };
        let mut found = BTreeMap::new();
        for key in keys {
            let value = look.observe(&key).await;
            found.insert(key, value);
        }
        look.check_blobs(loss).await;
        let listed = look.list_tags().await;
        let mut violations = look.violations;
        self.ledger.blobs.clear();
        self.decide(&found, &mut violations);
        let tags = self.ledger.list_tags();
        let known: Vec<&String> = tags.iter().map(|(tag, _)| tag).collect();
        if !listed.iter().eq(known.iter().copied()) {
            violations.push(format!(
                "{}: the tags are {known:?}, listed are {listed:?}",
                self.repository
            ));
        }
        for (key, value) in &found {
            let expected = self.ledger.get(key);
            if expected != *value {
                violations.push(format!(
                    "{}: {key:?} should be {expected:?}, is {value:?}",
                    self.repository
                ));
            }
        }
        (self, violations)
    }

    fn choose_keys(&mut self, scope: Scope) -> BTreeSet<Key> {
        let mut keys = std::mem::take(&mut self.ledger.touched);
        let known = self.ledger.state.keys();
        match scope {
            Scope::Everything => keys.extend(known.cloned()),
            Scope::Recent => {
                let step = (self.ledger.state.len() / SAMPLE).max(1);
                keys.extend(known.step_by(step).cloned());
            }
        }
        keys
    }

    /// The undecided change happened as a whole or not at all.
    fn decide(&mut self, found: &BTreeMap<Key, Value>, violations: &mut Vec<String>) {
        let Some(change) = self.ledger.undecided.take() else {
            return;
        };
        let happened = change.0.iter().all(|(key, value)| found[key] == *value);
        let nothing = change
            .0
            .iter()
            .all(|(key, _)| found[key] == self.ledger.get(key));
        match (happened, nothing) {
            (true, _) => self.ledger.apply(change),
            (false, true) => {}
            (false, false) => {
                violations.push(format!("{}: half of {change:?}", self.repository));
            }
        }
        self.ledger.touched.clear();
    }
}

struct Look<'a> {
    wire: Wire,
    pusher: &'a Pusher,
    /// Blobs that were read and are right.
    whole: HashSet<String>,
    violations: Vec<String>,
}

impl Look<'_> {
    fn blame(&mut self, text: String) {
        self.violations
            .push(format!("{}: {text}", self.pusher.repository));
    }

    async fn get(&mut self, rest: &str) -> Option<Reply> {
        let target = format!("/v2/{}/{rest}", self.pusher.repository);
        match self.wire.send(Method::GET, &target).await {
            Ok(reply) => Some(reply),
            Err(Broken(text)) => {
                self.blame(text);
                None
            }
        }
    }

    /// What stands under the key; whatever it is, everything that it names has to be there.
    async fn observe(&mut self, key: &Key) -> Value {
        let (Key::Tag(reference) | Key::Manifest(reference)) = key;
        let reply = self.get(&format!("manifests/{reference}")).await?;
        match reply.status {
            200 => {}
            404 => return None,
            // Nothing was ever acknowledged, so there may be no repository; that is not told apart from a hidden one.
            401 if self.pusher.ledger.acknowledged == 0 => return None,
            _ => {
                self.blame(format!("{key:?}: {}", reply.describe()));
                return None;
            }
        }
        let digest = compute_digest(&reply.body);
        match self.pusher.ledger.recipes.get(&digest) {
            None => self.blame(format!("{key:?} has bytes that nobody pushed: {digest}")),
            Some(recipe) => {
                let image = recipe.make();
                self.check_image(key, &reply, &image).await;
            }
        }
        Some(digest)
    }

    async fn list_tags(&mut self) -> Vec<String> {
        let Some(reply) = self.get("tags/list").await else {
            return Vec::new();
        };
        let listed: serde_json::Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        let tags = listed["tags"].as_array().into_iter().flatten();
        tags.filter_map(|tag| tag.as_str().map(str::to_owned))
            .collect()
    }

    async fn check_image(&mut self, key: &Key, reply: &Reply, image: &Image) {
        let media_type = image.manifest.media_type.as_str();
        if reply.find_header("content-type") != Some(media_type) {
            self.blame(format!("{key:?} has another type: {:?}", reply.headers));
        }
        for blob in image.blobs() {
            self.check_blob(key, blob).await;
        }
    }

    async fn check_blob(&mut self, key: &Key, blob: &Blob) {
        let digest = blob.digest();
        if self.whole.contains(&digest) {
            return;
        }
        let Some(reply) = self.get(&format!("blobs/{digest}")).await else {
            return;
        };
        if reply.status == 200 && reply.body == blob.bytes {
            self.whole.insert(digest);
        } else {
            let length = reply.body.len();
            self.blame(format!(
                "{key:?} names {digest} of {} bytes, which answers {} with {length} bytes",
                blob.bytes.len(),
                reply.status
            ));
        }
    }

    /// Blobs whose uploads were acknowledged, used by a manifest or not.
    async fn check_blobs(&mut self, loss: Loss) {
        let pusher = self.pusher;
        for (digest, size) in &pusher.ledger.blobs {
            if self.whole.contains(digest) {
                continue;
            }
            let Some(reply) = self.get(&format!("blobs/{digest}")).await else {
                continue;
            };
            match reply.status {
                200 if reply.body.len() == *size && compute_digest(&reply.body) == *digest => {}
                404 | 401 if loss == Loss::Power => {}
                _ => self.blame(format!(
                    "the blob {digest} of {size} bytes was acknowledged: {}",
                    reply.describe()
                )),
            }
        }
    }
}
