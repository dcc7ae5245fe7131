//! What a command prints, while it runs: masked, bounded, passed on.

use std::fs::File;
use std::io::Read as _;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, poll};
use tokio::sync::mpsc;
use wharf_sandbox::{Exit, Running};

use crate::error::{Attempt, BuildError, Result};
use crate::masking::Masker;
use crate::progress::Stream;
use crate::reporter::StepReport;

/// Bytes of output that an error carries along: the last screen of it.
const TAIL: usize = 4096;

/// Bytes of one step's output where nobody set a bound, the reference's. Less would cut off a large compilation's errors,
/// more lets a step that never stops talking fill logs.
pub(super) const DEFAULT_LIMIT: u64 = 2 << 20;

/// Bytes per second where nobody set a bound, the reference's: far more than a person reads, and far less than `yes`.
pub(super) const DEFAULT_RATE: u64 = 200 << 10;

/// How output is treated.
pub(crate) struct Output {
    /// For standard output and standard error.
    pub(crate) masker: [Masker; 2],
    /// Bytes that are passed on in all.
    pub(crate) limit: u64,
    /// Bytes that are passed on per second, on average.
    pub(crate) rate: u64,
}

/// Passes on what a command prints until it ends; answers how it ended and what it printed last.
pub(crate) async fn follow(
    running: Running,
    output: Output,
    report: &StepReport,
) -> Result<(Exit, String)> {
    // A bounded queue: who shows the output slowly slows the command down, as a terminal does.
    let (sender, mut pieces) = mpsc::channel::<(Stream, Vec<u8>)>(64);
    let work = tokio::task::spawn_blocking(move || read_all(running, output, &sender));
    let mut tail = Vec::new();
    while let Some((stream, bytes)) = pieces.recv().await {
        tail.extend_from_slice(&bytes);
        if tail.len() > 2 * TAIL {
            tail.drain(..tail.len() - TAIL);
        }
        report.log(stream, bytes);
    }
    let exit = work.await.attempt(|| "follow a step".to_owned())??;
    let start = tail.len().saturating_sub(TAIL);
    Ok((exit, String::from_utf8_lossy(&tail[start..]).into_owned()))
}

/// Reads both pipes from one thread, so that the order of what arrives is kept as well as two pipes allow.
fn read_all(
    mut running: Running,
    output: Output,
    sender: &mpsc::Sender<(Stream, Vec<u8>)>,
) -> Result<Exit> {
    let mut allowance = Allowance::new(output.limit, output.rate);
    let [out_masker, err_masker] = output.masker;
    let mut open: Vec<(Stream, File, Masker)> = [
        (Stream::Stdout, running.take_stdout(), out_masker),
        (Stream::Stderr, running.take_stderr(), err_masker),
    ]
    .into_iter()
    .filter_map(|(stream, file, masker)| Some((stream, file?, masker)))
    .collect();
    let mut buffer = vec![0; 32 * 1024];
    while !open.is_empty() {
        let mut waits: Vec<PollFd<'_>> = open
            .iter()
            .map(|(_, file, _)| PollFd::new(file, PollFlags::IN))
            .collect();
        match poll(&mut waits, None) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(BuildError::machine("read a step's output", error)),
        }
        let ready: Vec<bool> = waits
            .iter()
            .map(|wait| !wait.revents().is_empty())
            .collect();
        let mut number = 0;
        open.retain_mut(|(stream, file, masker)| {
            let is_ready = ready[number];
            number += 1;
            if !is_ready {
                return true;
            }
            let (bytes, is_open) = match file.read(&mut buffer) {
                Ok(0) => (masker.finish(), false),
                Ok(count) => (masker.push(&buffer[..count]), true),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => return true,
                Err(_) => (masker.finish(), false),
            };
            let bytes = allowance.take(bytes);
            if !bytes.is_empty() {
                // Nobody listens any more: the command goes on all the same.
                let _ = sender.blocking_send((*stream, bytes));
            }
            is_open
        });
    }
    running
        .wait()
        .map_err(|error| BuildError::sandbox("wait for a step", error))
}

/// How much may still be passed on.
struct Allowance {
    limit: u64,
    rate: u64,
    passed: u64,
    started: Instant,
    is_clipped: bool,
}

impl Allowance {
    fn new(limit: u64, rate: u64) -> Self {
        Self {
            limit,
            rate,
            passed: 0,
            started: Instant::now(),
            is_clipped: false,
        }
    }

    fn take(&mut self, mut bytes: Vec<u8>) -> Vec<u8> {
        let seconds = self.started.elapsed().as_secs() + 1;
        let most = self.limit.min(self.rate.saturating_mul(seconds));
        let room = usize::try_from(most.saturating_sub(self.passed)).unwrap_or(usize::MAX);
        if bytes.len() > room {
            bytes.truncate(room);
            if !self.is_clipped {
                self.is_clipped = true;
                bytes.extend_from_slice(b"\n[output clipped, log limit reached]\n");
            }
        }
        self.passed += bytes.len() as u64;
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_beyond_the_limit_is_cut_and_said_so_once() {
        let mut allowance = Allowance::new(10, u64::MAX);
        assert_eq!(allowance.take(b"123456".to_vec()), b"123456");
        let cut = allowance.take(b"789012".to_vec());
        assert!(cut.starts_with(b"7890\n[output clipped"));
        assert!(allowance.take(b"more".to_vec()).is_empty());
    }
}
