//! Context archives: uploaded first, taken by the build that is started with them, given up when nobody does.

use crate::{App, Context, Error, builds::context_path};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWriteExt};
use tokio::time::timeout;
use wharf_db::{DbError, Durability, Tx, builds::NewBuild, rules::contexts};
use wharf_model::{BuildId, ContextId, Granted, NamespaceId, Timestamp, rights::StartBuild};

/// Largest archive, in bytes. Docker's own clients send contexts of hundreds of megabytes; beyond a gigabyte it is data,
/// which belongs into an image or a bucket.
pub const MAX_CONTEXT: u64 = 1 << 30;

/// Archives of one principal that may wait: each may be as large as that.
const MAX_WAITING: u64 = 4;

/// For how long an archive waits for its build.
const PATIENCE: Duration = Duration::from_secs(3600);

/// How long an upload may take. More comes too near to [`PATIENCE`], after which nobody counts the bytes of a file that is
/// still written to; a gigabyte over a line of 3 Mbit/s takes as long.
const UPLOAD_TIME: Duration = Duration::from_secs(50 * 60);

/// How files of archives end that wait, and of those that are on their way.
const WAITING: &str = "waiting";
const UPLOADING: &str = "uploading";

/// Bytes that are copied at once.
const CHUNK: usize = 256 << 10;

impl App {
    fn waiting_context(&self, id: ContextId) -> PathBuf {
        self.builds.folder.join(format!("{id}.{WAITING}"))
    }

    /// Keeps a context archive until a build takes it, for an hour at most. `announced` is how long the client says that
    /// it is.
    ///
    /// Its row comes first, with the bytes that it may have: whoever uploads at once, what waits stays within the limits.
    ///
    /// # Errors
    /// [`Error::Refused`] when it is larger than [`MAX_CONTEXT`], [`Error::LimitReached`] when too many wait already, or
    /// too many bytes, [`Error::Invalid`] `too_slow` when it is not here in time.
    pub async fn upload_context(
        &self,
        context: &Context,
        repository: &str,
        announced: Option<u64>,
        archive: impl AsyncRead + Unpin + Send,
    ) -> Result<(ContextId, u64), Error> {
        let right: Granted<StartBuild> = self.authorize_named(context, repository).await?;
        let (id, namespace) = (ContextId::new(), right.subject().namespace);
        let (principal, now) = (context.caller.principal(), self.clock.now());
        let budget = self.settings.context_bytes;
        let reserve = self.db.write(Durability::Relaxed, move |tx| {
            reserve_room(tx, &right, id, &principal, announced, budget, now)
        });
        let room = reserve.await?;
        self.make_room(namespace).await?;
        let path = self.waiting_context(id);
        let unfinished = path.with_extension(UPLOADING);
        let written = match write_in_time(UPLOAD_TIME, &unfinished, archive, room).await {
            Ok(size) => self.settle_upload(id, size, &unfinished, &path).await,
            Err(error) => Err(error),
        };
        if written.is_err() {
            drop_file(&unfinished).await;
            drop_file(&path).await;
            if let Err(error) = self.forget_context(id).await {
                // It counts until the hour is over.
                tracing::warn!(%error, "an upload that did not come could not be forgotten");
            }
        }
        Ok((id, written?))
    }

    /// Removes what is kept of builds that are over, the oldest first, until all bytes of a namespace are within its
    /// budget: what is on its way goes before what somebody might want to try again.
    pub(crate) async fn make_room(&self, namespace: NamespaceId) -> Result<(), Error> {
        let read = self.db.read(move |tx| {
            let open = contexts::measure_contexts(tx, namespace)?;
            let settled = contexts::list_settled(tx, Some(namespace))?;
            Ok::<_, DbError>((open, settled))
        });
        let (open, settled) = read.await.map_err(Error::from)?;
        let kept = settled.iter().map(|it| it.size).sum::<u64>();
        let mut total = open.saturating_add(kept);
        for context in settled {
            if total <= self.settings.context_bytes {
                break;
            }
            drop_file(&context_path(&self.builds.folder, context.build)).await;
            self.forget_context(context.id).await?;
            total = total.saturating_sub(context.size);
        }
        Ok(())
    }

