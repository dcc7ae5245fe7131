//! Request bodies, taken in without trusting the client's patience or honesty.

use std::error::Error;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::budget::{FREE_BYTES, MemoryBudget};
use bytes::{Bytes, BytesMut};
use futures_util::Stream;
use http_body::Body as HttpBody;
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep};

type Cause = Box<dyn Error + Send + Sync>;

/// Why a request body could not be received.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// The client sent nothing for as long as it may.
    #[error("the client sent no byte of the request body for {} seconds", .0.as_secs())]
    Idle(Duration),
    /// The body is longer than the number of bytes given; it was not read to its end.
    #[error("the request body is longer than {0} bytes")]
    TooLarge(usize),
    /// The connection ended within the body, or the body was not framed as HTTP demands.
    #[error("too many large request bodies are on their way")]
    Crowded,
    #[error("the request body broke off")]
    Broken(#[source] Cause),
}

/// The bytes of one request body, in the pieces in which they arrive; trailers are dropped.
///
/// Ends with `None` only after the whole body, as announced, was handed out. Time counts against
/// the client only while somebody waits for its bytes: a slow disk is never the client's fault.
pub struct UploadStream<B = Incoming> {
    body: B,
    idle: Duration,
    /// When the client's time is up; `None` while nobody waits.
    deadline: Option<Instant>,
    /// Made once and moved forward when it fires, so that a piece in time costs no timer.
    timer: Option<Pin<Box<Sleep>>>,
}

impl<B> UploadStream<B>
where
    B: HttpBody<Data = Bytes> + Unpin,
    B::Error: Into<Cause>,
{
    /// Reads nothing yet; `idle` bounds the wait for each piece.
    pub fn new(body: B, idle: Duration) -> Self {
        Self {
            body,
            idle,
            deadline: None,
            timer: None,
        }
    }

    /// The size that the request announced, if it did.
    pub fn announced_size(&self) -> Option<u64> {
        self.body.size_hint().exact()
    }

    /// The next piece, never empty. Safe to cancel: no byte is lost.
    pub async fn next_piece(&mut self) -> Result<Option<Bytes>, ReceiveError> {
        poll_fn(|context| self.poll_piece(context))
            .await
            .transpose()
    }

    fn poll_piece(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, ReceiveError>>> {
        loop {
            let frame = match Pin::new(&mut self.body).poll_frame(context) {
                Poll::Ready(frame) => frame,
                Poll::Pending => {
                    ready!(self.poll_patience(context));
                    return Poll::Ready(Some(Err(ReceiveError::Idle(self.idle))));
                }
            };
            self.deadline = None;
            match frame {
                None => return Poll::Ready(None),
                Some(Err(cause)) => {
                    return Poll::Ready(Some(Err(ReceiveError::Broken(cause.into()))));
                }
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) if !data.is_empty() => return Poll::Ready(Some(Ok(data))),
                    // Trailers, or an HTTP/2 frame without payload.
                    _ => continue,
                },
            }
        }
    }

    fn poll_patience(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let idle = self.idle;
        let deadline = *self.deadline.get_or_insert_with(|| Instant::now() + idle);
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        loop {
            ready!(timer.as_mut().poll(context));
            if timer.deadline() >= deadline {
                return Poll::Ready(());
            }
            timer.as_mut().reset(deadline);
        }
    }
}

impl<B> Stream for UploadStream<B>
where
    B: HttpBody<Data = Bytes> + Unpin,
    B::Error: Into<Cause>,
{
    type Item = Result<Bytes, ReceiveError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_piece(context)
    }
}

impl<B> fmt::Debug for UploadStream<B> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("UploadStream")
            .field("idle", &self.idle)
            .finish_non_exhaustive()
    }
}

/// Reads a whole body of at most `limit` bytes into memory, in one piece.
///
/// A longer body is [`ReceiveError::TooLarge`], before a byte is read if its size was announced;
/// never more than `limit` bytes and the piece that exceeds it are held.
pub async fn read_limited<B>(body: B, limit: usize, idle: Duration) -> Result<Bytes, ReceiveError>
where
    B: HttpBody<Data = Bytes> + Unpin,
    B::Error: Into<Cause>,
{
    read_within_budget(body, limit, idle, &MemoryBudget::default()).await
}

