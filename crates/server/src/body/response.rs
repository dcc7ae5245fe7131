//! [`Body`]: the one response body type of the server.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Version;
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;
use http_body_util::combinators::UnsyncBoxBody;

use super::reader::FileReader;
use crate::net::ConnectionInfo;

/// Below this a read into memory that leaves together with the head is cheaper than mapping the
/// range and calling `sendfile` for it.
const SENDFILE_FROM: u64 = 64 * 1024;

/// The body of a response. Its size is known exactly unless it was made by [`Body::stream`].
#[derive(Debug, Default)]
pub struct Body(Kind);

#[derive(Debug, Default)]
enum Kind {
    #[default]
    Empty,
    Full(Bytes),
    File(FileReader),
    Stream(UnsyncBoxBody<Bytes, io::Error>),
}

impl Body {
    /// No bytes at all.
    pub fn empty() -> Self {
        Self::default()
    }

    /// The bytes of `range` of `file`, exactly that many or a broken connection.
    ///
    /// `connection` and `version` are those of the request that is answered; they decide between
    /// `sendfile(2)` and buffers. Nothing is read here. The range must lie within the file as it
    /// was when its size was looked up; if the file turns out shorter or unreadable, the
    /// connection ends early and the client sees a short body. The file's content must not change
    /// while it is sent.
    pub fn file(
        file: Arc<File>,
        range: Range<u64>,
        connection: &ConnectionInfo,
        version: Version,
    ) -> Self {
        let size = range.end.saturating_sub(range.start);
        if size == 0 {
            return Self::empty();
        }
        if size >= SENDFILE_FROM
            && version < Version::HTTP_2
            && let Some(registry) = &connection.sendfile
            // Out of mappings or address space: buffers do the same more slowly.
            && let Ok(bytes) = registry.map_range(&file, range.clone())
        {
            return Self(Kind::Full(bytes));
        }
        Self(Kind::File(FileReader::new(
            file,
            range,
            connection.buffers.clone(),
        )))
    }

    /// Another library's body, of a size that may be unknown.
    pub fn stream<B>(body: B) -> Self
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        Self(Kind::Stream(body.map_err(io::Error::other).boxed_unsync()))
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        if bytes.is_empty() {
            Self::empty()
        } else {
            Self(Kind::Full(bytes))
        }
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Bytes::from(text).into()
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Bytes::from_static(text.as_bytes()).into()
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match &mut self.0 {
            Kind::Empty => Poll::Ready(None),
            Kind::Full(bytes) => {
                let bytes = std::mem::take(bytes);
                self.0 = Kind::Empty;
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Kind::File(reader) => reader.poll_piece(context).map_ok(Frame::data),
            Kind::Stream(stream) => Pin::new(stream).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Empty => true,
            Kind::Full(_) => false,
            Kind::File(reader) => reader.remaining() == 0,
            Kind::Stream(stream) => stream.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Empty => SizeHint::with_exact(0),
            Kind::Full(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Kind::File(reader) => SizeHint::with_exact(reader.remaining()),
            Kind::Stream(stream) => stream.size_hint(),
        }
    }
}
