//! How background work gives way: each piece is paid for, before the next, with time in which it leaves the rest of the server
//! alone; a little of the time in which others keep it busy counts, more of the time in which they do not, and in a lull
//! nothing is owed. Called by the writer of SQLite and by reads in the background.
//!
//! A share of the time and not a place behind everybody: while people push without a pause, what nobody waits for still gets
//! on, and how far is known.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// For a piece of work so many times as long must pass in which others are at work. With less, pushes notice what follows
/// them; with more, it is far behind at the end of a busy hour.
const BUSY_TIMES: u32 = 20;

/// The same of time in which the writer stands idle between others' writes. With less, one push in so many waits for what
/// another one made; with more, a server that is half idle does not keep up with what is pushed to it.
const IDLE_TIMES: u32 = 5;

/// What is owed at least: clocks and other threads make a piece look shorter than it was.
const LEAST: Duration = Duration::from_micros(100);

/// The longest rest. Longer, and one slow moment of the disk stops background work for people to see; shorter, and a machine
/// that is slow altogether gets no rest.
const LONGEST_REST: Duration = Duration::from_secs(1);

/// How long nobody else must have written for background work not to rest. Shorter, and the gaps between the requests of one
/// push count as quiet; longer, and a push now and then slows down what it made.
const LULL: Duration = Duration::from_millis(50);

/// What background work owes for its last piece.
#[derive(Debug, Clone, Copy)]
pub(super) struct Debt {
    took: Duration,
    since: Instant,
    /// How long others were at work since then.
    busy: Duration,
}

impl Debt {
    /// For a piece that took `took` and ended at `now`.
    pub(super) fn new(took: Duration, now: Instant) -> Self {
        Self {
            took: took.max(LEAST),
            since: now,
            busy: Duration::ZERO,
        }
    }

    /// Others were at work for so long.
    pub(super) fn note_others(&mut self, took: Duration) {
        self.busy += took;
    }

    /// When it is paid, if the others are idle from now on; `None` when it is.
    fn find_end(&self, now: Instant) -> Option<Instant> {
        let idle = now.duration_since(self.since).saturating_sub(self.busy);
        let paid = self.busy / BUSY_TIMES + idle / IDLE_TIMES;
        let left = self.took.checked_sub(paid).filter(|left| !left.is_zero())?;
        let end = (now + left * IDLE_TIMES).min(self.since + LONGEST_REST);
        (end > now).then_some(end)
    }
}

/// When background work may go on: when what it owes is paid, or at the end of a lull after others wrote for the last time.
/// `None` for now.
pub(super) fn find_free(
    debt: Option<Debt>,
    others_wrote: Option<Instant>,
    now: Instant,
) -> Option<Instant> {
    let lull = others_wrote? + LULL;
    let free = debt?.find_end(now)?.min(lull);
    (free > now).then_some(free)
}

/// When others than background work wrote for the last time, and what reads in the background owe.
pub(super) struct Traffic {
    since: Instant,
    /// Microseconds since then, and one; 0 for never.
    others_wrote: AtomicU64,
    of_reads: Mutex<Option<Debt>>,
}

impl Traffic {
    pub(super) fn new() -> Self {
        Self {
            since: Instant::now(),
            others_wrote: AtomicU64::new(0),
            of_reads: Mutex::new(None),
        }
    }

    /// Somebody in the foreground writes.
    pub(super) fn note_write(&self) {
        let micros = self.since.elapsed().as_micros() as u64 + 1;
        self.others_wrote.store(micros, Ordering::Relaxed);
    }

    /// When somebody in the foreground wrote for the last time.
    pub(super) fn others_wrote(&self) -> Option<Instant> {
        let micros = self.others_wrote.load(Ordering::Relaxed).checked_sub(1)?;
        Some(self.since + Duration::from_micros(micros))
    }

    /// A read in the background took so long.
    pub(super) fn note_read(&self, took: Duration) {
        let mut debt = Debt::new(took, Instant::now());
        // The cores are everybody's, and nobody counts what others do on them: as if they were at work all the time.
        debt.took *= BUSY_TIMES / IDLE_TIMES;
        *self.lock() = Some(debt);
    }

    /// Waits until a read in the background may begin.
    pub(super) async fn wait_for_read(&self) {
        loop {
            let debt = *self.lock();
            match find_free(debt, self.others_wrote(), Instant::now()) {
                Some(free) => tokio::time::sleep_until(free.into()).await,
                None => return,
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Debt>> {
        // Nothing that can panic runs under the lock.
        self.of_reads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLI: Duration = Duration::from_millis(1);

    #[test]
    fn a_piece_is_paid_with_more_of_busy_time_than_of_idle_time() {
        let now = Instant::now();
        let mut debt = Debt::new(MILLI, now);
        assert_eq!(debt.find_end(now), Some(now + MILLI * IDLE_TIMES));
        assert_eq!(debt.find_end(now + MILLI * IDLE_TIMES), None);
        // All the time since then others were at work.
        let busy = MILLI * BUSY_TIMES;
        debt.note_others(busy / 2);
        let end = debt.find_end(now + busy / 2).unwrap();
        assert_eq!(end, now + busy / 2 + MILLI * IDLE_TIMES / 2, "half is paid");
        debt.note_others(busy / 2);
        assert_eq!(debt.find_end(now + busy), None);
    }

    #[test]
    fn what_is_owed_ends_however_long_a_piece_took() {
        let now = Instant::now();
        let mut debt = Debt::new(Duration::from_secs(60), now);
        debt.note_others(LONGEST_REST);
        assert_eq!(debt.find_end(now), Some(now + LONGEST_REST));
        assert_eq!(debt.find_end(now + LONGEST_REST), None);
        assert!(Debt::new(Duration::ZERO, now).find_end(now).is_some());
    }

    #[test]
    fn background_work_rests_only_while_others_write() {
        let now = Instant::now();
        let rest = LULL * 3;
        let debt = Some(Debt::new(rest / IDLE_TIMES, now));
        assert_eq!(find_free(None, Some(now), now), None);
        assert_eq!(find_free(debt, None, now), None, "nobody ever wrote");
        assert_eq!(find_free(debt, Some(now), now), Some(now + LULL));
        assert_eq!(find_free(debt, Some(now), now + LULL), None, "a lull");
        assert_eq!(find_free(debt, Some(now + LULL * 5), now), Some(now + rest));
        assert_eq!(find_free(debt, Some(now + LULL * 5), now + rest), None);
    }

    #[tokio::test]
    async fn a_read_rests_until_nobody_writes_any_more() {
        let traffic = Traffic::new();
        assert_eq!(traffic.others_wrote(), None);
        traffic.note_read(Duration::from_secs(1));
        traffic.wait_for_read().await;
        traffic.note_write();
        let wrote = traffic.others_wrote().unwrap();
        traffic.wait_for_read().await;
        assert!(wrote.elapsed() >= LULL);
    }
}
