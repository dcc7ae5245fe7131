//! Pushing a manifest: the moment from which an image survives a power loss.

use crate::{App, Error};
use bytes::Bytes;
use serde_json::json;
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};
use wharf_db::{
    Durability, Order, Tx,
    blobs::{self, BlobState, LinkedBlob},
    manifests::{self, NewManifest},
    tags::{self, Cause, Mover},
};
use wharf_model::{Caller, Granted, rights};
use wharf_oci::{Algorithm, Digest, ErrorCode, Manifest, Reference, RegistryError, Tag};

/// How often a push starts over because a blob it needs was lost and pushed again meanwhile.
const ATTEMPTS: usize = 3;

/// What a client pushed.
#[derive(Debug, Clone)]
pub struct Push {
    /// Where to: a tag, or the digest it must have.
    pub reference: Reference,
    /// Further tags (distribution-spec end-7b).
    pub tags: Vec<Tag>,
    /// The request's Content-Type.
    pub content_type: Option<String>,
    /// The exact bytes.
    pub bytes: Bytes,
}

/// What became of it.
#[derive(Debug, Clone)]
pub struct PushedManifest {
    /// Its digest.
    pub digest: Digest,
    /// Its subject, which the registry has understood.
    pub subject: Option<Digest>,
    /// Tags of the query that name it now.
    pub tags: Vec<Tag>,
}

