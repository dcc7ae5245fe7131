//! How much is measured: sizes, clients, windows and rounds, for a full and for a quick run.
//! Refuses to go on for ever: past the time limit each measure gets one round only, and the report says so.
//! Read by seeding and by every measure.

use std::cell::Cell;
use std::time::{Duration, Instant};

pub(crate) const MEGABYTE: u64 = 1_000_000;

/// One size of blob moved by one number of clients.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Transfer {
    pub(crate) megabytes: u64,
    pub(crate) clients: usize,
}

pub(crate) struct Scale {
    rounds: usize,
    started: Instant,
    limit: Duration,
    skipped: Cell<usize>,
    /// Whether rows are measured that no target is about and that resemble another row.
    pub(crate) thorough: bool,
    /// How long small requests are sent.
    pub(crate) request_window: Duration,
    /// How long transfers are begun.
    pub(crate) transfer_window: Duration,
    /// How long pushes go on under which the latency is measured.
    pub(crate) latency_window: Duration,
    pub(crate) pulls: Vec<Transfer>,
    pub(crate) pushes: Vec<Transfer>,
    pub(crate) put_clients: Vec<usize>,
    /// Distinct manifests in the registry that is started again.
    pub(crate) manifests: usize,
    /// Seeding these manifests ends after this time with fewer.
    pub(crate) manifests_limit: Duration,
    /// Whether the image of 300 MB is built.
    pub(crate) large_build: bool,
    /// Steps of the smaller image by which their cost is measured; the larger one has twice as many.
    pub(crate) steps: usize,
}

impl Scale {
    /// Under 30 minutes with all peers on two cores.
    pub(crate) fn full() -> Scale {
        Scale {
            rounds: 3,
            started: Instant::now(),
            limit: Duration::from_secs(25 * 60),
            skipped: Cell::new(0),
            thorough: true,
            request_window: Duration::from_secs(1),
            transfer_window: Duration::from_millis(1500),
            latency_window: Duration::from_secs(3),
            pulls: combine(&[100, 10, 1], &[1, 8, 32]),
            pushes: combine(&[100, 10, 1], &[1, 8, 32]),
            put_clients: vec![1, 8, 32],
            manifests: 100_000,
            manifests_limit: Duration::from_secs(150),
            large_build: true,
            steps: 10,
        }
    }

    /// Under 4 minutes: only what the targets are about, in short windows.
    pub(crate) fn quick() -> Scale {
        Scale {
            limit: Duration::from_secs(140),
            thorough: false,
            request_window: Duration::from_millis(400),
            transfer_window: Duration::from_millis(700),
            latency_window: Duration::from_secs(1),
            pulls: combine(&[100], &[1, 8, 32]),
            pushes: combine(&[100], &[1, 8]),
            put_clients: vec![8],
            manifests: 10_000,
            manifests_limit: Duration::from_secs(20),
            large_build: false,
            steps: 5,
            ..Scale::full()
        }
    }

    /// The same with another number of rounds.
    pub(crate) fn with_rounds(self, rounds: usize) -> Scale {
        Scale { rounds, ..self }
    }

    /// Whether this round is still to be run; the first always is.
    pub(crate) fn allows(&self, round: usize) -> bool {
        if round == 0 || round >= self.rounds {
            return round == 0;
        }
        let in_time = self.started.elapsed() < self.limit;
        if !in_time {
            self.skipped.set(self.skipped.get() + 1);
        }
        in_time
    }

    pub(crate) fn rounds(&self) -> usize {
        self.rounds
    }

    /// How often a measure ended early because time was over.
    pub(crate) fn skipped(&self) -> usize {
        self.skipped.get()
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

fn combine(sizes: &[u64], clients: &[usize]) -> Vec<Transfer> {
    let pairs = sizes
        .iter()
        .flat_map(|size| clients.iter().map(move |c| (*size, *c)));
    pairs
        .map(|(megabytes, clients)| Transfer { megabytes, clients })
        .collect()
}

/// `1 client`, `8 clients`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_end_with_their_number() {
        for (scale, number) in [
            (Scale::full(), 3),
            (Scale::full().with_rounds(1), 1),
            (Scale::quick().with_rounds(5), 5),
        ] {
            let rounds = (0..).take_while(|round| scale.allows(*round)).count();
            assert_eq!(rounds, number);
            assert_eq!(scale.skipped(), 0);
        }
    }

    #[test]
    fn late_measures_get_one_round_and_are_counted() {
        let scale = Scale {
            limit: Duration::ZERO,
            ..Scale::full()
        };
        assert!(scale.allows(0));
        assert!(!scale.allows(1));
        assert_eq!(scale.skipped(), 1);
    }

    #[test]
    fn every_size_meets_every_number_of_clients() {
        let transfers = combine(&[1, 10], &[1, 8]);
        assert_eq!(transfers.len(), 4);
        assert_eq!((transfers[3].megabytes, transfers[3].clients), (10, 8));
        assert_eq!(count(1, "client"), "1 client");
        assert_eq!(count(8, "client"), "8 clients");
    }
}