    async fn forget_context(&self, id: ContextId) -> Result<(), Error> {
        let forget = self.db.write(Durability::Relaxed, move |tx| {
            contexts::drop_context(tx, id)
        });
        forget.await.map_err(Error::from)
    }

    /// The bytes are here: from now on a build may take them.
    async fn settle_upload(
        &self,
        id: ContextId,
        size: u64,
        unfinished: &Path,
        path: &Path,
    ) -> Result<u64, Error> {
        let renamed = tokio::fs::rename(unfinished, path).await;
        renamed.map_err(|error| Error::Unavailable(error.into()))?;
        let kept = self.db.write(Durability::Durable, move |tx| {
            contexts::keep_context(tx, id, size)
        });
        match kept.await.map_err(Error::from)? {
            true => Ok(size),
            // It took longer than archives wait.
            false => Err(Error::invalid("body", "too_slow")),
        }
    }

    /// Gives the archive to a build that is about to be inserted. A second link, so that a start that fails leaves it.
    pub(super) async fn hand_over_context(
        &self,
        archive: ContextId,
        build: BuildId,
    ) -> Result<(), Error> {
        let to = context_path(&self.builds.folder, build);
        let linked = tokio::fs::hard_link(self.waiting_context(archive), to).await;
        linked.map_err(|error| match error.kind() {
            ErrorKind::NotFound => Error::invalid("context", "no_such_context"),
            _ => Error::Unavailable(error.into()),
        })
    }

    /// After a start: the archive waits no more when the build took it; the build's link goes when there is none.
    pub(super) async fn settle_context(&self, archive: ContextId, build: BuildId, taken: bool) {
        if taken {
            drop_file(&self.waiting_context(archive)).await;
        } else {
            drop_file(&context_path(&self.builds.folder, build)).await;
        }
    }

    /// Gives up archives that nobody took, and removes files that nobody waits for.
    pub(super) async fn give_up_contexts(&self) -> Result<(), Error> {
        let before = self.clock.now().minus(PATIENCE);
        let given_up = self.db.write(Durability::Relaxed, move |tx| {
            contexts::give_up_contexts(tx, before)
        });
        given_up.await.map_err(Error::from)?;
        let settled = self.db.read(|tx| contexts::list_settled(tx, None));
        for context in settled.await.map_err(Error::from)? {
            let path = context_path(&self.builds.folder, context.build);
            if !tokio::fs::try_exists(&path).await.unwrap_or(true) {
                self.forget_context(context.id).await?;
            }
        }
        let folder = self.builds.folder.clone();
        let files = tokio::task::spawn_blocking(move || list_files(&folder)).await;
        let files = files.map_err(Error::internal)?;
        for (id, path) in files.map_err(|error| Error::Unavailable(error.into()))? {
            // The row comes before the file, so a file without one is nobody's.
            let waits = self.db.look_up(move |tx| contexts::is_waiting(tx, id));
            if !waits.await.map_err(Error::from)? {
                drop_file(&path).await;
            }
        }
        Ok(())
    }
}

/// Notes an archive that is about to come; answers how many bytes it may have.
fn reserve_room(
    tx: &mut Tx<'_>,
    right: &Granted<StartBuild>,
    id: ContextId,
    principal: &str,
    announced: Option<u64>,
    budget: u64,
    now: Timestamp,
) -> Result<u64, Error> {
    if announced.is_some_and(|size| size > MAX_CONTEXT) {
        return Err(too_large());
    }
    if contexts::count_contexts(tx, principal)? >= MAX_WAITING {
        return Err(Error::LimitReached {
            what: "build_contexts",
            limit: MAX_WAITING,
        });
    }
    let used = contexts::measure_contexts(tx, right.subject().namespace)?;
    let left = budget.saturating_sub(used);
    let wanted = announced.unwrap_or_else(|| MAX_CONTEXT.min(left));
    if left == 0 || wanted > left {
        return Err(no_room(budget));
    }
    contexts::reserve_context(tx, right, id, principal, wanted, now)?;
    Ok(wanted)
}

