//! Reading, mounting and deleting blobs, always through the link to a repository.

use super::outcome::{still_used, unknown_blob};
use crate::{App, Context, Error, MountScope, audit::record_audit};
use std::{fs::File, os::unix::fs::FileExt, sync::Arc};
use wharf_db::{
    Durability, Order,
    blobs::{self, BlobState, LinkedBlob},
    manifests,
};
use wharf_model::{
    AuditAction, Caller, Granted, Refusal, decide,
    rights::{Delete, Pull, Push},
};
use wharf_oci::{Digest, RepositoryName};

/// Repositories tried for a mount that names no source. The newest clients that send such mounts push what they just
/// pulled, so one of few has it; more would let a request walk a whole installation.
const MOUNT_CANDIDATES: usize = 50;

/// An open blob.
#[derive(Debug, Clone)]
pub struct BlobContent {
    /// The file, whole and never changed.
    pub file: Arc<File>,
    /// Bytes.
    pub size: u64,
}

impl App {
    /// The size of a blob of this repository, in bytes. Answers `BLOB_UNKNOWN` when it has none.
    ///
    /// So it does for one whose file is damaged, after saying so in the log: the next push then brings the bytes again.
    pub async fn stat_blob(&self, granted: &Granted<Pull>, digest: &Digest) -> Result<u64, Error> {
        match self.find_blob_size(granted, digest).await {
            Ok(size) => size.ok_or_else(|| unknown_blob(digest).into()),
            Err(Error::Internal(damage)) => {
                tracing::error!(
                    error = &*damage as &dyn std::error::Error,
                    "a blob is damaged"
                );
                Err(unknown_blob(digest).into())
            }
            Err(error) => Err(error),
        }
    }

    /// `None` when the repository has no such blob; [`Error::Internal`] when it has and the file is damaged.
    async fn find_blob_size(
        &self,
        granted: &Granted<Pull>,
        digest: &Digest,
    ) -> Result<Option<u64>, Error> {
        let key = (granted.repository(), *digest);
        let load = async {
            let (right, wanted) = (granted.clone(), *digest);
            let found = self
                .db
                .look_up(move |tx| blobs::find_linked_blob(tx, &right, &wanted))
                .await
                .map_err(Error::from)?;
            match found {
                None => Ok(None),
                Some(blob) => self.confirm_stored(digest, blob).await,
            }
        };
        self.memory.links.get_or_load(&key, load).await
    }

    /// Opens a blob of this repository.
    pub async fn open_blob(
        &self,
        granted: &Granted<Pull>,
        digest: &Digest,
    ) -> Result<BlobContent, Error> {
        let size = self.find_blob_size(granted, digest).await?;
        let size = size.ok_or_else(|| unknown_blob(digest))?;
        match self.blobs.open_blob(digest).await? {
            Some(blob) if blob.size == size => Ok(BlobContent {
                file: blob.file,
                size,
            }),
            other => {
                self.memory.links.forget(&(granted.repository(), *digest));
                Err(damaged(digest, size, other.map(|blob| blob.size)))
            }
        }
    }

    /// Counts bytes of a blob that a client is answered with.
    pub fn count_sent(&self, granted: &Granted<Pull>, bytes: u64) {
        self.traffic.of(granted.subject()).count_sent(bytes);
    }

    /// Its size when the bytes are there. A staged blob whose bytes were lost is forgotten and answered as unknown;
    /// the loss of a durable one is damage.
    async fn confirm_stored(
        &self,
        digest: &Digest,
        blob: LinkedBlob,
    ) -> Result<Option<u64>, Error> {
        match (self.blobs.stat_blob(digest).await?, blob.state) {
            (Some(found), _) if found.size == blob.size => Ok(Some(blob.size)),
            (Some(found), _) => Err(damaged(digest, blob.size, Some(found.size))),
            (None, BlobState::Present) => Err(damaged(digest, blob.size, None)),
            (None, BlobState::Staged) => {
                self.forget_lost(vec![*digest]).await?;
                Ok(None)
            }
        }
    }

    /// Forgets staged blobs whose bytes were lost.
    pub(super) async fn forget_lost(&self, lost: Vec<Digest>) -> Result<(), Error> {
        tracing::warn!(blob.digests = ?lost, "staged blobs were lost; their clients have to push them again");
        let forgotten = self.db.write(Durability::Durable, move |tx| {
            lost.iter()
                .try_for_each(|digest| blobs::forget_staged_blob(tx, digest))
        });
        forgotten.await.map_err(Error::from)?;
        self.memory.links.forget_all();
        Ok(())
    }

