//! Runs a number of clients, each on a thread of its own, and counts what they did and what it cost the server.
//! Refuses to hide a client's failure: the first one fails the measure.
//! Called by the measures that move bulk data or write manifests.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Barrier, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::proc_stat::{Pid, read_cpu_seconds};

/// How much a crew does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shift {
    pub(crate) clients: usize,
    /// No step begins after it, once `least` have begun.
    pub(crate) window: Duration,
    pub(crate) least: usize,
    pub(crate) most: usize,
}

/// What a crew did.
#[derive(Debug)]
pub(crate) struct Tally {
    pub(crate) steps: usize,
    pub(crate) bytes: u64,
    /// From the start signal to the end of the last step.
    pub(crate) elapsed: Duration,
    /// CPU seconds of the server in that time.
    pub(crate) cpu_seconds: f64,
    /// Microseconds of each step.
    pub(crate) latencies: Vec<u32>,
}

/// Lets each client `join` (connect), and then all together take numbered steps; a step returns the bytes it moved.
///
/// # Errors
/// A client failed, or the server is gone.
pub(crate) fn run_crew<C>(
    pid: Pid,
    shift: Shift,
    join: impl Fn() -> Result<C> + Sync,
    step: impl Fn(&mut C, usize) -> Result<u64> + Sync,
) -> Result<Tally> {
    run_paced_crew(pid, shift, None, join, step)
}

/// The same with one step beginning every `every`, whether the one before is over or not (as long as a client is free). What a
/// step takes counts from when it should have begun, so that waiting behind a slow one is not left out.
pub(crate) fn run_paced_crew<C>(
    pid: Pid,
    shift: Shift,
    every: Option<Duration>,
    join: impl Fn() -> Result<C> + Sync,
    step: impl Fn(&mut C, usize) -> Result<u64> + Sync,
) -> Result<Tally> {
    let (ready, begin) = (
        Barrier::new(shift.clients + 1),
        Barrier::new(shift.clients + 1),
    );
    let next = AtomicUsize::new(0);
    let started = Mutex::new(Instant::now());
    let work = || -> Result<(u64, Vec<u32>)> {
        let client = join();
        // Both barriers are passed whatever happened, or the others would wait forever.
        ready.wait();
        begin.wait();
        let mut client = client?;
        let start = *lock(&started);
        let (mut bytes, mut latencies) = (0, Vec::new());
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let due = every.map(|every| start + every.saturating_mul(number as u32));
            let begun = due.unwrap_or_else(Instant::now);
            let late = begun.duration_since(start) >= shift.window && number >= shift.least;
            if late || number >= shift.most {
                return Ok((bytes, latencies));
            }
            thread::sleep(begun.saturating_duration_since(Instant::now()));
            bytes += step(&mut client, number).with_context(|| format!("step {number}"))?;
            latencies.push(begun.elapsed().as_micros() as u32);
        }
    };
    thread::scope(|scope| {
        let clients: Vec<_> = (0..shift.clients).map(|_| scope.spawn(work)).collect();
        ready.wait();
        let before = read_cpu_seconds(pid);
        let start = Instant::now();
        *lock(&started) = start;
        begin.wait();
        let mut tally = Tally {
            steps: 0,
            bytes: 0,
            elapsed: Duration::ZERO,
            cpu_seconds: 0.0,
            latencies: Vec::new(),
        };
        let results: Vec<_> = clients.into_iter().map(|client| client.join()).collect();
        tally.elapsed = start.elapsed();
        for result in results {
            let (bytes, latencies) =
                result.map_err(|_| anyhow::anyhow!("a client thread panicked"))??;
            tally.bytes += bytes;
            tally.latencies.extend(latencies);
        }
        tally.steps = tally.latencies.len();
        tally.cpu_seconds = read_cpu_seconds(pid)? - before?;
        Ok(tally)
    })
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shift(window: Duration, least: usize, most: usize) -> Shift {
        Shift {
            clients: 4,
            window,
            least,
            most,
        }
    }

    fn own() -> Pid {
        Pid(std::process::id())
    }

    #[test]
    fn crew_takes_the_least_even_when_it_is_late() {
        let tally = run_crew(
            own(),
            shift(Duration::ZERO, 6, 100),
            || Ok(()),
            |(), _| Ok(10),
        )
        .unwrap();
        assert_eq!((tally.steps, tally.bytes), (6, 60));
    }

    #[test]
    fn crew_stops_at_the_most() {
        let seen = Mutex::new(Vec::new());
        let tally = run_crew(
            own(),
            shift(Duration::from_secs(60), 0, 9),
            || Ok(()),
            |(), n| {
                lock(&seen).push(n);
                Ok(1)
            },
        )
        .unwrap();
        assert_eq!(tally.steps, 9);
        let mut seen = seen.into_inner().unwrap();
        seen.sort_unstable();
        assert_eq!(seen, (0..9).collect::<Vec<_>>());
    }

    #[test]
    fn paced_crew_begins_steps_in_time_and_counts_what_waited() {
        let (every, window) = (Duration::from_millis(4), Duration::from_millis(40));
        let slow = |(): &mut (), number: usize| {
            thread::sleep(Duration::from_millis(if number == 0 { 30 } else { 0 }));
            Ok(1)
        };
        let one = Shift {
            clients: 1,
            ..shift(window, 0, 1000)
        };
        let tally = run_paced_crew(own(), one, Some(every), || Ok(()), slow).unwrap();
        assert_eq!(tally.steps, 10);
        assert!(tally.latencies[1] >= 26_000, "{:?}", tally.latencies);
        assert!(tally.elapsed >= Duration::from_millis(36));
    }

    #[test]
    fn crew_reports_failures_of_joining_and_of_steps() {
        let window = Duration::ZERO;
        let refused = || -> Result<()> { anyhow::bail!("refused") };
        assert!(run_crew(own(), shift(window, 1, 1), refused, |(), _| Ok(0)).is_err());
        let broken = |(): &mut (), _| anyhow::bail!("broken");
        assert!(run_crew(own(), shift(window, 1, 1), || Ok(()), broken).is_err());
    }
}
