//! gzip as independent members of one MiB, compressed by a bounded set of threads and written in order.
//!
//! The result depends on the bytes and the level alone, never on the number of threads or on timing: member *n* is
//! always the *n*-th MiB. Concatenated members are one gzip file (RFC 1952 §2.2).

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};

use libdeflater::{CompressionLvl, Compressor};

use crate::hashing::HashingWriter;

/// Uncompressed bytes in a member. libdeflate needs a whole member in memory; a smaller one loses size at each start, a
/// larger one holds more memory for each thread and leaves small layers to one thread.
pub(crate) const MEMBER_BYTES: usize = 1 << 20;

/// Threads beyond this only hold memory: one thread reads the tree and hashes it, at about ten times the speed of one
/// compressor.
const MAX_THREADS: usize = 16;

/// Compresses what is written to it. Nothing is started for a layer that fits into one member.
///
/// Holds at most five MiB for each thread (two members waiting or under work, two results waiting, one scratch buffer)
/// and two more; a full queue makes the writer wait.
pub(crate) struct MemberWriter<W> {
    level: CompressionLvl,
    threads: usize,
    pending: Vec<u8>,
    stage: Stage<W>,
}

enum Stage<W> {
    /// No member is complete yet.
    First(HashingWriter<W>),
    Running(Running<W>),
    /// A write failed; the error was reported.
    Failed,
}

struct Running<W> {
    inputs: Vec<SyncSender<Vec<u8>>>,
    compressors: Vec<JoinHandle<io::Result<()>>>,
    output: JoinHandle<io::Result<HashingWriter<W>>>,
    next: usize,
}

impl<W: Write + Send + 'static> MemberWriter<W> {
    pub(crate) fn new(output: W, level: i32, threads: NonZeroUsize) -> Self {
        let level = CompressionLvl::new(level.clamp(1, 12)).unwrap_or_default();
        Self {
            level,
            threads: threads.get().min(MAX_THREADS),
            pending: Vec::new(),
            stage: Stage::First(HashingWriter::new(output)),
        }
    }

    pub(crate) fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            if self.pending.len() == MEMBER_BYTES {
                self.send_member()?;
            }
            if self.pending.capacity() < MEMBER_BYTES && !matches!(self.stage, Stage::First(_)) {
                self.pending.reserve_exact(MEMBER_BYTES);
            }
            let room = (MEMBER_BYTES - self.pending.len()).min(bytes.len());
            self.pending.extend_from_slice(&bytes[..room]);
            bytes = &bytes[room..];
        }
        Ok(())
    }

    pub(crate) fn finish(mut self) -> io::Result<HashingWriter<W>> {
        match std::mem::replace(&mut self.stage, Stage::Failed) {
            Stage::First(mut output) => {
                let mut member = Vec::new();
                let mut compressor = Compressor::new(self.level);
                let length = compress_member(&mut compressor, &self.pending, &mut member)?;
                output.write_all(&member[..length])?;
                output.flush()?;
                Ok(output)
            }
            Stage::Running(mut running) => {
                // The last member is never empty: a full one waits here until more bytes come.
                let sent = running.send(std::mem::take(&mut self.pending));
                running.join().and_then(|output| sent.map(|()| output))
            }
            Stage::Failed => Err(already_failed()),
        }
    }

    fn send_member(&mut self) -> io::Result<()> {
        let member = std::mem::take(&mut self.pending);
        let mut running = match std::mem::replace(&mut self.stage, Stage::Failed) {
            Stage::First(output) => Running::start(output, self.level, self.threads)?,
            Stage::Running(running) => running,
            Stage::Failed => return Err(already_failed()),
        };
        if let Err(stopped) = running.send(member) {
            return Err(running.join().err().unwrap_or(stopped));
        }
        self.stage = Stage::Running(running);
        Ok(())
    }
}

impl<W: Write + Send + 'static> Running<W> {
    fn start(output: HashingWriter<W>, level: CompressionLvl, threads: usize) -> io::Result<Self> {
        let mut inputs = Vec::with_capacity(threads);
        let mut compressors = Vec::with_capacity(threads);
        let mut results = Vec::with_capacity(threads);
        for _ in 0..threads {
            let (input, members) = sync_channel(1);
            let (result, compressed) = sync_channel(1);
            inputs.push(input);
            results.push(compressed);
            compressors.push(
                Builder::new()
                    .name("layer-gzip".to_owned())
                    .spawn(move || compress_members(level, &members, &result))?,
            );
        }
        let output = Builder::new()
            .name("layer-write".to_owned())
            .spawn(move || write_members(output, &results))?;
        Ok(Self {
            inputs,
            compressors,
            output,
            next: 0,
        })
    }

    /// Waits while the compressor whose turn it is has enough to do.
    fn send(&mut self, member: Vec<u8>) -> io::Result<()> {
        let turn = self.next % self.inputs.len();
        self.next += 1;
        self.inputs[turn].send(member).map_err(|_| stopped())
    }

    fn join(self) -> io::Result<HashingWriter<W>> {
        drop(self.inputs);
        let mut compressed = Ok(());
        for compressor in self.compressors {
            let result = compressor.join().unwrap_or_else(|_| Err(stopped()));
            compressed = compressed.and(result);
        }
        // A compressor that ends early makes the output look complete, and a failing output ends the compressors in
        // order; so the output's error is the cause and a compressor's counts even when the output saw none.
        let output = self.output.join().unwrap_or_else(|_| Err(stopped()))?;
        compressed.map(|()| output)
    }
}

fn compress_members(
    level: CompressionLvl,
    members: &Receiver<Vec<u8>>,
    result: &SyncSender<Vec<u8>>,
) -> io::Result<()> {
    let mut compressor = Compressor::new(level);
    let mut scratch = Vec::new();
    for member in members {
        let length = compress_member(&mut compressor, &member, &mut scratch)?;
        drop(member);
        if result.send(scratch[..length].to_vec()).is_err() {
            break;
        }
    }
    Ok(())
}

fn write_members<W: Write>(
    mut output: HashingWriter<W>,
    results: &[Receiver<Vec<u8>>],
) -> io::Result<HashingWriter<W>> {
    for result in results.iter().cycle() {
        let Ok(member) = result.recv() else { break };
        output.write_all(&member)?;
    }
    output.flush()?;
    Ok(output)
}

/// Leaves the member at the start of `target` and returns its length.
fn compress_member(
    compressor: &mut Compressor,
    bytes: &[u8],
    target: &mut Vec<u8>,
) -> io::Result<usize> {
    let bound = compressor.gzip_compress_bound(bytes.len());
    if target.len() < bound {
        target.resize(bound, 0);
    }
    compressor
        .gzip_compress(bytes, target)
        .map_err(|error| io::Error::other(error.to_string()))
}

fn stopped() -> io::Error {
    io::Error::other("a thread that compresses the layer has stopped")
}

fn already_failed() -> io::Error {
    io::Error::other("writing the layer has failed before")
}
