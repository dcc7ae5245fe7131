//! Ends a request that stands still, however large its body is: the clock starts again with every piece that goes out.
//! Once all of it is out, the server gets the time to answer that the caller grants.

use crate::error::EgressError;
use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt};
use parking_lot::Mutex;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// When the last piece of a body went out, and how much is still to go.
#[derive(Clone)]
pub(crate) struct Movement(Arc<Mutex<State>>);

struct State {
    moved: Instant,
    left: u64,
}

/// How long nothing may happen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// While the body goes out.
    pub(crate) body: Duration,
    /// Between the end of the body and the head of the answer.
    pub(crate) answer: Duration,
}

impl Movement {
    pub(crate) fn start() -> Movement {
        let moved = Instant::now();
        Movement(Arc::new(Mutex::new(State { moved, left: 0 })))
    }

    /// The same stream of `length` bytes; each piece that is taken from it counts as movement.
    pub(crate) fn watch(
        &self,
        length: u64,
        body: BoxStream<'static, io::Result<Bytes>>,
    ) -> BoxStream<'static, io::Result<Bytes>> {
        let movement = self.clone();
        movement.0.lock().left = length;
        body.inspect(move |piece| {
            let count = piece.as_ref().map_or(0, Bytes::len) as u64;
            let mut state = movement.0.lock();
            state.moved = Instant::now();
            state.left = state.left.saturating_sub(count);
        })
        .boxed()
    }

    /// When to give up, and the time that will have passed without movement then.
    fn find_end(&self, patience: Patience) -> (Instant, Duration) {
        let state = self.0.lock();
        let limit = match state.left {
            0 => patience.answer,
            _ => patience.body,
        };
        (state.moved + limit, limit)
    }

    /// Waits for `work` as long as something moves.
    ///
    /// # Errors
    /// [`EgressError::Stalled`] when nothing went out and nothing came back for too long.
    pub(crate) async fn bound<T>(
        &self,
        work: impl Future<Output = T>,
        host: &str,
        patience: Patience,
    ) -> Result<T, EgressError> {
        let mut work = std::pin::pin!(work);
        loop {
            let (end, _) = self.find_end(patience);
            tokio::select! {
                outcome = &mut work => return Ok(outcome),
                () = tokio::time::sleep_until(end) => {
                    let (end, limit) = self.find_end(patience);
                    if end <= Instant::now() {
                        return Err(EgressError::Stalled { host: host.to_owned(), limit });
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;

    const BODY: Duration = Duration::from_secs(60);

    const PATIENCE: Patience = Patience {
        body: BODY,
        answer: Duration::from_secs(600),
    };

    /// So many pieces of one byte, each after this time.
    fn drip(pieces: u64, time: Duration) -> BoxStream<'static, io::Result<Bytes>> {
        stream::unfold(0, move |count| async move {
            tokio::time::sleep(time).await;
            (count < pieces).then(|| (Ok(Bytes::from_static(b"x")), count + 1))
        })
        .boxed()
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_moves_may_take_as_long_as_it_needs() {
        let movement = Movement::start();
        let body = movement.watch(10, drip(10, BODY / 2));
        let pieces = movement.bound(body.count(), "h", PATIENCE).await;
        assert_eq!(pieces.expect("it moves"), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_stands_still_ends_soon_and_an_answer_gets_more_time() {
        let movement = Movement::start();
        let body = movement.watch(10, drip(10, BODY * 2));
        let outcome = movement.bound(body.count(), "h", PATIENCE).await;
        assert!(matches!(outcome, Err(EgressError::Stalled { limit, .. }) if limit == BODY));

        let started = Instant::now();
        let movement = Movement::start();
        let body = movement.watch(1, drip(1, BODY / 2));
        let work = async {
            body.count().await;
            std::future::pending::<()>().await;
        };
        let outcome = movement.bound(work, "h", PATIENCE).await;
        assert!(matches!(outcome, Err(EgressError::Stalled { .. })));
        assert_eq!(started.elapsed(), BODY / 2 + PATIENCE.answer);
    }
}
