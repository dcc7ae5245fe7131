//! Accepting connections through whatever the operating system reports.

use std::io;
use std::time::Duration;

/// The first pause is too short to notice, the last one long enough not to spin for hours.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Accepts one connection with `accept`, whatever it takes: never gives up and never spins.
///
/// A client that left before it was accepted is skipped. Anything else, such as too many open
/// files, is waited out with growing pauses; the whole burst makes one line in the log, and one
/// more when it is over.
pub(super) async fn accept_next<T, F>(mut accept: impl FnMut() -> F) -> T
where
    F: Future<Output = io::Result<T>>,
{
    let mut failures = 0_u32;
    let mut pause = FIRST_PAUSE;
    loop {
        match accept().await {
            Ok(accepted) => {
                if failures > 0 {
                    tracing::info!(failures, "accepting connections again");
                }
                return accepted;
            }
            Err(error) if is_the_clients(&error) => {
                tracing::debug!(%error, "a client left before it was accepted");
            }
            Err(error) => {
                if failures == 0 {
                    tracing::error!(%error, "cannot accept connections, trying again");
                }
                failures += 1;
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

/// Whether the failure belongs to the one connection and its place in the queue is gone: accept(2)
/// names these as errors of the network to be treated like "try again".
fn is_the_clients(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(
            libc::ECONNABORTED
                | libc::ECONNRESET
                | libc::EINTR
                | libc::EPROTO
                | libc::ENOPROTOOPT
                | libc::ENETDOWN
                | libc::ENETUNREACH
                | libc::EHOSTDOWN
                | libc::EHOSTUNREACH
                | libc::ENONET
                | libc::EPERM
        )
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::ready;
    use std::time::Instant;

    async fn accept_after(errors: &[i32]) -> (usize, Duration) {
        let mut results: Vec<_> = errors
            .iter()
            .map(|&code| Err(io::Error::from_raw_os_error(code)))
            .collect();
        results.push(Ok(()));
        let mut results = results.into_iter();
        let start = Instant::now();
        accept_next(|| ready(results.next().expect("asked again after a success"))).await;
        (results.len(), start.elapsed())
    }

    #[tokio::test]
    async fn a_full_descriptor_table_is_waited_out() {
        let (left, waited) = accept_after(&[libc::EMFILE, libc::ENFILE, libc::ENOBUFS]).await;
        assert_eq!(left, 0);
        assert!(waited >= FIRST_PAUSE * (1 + 2 + 4), "{waited:?}");
    }

    #[tokio::test]
    async fn clients_that_left_cost_no_pause() {
        let (left, waited) = accept_after(&[libc::ECONNABORTED; 100]).await;
        assert_eq!(left, 0);
        assert!(waited < FIRST_PAUSE * 100, "{waited:?}");
    }
}
