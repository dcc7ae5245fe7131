//! Reading and deleting manifests.

use super::outcome::still_used;
use crate::{App, Context, Error, ServedManifest, audit::record_audit};
use serde_json::json;
use std::sync::Arc;
use wharf_db::{
    Durability, Order, manifests,
    tags::{self, Cause, Mover},
};
use wharf_model::{
    AuditAction, Granted,
    rights::{Delete, Pull},
};
use wharf_oci::{Digest, ErrorCode, Reference, RegistryError, Tag};

/// Most tags that an entry of the audit log names; the rest are counted. Their history names them all.
const MAX_NAMED_TAGS: usize = 20;

/// Most tags deleted in one transaction: some hundredths of a second, in which nobody else writes.
const MAX_DELETED_TAGS: usize = 1000;

/// What one transaction of a deletion did.
struct Deleted {
    tags: Vec<Tag>,
    /// Whether nothing is left to be done.
    done: bool,
}

impl App {
    /// The manifest that `reference` names in this repository. Answers `MANIFEST_UNKNOWN` when there is none.
    pub async fn get_manifest(
        &self,
        granted: &Granted<Pull>,
        reference: &Reference,
    ) -> Result<Arc<ServedManifest>, Error> {
        let digest = match reference {
            Reference::Digest(digest) => *digest,
            Reference::Tag(tag) => self.resolve_tag(granted, tag).await?,
        };
        let key = (granted.repository(), digest);
        let load = async {
            let right = granted.clone();
            let found = self
                .db
                .look_up(move |tx| manifests::find_manifest(tx, &right, &digest));
            let found = found.await.map_err(Error::from)?;
            Ok::<_, Error>(found.map(|stored| {
                Arc::new(ServedManifest {
                    digest: stored.digest,
                    digest_text: stored.digest.to_string().into(),
                    media_type: stored.media_type.into(),
                    bytes: stored.bytes.into(),
                })
            }))
        };
        let found = self.memory.manifests.get_or_load(&key, load).await?;
        found.ok_or_else(|| unknown_manifest(reference).into())
    }

    async fn resolve_tag(&self, granted: &Granted<Pull>, tag: &Tag) -> Result<Digest, Error> {
        let key = (granted.repository(), tag.clone());
        let load = async {
            let (right, tag) = (granted.clone(), tag.clone());
            let found = self.db.look_up(move |tx| tags::find_tag(tx, &right, &tag));
            found.await.map_err(Error::from)
        };
        let found = self.memory.tags.get_or_load(&key, load).await?;
        found.ok_or_else(|| unknown_manifest(&Reference::Tag(tag.clone())).into())
    }

    /// Counts a pull of what was served.
    pub fn count_pull(&self, granted: &Granted<Pull>, manifest: &ServedManifest) {
        self.pulls.count(granted.repository(), manifest.digest);
        let traffic = self.traffic.of(granted.subject());
        traffic.count_pull(manifest.bytes.len() as u64);
    }

    /// Deletes a tag (that tag only), or a manifest with all its tags.
    ///
    /// A manifest that is part of an index of this repository stays (405). Bytes stay until they are collected, and a
    /// push of the same manifest brings it back. Of very many tags, some go before the others, the manifest at last; when
    /// this fails between, the same request finishes it.
    pub async fn delete_manifest(
        &self,
        context: &Context,
        granted: &Granted<Delete>,
        reference: &Reference,
    ) -> Result<(), Error> {
        loop {
            let deleted = self.delete_some(context, granted, reference).await?;
            for tag in deleted.tags {
                self.memory.tags.forget(&(granted.repository(), tag));
            }
            self.triggers.tell_event();
            if deleted.done {
                break;
            }
        }
        if let Reference::Digest(digest) = reference {
            self.memory
                .manifests
                .forget(&(granted.repository(), *digest));
        }
        Ok(())
    }

    async fn delete_some(
        &self,
        context: &Context,
        granted: &Granted<Delete>,
        reference: &Reference,
    ) -> Result<Deleted, Error> {
        let (context, right, wanted) = (context.clone(), granted.clone(), reference.clone());
        let mover = Mover {
            actor: context.caller.name.to_string(),
            cause: Cause::Delete,
            at: self.clock.now(),
        };
        let order = Order::Repository(granted.repository());
        self.db
            .write_in_order(Durability::Durable, order, move |tx| {
                let deleted = match &wanted {
                    Reference::Tag(tag) => {
                        let old = tags::delete_tag(tx, &right, tag, &mover)?;
                        old.ok_or_else(|| unknown_manifest(&wanted))?;
                        Deleted {
                            tags: vec![tag.clone()],
                            done: true,
                        }
                    }
                    Reference::Digest(digest) => {
                        if let Some(by) = manifests::find_user_of(tx, &right, digest)? {
                            return Err(Error::from(still_used(digest, &by)));
                        }
                        let tags =
                            tags::delete_tags_of(tx, &right, digest, &mover, MAX_DELETED_TAGS)?;
                        let done = tags.len() < MAX_DELETED_TAGS;
                        if done && !manifests::remove_manifest(tx, &right, digest)? {
                            return Err(unknown_manifest(&wanted).into());
                        }
                        Deleted { tags, done }
                    }
                };
                let facts = right.subject();
                let (action, target) = match &wanted {
                    Reference::Tag(tag) => {
                        (AuditAction::TagDelete, format!("{}:{tag}", facts.name))
                    }
                    Reference::Digest(digest) => {
                        let target = format!("{}@{digest}", facts.name);
                        (
                            if deleted.done {
                                AuditAction::ManifestDelete
                            } else {
                                AuditAction::TagDelete
                            },
                            target,
                        )
                    }
                };
                let names = deleted.tags.iter().take(MAX_NAMED_TAGS).map(Tag::as_str);
                let names: Vec<_> = names.collect();
                let details = json!({ "tags": names, "tag_count": deleted.tags.len() });
                record_audit(
                    tx,
                    &context,
                    mover.at,
                    action,
                    &target,
                    Some(facts.namespace),
                    &details,
                )?;
                Ok(deleted)
            })
            .await
    }
}

fn unknown_manifest(reference: &Reference) -> RegistryError {
    let detail = match reference {
        Reference::Tag(tag) => json!({ "tag": tag.as_str() }),
        Reference::Digest(digest) => json!({ "digest": digest.to_string() }),
    };
    RegistryError::new(
        ErrorCode::ManifestUnknown,
        "this repository has no such manifest",
    )
    .with_detail(detail)
}