    /// Links a blob from another repository that the caller may read: `from`, else any. `None` when that is not
    /// possible and the client has to upload (distribution-spec end-11); [`Error::OutOfScope`] when only the registry
    /// token stands in the way.
    pub async fn mount_blob(
        &self,
        caller: &Caller,
        granted: &Granted<Push>,
        digest: &Digest,
        from: Option<&RepositoryName>,
    ) -> Result<Option<u64>, Error> {
        let candidates = match from {
            Some(name) => self.find_facts(name).await?.into_iter().collect(),
            None => {
                let wanted = *digest;
                let holders = self
                    .db
                    .read(move |tx| blobs::list_holders(tx, &wanted, MOUNT_CANDIDATES));
                holders.await.map_err(Error::from)?
            }
        };
        let anywhere = from.is_none() && caller.scope.as_ref().is_some_and(|scope| scope.mount);
        let scope = caller.scope.clone().filter(|_| !anywhere);
        let puller = Caller {
            scope,
            ..caller.clone()
        };
        let mut lacking = None;
        for facts in candidates {
            let source = match decide::<Pull>(&puller, &facts) {
                Ok(source) => source,
                Err(Refusal::OutOfScope) => {
                    lacking = Some(match from {
                        Some(name) => MountScope::Source(name.clone()),
                        None => MountScope::Anywhere,
                    });
                    continue;
                }
                Err(Refusal::Hidden | Refusal::Denied(_)) => continue,
            };
            // Looks into the store as well: what was lost is not mounted.
            if self.stat_blob(&source, digest).await.is_err() {
                continue;
            }
            let (right, wanted, now) = (granted.clone(), *digest, self.clock.now());
            let mounted =
                self.db
                    .write_in_order(Durability::Relaxed, Order::Statements, move |tx| {
                        blobs::mount_blob(tx, &right, &source, &wanted, now)
                    });
            if let Some(blob) = mounted.await.map_err(Error::from)? {
                return Ok(Some(blob.size));
            }
        }
        match lacking {
            // The account may pull it, its token was issued for less: the client is told what to ask for.
            Some(needs) => Err(Error::OutOfScope { needs: Some(needs) }),
            None => Ok(None),
        }
    }

    /// Removes a blob from a repository, unless a manifest there needs it.
    pub async fn delete_blob(
        &self,
        context: &Context,
        granted: &Granted<Delete>,
        digest: &Digest,
    ) -> Result<(), Error> {
        let (context, right, wanted) = (context.clone(), granted.clone(), *digest);
        let now = self.clock.now();
        let order = Order::Repository(granted.repository());
        self.db
            .write_in_order(Durability::Durable, order, move |tx| {
                if let Some(by) = manifests::find_user_of(tx, &right, &wanted)? {
                    return Err(Error::from(still_used(&wanted, &by)));
                }
                if !blobs::unlink_blob(tx, &right, &wanted)? {
                    return Err(unknown_blob(&wanted).into());
                }
                let facts = right.subject();
                let target = format!("{}@{wanted}", facts.name);
                record_audit(
                    tx,
                    &context,
                    now,
                    AuditAction::BlobDelete,
                    &target,
                    Some(facts.namespace),
                    &serde_json::json!({}),
                )?;
                Ok(())
            })
            .await?;
        self.memory.links.forget(&(granted.repository(), *digest));
        Ok(())
    }

    /// The bytes of a small blob, such as a config; `None` when it is larger than `limit` or not there.
    pub(crate) async fn read_small_blob(
        &self,
        digest: &Digest,
        limit: u64,
    ) -> Result<Option<Vec<u8>>, Error> {
        let Some(blob) = self.blobs.open_blob(digest).await? else {
            return Ok(None);
        };
        if blob.size > limit {
            return Ok(None);
        }
        let read = move || {
            let mut bytes = vec![0; blob.size as usize];
            blob.file.read_exact_at(&mut bytes, 0).map(|()| bytes)
        };
        let bytes = tokio::task::spawn_blocking(read)
            .await
            .map_err(Error::internal)?;
        bytes.map(Some).map_err(Error::internal)
    }
}

fn damaged(digest: &Digest, expected: u64, found: Option<u64>) -> Error {
    Error::internal(format!(
        "blob {digest} should have {expected} bytes, the store has {found:?}; run `wharf fsck`"
    ))
}
