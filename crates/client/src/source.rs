//! Where the bytes of a push come from: something that can be read again from any place when a transfer breaks.

use crate::Progress;
use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, Stream};
use parking_lot::Mutex;
use std::future::Future;
use std::io::{self, SeekFrom};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncSeekExt};

/// The largest piece that is read at once: one goes out while the next is read, so memory stays at a few of them.
const PIECE: usize = 128 * 1024;

/// A reader over a source.
pub type BlobBytes = Box<dyn AsyncRead + Send + Unpin>;

/// A source that is being opened.
pub type Opening = Pin<Box<dyn Future<Output = io::Result<BlobBytes>> + Send>>;

/// The content of a blob, readable as often as needed.
pub trait BlobSource: Send + Sync {
    /// A reader that starts `offset` bytes into the content.
    fn open(&self, offset: u64) -> Opening;
}

impl BlobSource for Bytes {
    fn open(&self, offset: u64) -> Opening {
        let start = usize::try_from(offset).map_or(self.len(), |offset| offset.min(self.len()));
        let rest = self.slice(start..);
        Box::pin(async move { Ok(Box::new(io::Cursor::new(rest)) as BlobBytes) })
    }
}

/// A file as the content of a blob.
#[derive(Debug, Clone)]
pub struct FileSource(pub PathBuf);

impl BlobSource for FileSource {
    fn open(&self, offset: u64) -> Opening {
        let path = self.0.clone();
        Box::pin(async move {
            let mut file = tokio::fs::File::open(path).await?;
            file.seek(SeekFrom::Start(offset)).await?;
            Ok(Box::new(file) as BlobBytes)
        })
    }
}

/// Where a failed read is left, because the HTTP library gives back its own error only.
pub(crate) type ReadFailure = Arc<Mutex<Option<io::Error>>>;

/// `length` bytes from `start` as a stream, told to `progress` as positions in the whole.
pub(crate) async fn stream_source(
    source: &dyn BlobSource,
    start: u64,
    length: u64,
    progress: Progress,
    failure: ReadFailure,
) -> io::Result<impl Stream<Item = io::Result<Bytes>> + Send + use<>> {
    let reader = source.open(start).await?.take(length);
    progress.tell(start);
    let pieces = stream::unfold((reader, start), move |(mut reader, position)| {
        let (progress, failure) = (progress.clone(), Arc::clone(&failure));
        async move {
            let mut piece = BytesMut::with_capacity(PIECE);
            match reader.read_buf(&mut piece).await {
                Ok(0) if position < start + length => {
                    *failure.lock() = Some(io::ErrorKind::UnexpectedEof.into());
                    Some((Err(io::ErrorKind::UnexpectedEof.into()), (reader, position)))
                }
                Ok(0) => None,
                Ok(count) => {
                    let position = position + count as u64;
                    progress.tell(position);
                    Some((Ok(piece.freeze()), (reader, position)))
                }
                Err(error) => {
                    let told = io::Error::from(error.kind());
                    *failure.lock() = Some(error);
                    Some((Err(told), (reader, position)))
                }
            }
        }
    });
    Ok(pieces)
}