/// Lets a build that repeats another have its archive too. Its bytes count for both: neither's file alone frees them.
///
/// # Errors
/// [`Error::Conflict`] `context_gone` when they are not kept any more, [`Error::LimitReached`] when there is no room.
pub(crate) fn repeat_context(
    tx: &mut Tx<'_>,
    first: BuildId,
    again: &NewBuild,
    budget: u64,
) -> Result<(), Error> {
    let size = contexts::find_size(tx, first)?;
    let size = size.ok_or(Error::Conflict {
        what: "context_gone",
    })?;
    let used = contexts::measure_contexts(tx, again.namespace)?;
    if used.saturating_add(size) > budget {
        return Err(no_room(budget));
    }
    Ok(contexts::repeat_context(tx, first, again.id, again.at)?)
}

fn no_room(budget: u64) -> Error {
    Error::LimitReached {
        what: "context_bytes",
        limit: budget,
    }
}

fn too_large() -> Error {
    Error::refused("body", "context_too_large", MAX_CONTEXT >> 20)
}

/// Archives that wait or are on their way, and their files.
fn list_files(folder: &Path) -> std::io::Result<Vec<(ContextId, PathBuf)>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        let id: Option<ContextId> = stem.and_then(|stem| stem.parse().ok());
        if let (Some(WAITING | UPLOADING), Some(id)) = (extension, id) {
            files.push((id, path));
        }
    }
    Ok(files)
}

/// Writes an archive; no byte comes after `limit`.
async fn write_in_time(
    limit: Duration,
    path: &Path,
    archive: impl AsyncRead + Unpin + Send,
    room: u64,
) -> Result<u64, Error> {
    match timeout(limit, write_archive(path, archive, room)).await {
        Ok(written) => written,
        Err(_) => Err(Error::invalid("body", "too_slow")),
    }
}

async fn write_archive(
    path: &std::path::Path,
    mut archive: impl AsyncRead + Unpin + Send,
    room: u64,
) -> Result<u64, Error> {
    let failed = |error: std::io::Error| Error::Unavailable(error.into());
    let mut file = tokio::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .await
        .map_err(failed)?;
    let mut buffer = vec![0; CHUNK];
    let mut size = 0_u64;
    loop {
        use tokio::io::AsyncReadExt;
        // A client that leaves in the middle has uploaded nothing.
        let read = archive
            .read(&mut buffer)
            .await
            .map_err(|_| Error::invalid("body", "malformed"))?;
        if read == 0 {
            break;
        }
        size += read as u64;
        if size > MAX_CONTEXT {
            return Err(too_large());
        }
        if size > room {
            return Err(Error::LimitReached {
                what: "context_bytes",
                limit: room,
            });
        }
        file.write_all(&buffer[..read]).await.map_err(failed)?;
    }
    file.flush().await.map_err(failed)?;
    if size == 0 {
        return Err(Error::invalid("body", "empty"));
    }
    Ok(size)
}

/// One that is gone is as good.
async fn drop_file(path: &std::path::Path) {
    if let Err(error) = tokio::fs::remove_file(path).await
        && error.kind() != ErrorKind::NotFound
    {
        tracing::warn!(%error, path = %path.display(), "an uploaded context could not be removed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_upload_that_never_ends_is_given_up_in_time() {
        let folder = tempfile::tempdir().unwrap();
        let (_open, slow) = tokio::io::duplex(16);
        let limit = Duration::from_millis(20);
        let written = write_in_time(limit, &folder.path().join("a"), slow, 1000).await;
        assert!(matches!(
            written,
            Err(Error::Invalid {
                reason: "too_slow",
                ..
            })
        ));
        assert!(UPLOAD_TIME < PATIENCE);
    }
}