/// Like [`read_limited`], with room from `budget` for what is large: all such bodies together stay bounded, and the
/// client of one that finds no room is read no further meanwhile ([`ReceiveError::Crowded`] after `idle`).
pub async fn read_within_budget<B>(
    body: B,
    limit: usize,
    idle: Duration,
    budget: &MemoryBudget,
) -> Result<Bytes, ReceiveError>
where
    B: HttpBody<Data = Bytes> + Unpin,
    B::Error: Into<Cause>,
{
    let announced = body.size_hint().lower();
    if announced > limit as u64 {
        return Err(ReceiveError::TooLarge(limit));
    }
    let mut pieces = UploadStream::new(body, idle);
    let mut room = None;
    let mut whole = BytesMut::new();
    while let Some(piece) = pieces.next_piece().await? {
        if piece.len() > limit - whole.len() {
            return Err(ReceiveError::TooLarge(limit));
        }
        if room.is_none() && whole.len() + piece.len() > FREE_BYTES {
            room = Some(budget.enter(idle).await.ok_or(ReceiveError::Crowded)?);
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole.freeze())
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;
    use http_body::Frame;
    use http_body_util::{Full, StreamBody};
    use std::io;

    const LONG: Duration = Duration::from_secs(60);

    fn body_of(
        pieces: &[&'static str],
    ) -> impl HttpBody<Data = Bytes, Error = io::Error> + Unpin + use<> {
        let frames: Vec<_> = pieces
            .iter()
            .map(|piece| Ok(Frame::data(Bytes::from_static(piece.as_bytes()))))
            .collect();
        StreamBody::new(stream::iter(frames))
    }

    #[tokio::test]
    async fn a_body_within_the_limit_arrives_whole() {
        for (pieces, whole) in [
            (&[][..], ""),
            (&["abc"], "abc"),
            (&["ab", "", "c"], "abc"),
            (&["a", "b", "cd"], "abcd"),
        ] {
            let read = read_limited(body_of(pieces), 4, LONG)
                .await
                .expect("within the limit");
            assert_eq!(read, whole);
        }
    }

    #[tokio::test]
    async fn a_body_over_the_limit_is_refused_announced_or_not() {
        let announced = read_limited(Full::new(Bytes::from_static(b"abcde")), 4, LONG).await;
        assert!(matches!(announced, Err(ReceiveError::TooLarge(4))));
        for pieces in [&["abcde"][..], &["abcd", "e"], &["a", "b", "c", "d", "e"]] {
            let read = read_limited(body_of(pieces), 4, LONG).await;
            assert!(matches!(read, Err(ReceiveError::TooLarge(4))), "{pieces:?}");
        }
    }

    #[tokio::test]
    async fn a_silent_client_is_given_up_and_a_slow_reader_is_not() {
        let idle = Duration::from_millis(60);
        let first = stream::iter([Ok::<_, io::Error>(Frame::data(Bytes::from_static(b"a")))]);
        let body = StreamBody::new(futures_util::StreamExt::chain(first, stream::pending()));
        let mut upload = UploadStream::new(body, idle);
        assert_eq!(
            upload
                .next_piece()
                .await
                .expect("first piece")
                .expect("some"),
            "a"
        );

        // Wait once, so that the timer exists, then stay away for longer than the client may.
        let waited = tokio::time::timeout(idle / 4, upload.next_piece()).await;
        assert!(waited.is_err());
        upload.deadline = None;
        tokio::time::sleep(idle * 2).await;
        let back = Instant::now();
        assert!(matches!(
            upload.next_piece().await,
            Err(ReceiveError::Idle(_))
        ));
        assert!(back.elapsed() >= idle);
    }

    #[tokio::test]
    async fn a_broken_body_keeps_its_cause() {
        let frames = stream::iter([Err(io::Error::from(io::ErrorKind::ConnectionReset))]);
        let body = StreamBody::new(futures_util::StreamExt::map(
            frames,
            |e: io::Result<Frame<Bytes>>| e,
        ));
        let error = read_limited(body, 4, LONG).await.expect_err("broken");
        assert_eq!(error.to_string(), "the request body broke off");
        assert!(error.source().is_some());
    }
}
