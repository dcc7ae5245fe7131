//! Ends a request that stands still, however large its body is: the clock starts again with every piece that goes out.

use crate::error::EgressError;
use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt};
use parking_lot::Mutex;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// When the last piece of a body went out.
#[derive(Clone)]
pub(crate) struct Movement(Arc<Mutex<Instant>>);

impl Movement {
    pub(crate) fn start() -> Movement {
        Movement(Arc::new(Mutex::new(Instant::now())))
    }

    /// The same stream; each piece that is taken from it counts as movement.
    pub(crate) fn watch(
        &self,
        body: BoxStream<'static, io::Result<Bytes>>,
    ) -> BoxStream<'static, io::Result<Bytes>> {
        let movement = self.clone();
        body.inspect(move |_| *movement.0.lock() = Instant::now())
            .boxed()
    }

    /// Waits for `work` as long as something moves.
    ///
    /// # Errors
    /// [`EgressError::Stalled`] when nothing went out and nothing came back for `limit`.
    pub(crate) async fn bound<T>(
        &self,
        work: impl Future<Output = T>,
        host: &str,
        limit: Duration,
    ) -> Result<T, EgressError> {
        let mut work = std::pin::pin!(work);
        loop {
            let end = *self.0.lock() + limit;
            tokio::select! {
                outcome = &mut work => return Ok(outcome),
                () = tokio::time::sleep_until(end) => {
                    if *self.0.lock() + limit <= Instant::now() {
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

    const LIMIT: Duration = Duration::from_secs(60);

    #[tokio::test(start_paused = true)]
    async fn a_body_that_moves_may_take_as_long_as_it_needs() {
        let movement = Movement::start();
        let slow = stream::unfold(0, |count| async move {
            tokio::time::sleep(LIMIT / 2).await;
            (count < 10).then(|| (Ok(Bytes::from_static(b"x")), count + 1))
        });
        let body = movement.watch(slow.boxed());
        let pieces = movement.bound(body.count(), "h", LIMIT).await;
        assert_eq!(pieces.expect("it moves"), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn what_stands_still_ends() {
        let started = Instant::now();
        let outcome = Movement::start()
            .bound(std::future::pending::<()>(), "h", LIMIT)
            .await;
        assert!(matches!(outcome, Err(EgressError::Stalled { .. })));
        assert_eq!(started.elapsed(), LIMIT);
    }
}