/// What else a push commits, in its transaction. An error keeps all of it from happening.
pub(crate) trait Beside: Send + Sync {
    /// Chooses the tags that are set, of those that the push asks for.
    fn choose_tags(&self, tx: &mut Tx<'_>) -> Result<Vec<Tag>, Error>;

    /// Runs after they are set.
    fn conclude(&self, tx: &mut Tx<'_>) -> Result<(), Error>;
}

/// Why a manifest comes, and what comes with it.
#[derive(Clone)]
struct Occasion {
    cause: Cause,
    beside: Option<Arc<dyn Beside>>,
}

/// A push that must start over.
enum Outcome {
    Done,
    Again,
}

impl App {
    /// Keeps a manifest. When this answers, the manifest and everything it names survive a power loss.
    ///
    /// One barrier makes all named blobs durable, then one transaction looks again that each is there, keeps the
    /// manifest, and moves the tags. Nothing of it is visible before the commit.
    pub async fn put_manifest(
        &self,
        caller: &Caller,
        granted: &Granted<rights::Push>,
        push: Push,
    ) -> Result<PushedManifest, Error> {
        let occasion = Occasion {
            cause: Cause::Push,
            beside: None,
        };
        let bytes = push.bytes.len() as u64;
        let pushed = self.keep_manifest(caller, granted, push, &occasion).await?;
        self.traffic.of(granted.subject()).count_push(bytes);
        Ok(pushed)
    }

    /// The same for a build: `beside` is committed with it or not at all.
    pub(crate) async fn put_build_manifest(
        &self,
        caller: &Caller,
        granted: &Granted<rights::Push>,
        push: Push,
        beside: Option<Arc<dyn Beside>>,
    ) -> Result<PushedManifest, Error> {
        let occasion = Occasion {
            cause: Cause::Build,
            beside,
        };
        let pushed = self.keep_manifest(caller, granted, push, &occasion).await?;
        // Nobody brought it over a line.
        self.traffic.of(granted.subject()).count_push(0);
        Ok(pushed)
    }

    async fn keep_manifest(
        &self,
        caller: &Caller,
        granted: &Granted<rights::Push>,
        push: Push,
        occasion: &Occasion,
    ) -> Result<PushedManifest, Error> {
        let view = Manifest::parse(push.content_type.as_deref(), &push.bytes)?;
        let digest = check_digest(&push)?;
        let mut tags = push.tags.clone();
        if let Reference::Tag(tag) = &push.reference {
            tags.push(tag.clone());
        }
        let named: Vec<Digest> = {
            let mut seen = HashSet::new();
            let all = view
                .references()
                .map(|reference| reference.descriptor.digest);
            all.filter(|digest| seen.insert(*digest)).collect()
        };
        let subject = view.subject.as_ref().map(|subject| subject.digest);
        for _ in 0..ATTEMPTS {
            let linked = self.find_linked(granted, &named).await?;
            self.check_complete(&view, &linked)?;
            self.make_durable(&linked).await?;
            let new = NewManifest {
                digest,
                bytes: push.bytes.to_vec(),
                missing: named
                    .iter()
                    .filter(|digest| !linked.contains_key(*digest))
                    .copied()
                    .collect(),
                platforms: self.find_platforms(&view, &linked).await?,
                view: view.clone(),
                pushed_by: caller.name.to_string(),
                at: self.clock.now(),
            };
            match self
                .commit_push(granted, new, &named, &linked, tags.clone(), occasion)
                .await?
            {
                Outcome::Done => {
                    return Ok(PushedManifest {
                        digest,
                        subject,
                        tags: push.tags,
                    });
                }
                Outcome::Again => {}
            }
        }
        Err(Error::Busy("the manifest's blobs kept changing".into()))
    }

    async fn find_linked(
        &self,
        granted: &Granted<rights::Push>,
        named: &[Digest],
    ) -> Result<HashMap<Digest, LinkedBlob>, Error> {
        let (right, named) = (granted.clone(), named.to_vec());
        let found = self
            .db
            .look_up(move |tx| manifests::find_linked_blobs(tx, &right, &named));
        found.await.map_err(Error::from)
    }

    fn check_complete(
        &self,
        view: &Manifest,
        linked: &HashMap<Digest, LinkedBlob>,
    ) -> Result<(), Error> {
        let mut missing = Vec::new();
        for reference in view.references() {
            let descriptor = reference.descriptor;
            match linked.get(&descriptor.digest) {
                Some(blob) if reference.required && blob.size != descriptor.size => {
                    missing.push(wrong_size(&descriptor.digest, descriptor.size, blob.size));
                }
                None if reference.required && !self.settings.allow_missing_blobs => {
                    missing.push(missing_blob(&descriptor.digest));
                }
                _ => {}
            }
        }
        match missing.len() {
            0 => Ok(()),
            _ => Err(Error::RegistryErrors(missing)),
        }
    }

    /// The barrier: everything that is linked survives a power loss afterwards. Rows alone do not tell what needs it:
    /// a push that healed a damaged blob brought new bytes for an old row. What is durable already costs a look.
    async fn make_durable(&self, linked: &HashMap<Digest, LinkedBlob>) -> Result<(), Error> {
        let named: Vec<_> = linked.keys().copied().collect();
        match self.blobs.make_durable(&named).await {
            Ok(()) => Ok(()),
            Err(error) => {
                if !error.lost.is_empty() {
                    self.forget_lost(error.lost.clone()).await?;
                }
                Err(Error::Unavailable(error.into()))
            }
        }
    }

    async fn commit_push(
        &self,
        granted: &Granted<rights::Push>,
        new: NewManifest,
        named: &[Digest],
        linked: &HashMap<Digest, LinkedBlob>,
        tags: Vec<Tag>,
        occasion: &Occasion,
    ) -> Result<Outcome, Error> {
        wharf_blobs::failpoint("before-manifest-commit");
        let mover = Mover {
            actor: new.pushed_by.clone(),
            cause: occasion.cause,
            at: new.at,
        };
        let digest = new.digest;
        let commit = {
            let (right, named, linked, tags) = (
                granted.clone(),
                named.to_vec(),
                linked.clone(),
                tags.clone(),
            );
            let beside = occasion.beside.clone();
            let order = Order::Repository(granted.repository());
            self.db
                .write_in_order(Durability::Durable, order, move |tx| {
                    let now = manifests::find_linked_blobs(tx, &right, &named)?;
                    // All that was there before the barrier is still there, and no staged blob came meanwhile that the
                    // barrier did not see.
                    let same = now.len() == linked.len()
                        && now.keys().all(|digest| linked.contains_key(digest));
                    if !same {
                        return Ok::<_, Error>(false);
                    }
                    // In one order, so that two pushes with the same layers do not wait for each other.
                    let mut staged: Vec<_> = now
                        .iter()
                        .filter(|(_, blob)| blob.state == BlobState::Staged)
                        .map(|(digest, _)| digest)
                        .collect();
                    staged.sort_unstable();
                    for digest in staged {
                        if !blobs::mark_present(tx, digest)? {
                            return Ok(false);
                        }
                    }
                    manifests::insert_manifest(tx, &right, &new)?;
                    let tags = match &beside {
                        Some(beside) => beside.choose_tags(tx)?,
                        None => tags.clone(),
                    };
                    for tag in &tags {
                        tags::set_tag(tx, &right, tag, &new.digest, &mover)?;
                    }
                    if let Some(beside) = &beside {
                        beside.conclude(tx)?;
                    }
                    Ok(true)
                })
        };
        let committed = commit.await;
        // Whatever the answer: the outcome of a commit whose connection broke is not known.
        let repository = granted.repository();
        for tag in tags {
            self.memory.tags.forget(&(repository, tag));
        }
        self.memory.manifests.forget(&(repository, digest));
        if !committed? {
            return Ok(Outcome::Again);
        }
        wharf_blobs::failpoint("after-manifest-commit");
        self.triggers.tell_event();
        Ok(Outcome::Done)
    }
}

/// Whether a config of this type describes an image that runs.
pub(crate) fn is_image_config(media_type: &str) -> bool {
    matches!(
        media_type,
        "application/vnd.oci.image.config.v1+json"
            | "application/vnd.docker.container.image.v1+json"
    )
}

fn check_digest(push: &Push) -> Result<Digest, RegistryError> {
    let expected = push.reference.digest();
    let algorithm = expected.map_or(Algorithm::Sha256, |digest| digest.algorithm());
    let actual = Digest::of(algorithm, &push.bytes);
    match expected {
        Some(expected) if expected != actual => Err(RegistryError::new(
            ErrorCode::DigestInvalid,
            "the manifest received has another digest than the one in the path",
        )
        .with_detail(json!({ "expected": expected.to_string(), "received": actual.to_string() }))),
        _ => Ok(actual),
    }
}

fn missing_blob(digest: &Digest) -> RegistryError {
    RegistryError::new(
        ErrorCode::ManifestBlobUnknown,
        "the manifest names a blob that this repository does not have; push it first",
    )
    .with_detail(json!({ "digest": digest.to_string() }))
}

fn wrong_size(digest: &Digest, named: u64, stored: u64) -> RegistryError {
    RegistryError::new(
        ErrorCode::ManifestInvalid,
        "the manifest gives a blob another size than it has",
    )
    .with_detail(json!({ "digest": digest.to_string(), "named": named, "stored": stored }))
}
