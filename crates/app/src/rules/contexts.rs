//! Context archives: uploaded first, taken by the build that is started with them, given up when nobody does.

use crate::{App, Context, Error, builds::context_path};
use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWriteExt};
use wharf_db::{Durability, rules::contexts};
use wharf_model::{BuildId, ContextId, Granted, rights::StartBuild};

/// Largest archive, in bytes. Docker's own clients send contexts of hundreds of megabytes; beyond a gigabyte it is data,
/// which belongs into an image or a bucket.
pub const MAX_CONTEXT: u64 = 1 << 30;

/// Archives of one principal that may wait: each may be as large as that.
const MAX_WAITING: u64 = 4;

/// For how long an archive waits for its build.
const PATIENCE: Duration = Duration::from_secs(3600);

/// Bytes that are copied at once.
const CHUNK: usize = 256 << 10;

impl App {
    fn waiting_context(&self, id: ContextId) -> PathBuf {
        self.builds.folder.join(format!("{id}.waiting"))
    }

    /// Keeps a context archive until a build takes it, for an hour at most.
    ///
    /// # Errors
    /// [`Error::Refused`] when it is larger than [`MAX_CONTEXT`], [`Error::LimitReached`] when too many wait already.
    pub async fn upload_context(
        &self,
        context: &Context,
        repository: &str,
        archive: impl AsyncRead + Unpin + Send,
    ) -> Result<(ContextId, u64), Error> {
        let right: Granted<StartBuild> = self.authorize_named(context, repository).await?;
        let principal = context.caller.principal();
        let by = principal.clone();
        let count = self.db.read(move |tx| contexts::count_contexts(tx, &by));
        if count.await.map_err(Error::from)? >= MAX_WAITING {
            return Err(Error::LimitReached {
                what: "build_contexts",
                limit: MAX_WAITING,
            });
        }
        let id = ContextId::new();
        let path = self.waiting_context(id);
        let written = write_archive(&path, archive).await;
        let size = match written {
            Ok(size) => size,
            Err(error) => {
                drop_file(&path).await;
                return Err(error);
            }
        };
        let now = self.clock.now();
        let kept = self.db.write(Durability::Durable, move |tx| {
            contexts::insert_context(tx, &right, id, &principal, size, now)
        });
        if let Err(error) = kept.await.map_err(Error::from) {
            drop_file(&path).await;
            return Err(error);
        }
        Ok((id, size))
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

    /// Gives up archives that nobody took.
    pub(super) async fn give_up_contexts(&self) -> Result<(), Error> {
        let before = self.clock.now().minus(PATIENCE);
        let given_up = self.db.write(Durability::Relaxed, move |tx| {
            contexts::give_up_contexts(tx, before)
        });
        for id in given_up.await.map_err(Error::from)? {
            drop_file(&self.waiting_context(id)).await;
        }
        Ok(())
    }
}

async fn write_archive(
    path: &std::path::Path,
    mut archive: impl AsyncRead + Unpin + Send,
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
            return Err(Error::refused(
                "body",
                "context_too_large",
                MAX_CONTEXT >> 20,
            ));
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
