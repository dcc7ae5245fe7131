//! Sets disk blocks aside for an upload of announced length.
//!
//! One large extent is cheaper to write into than many small ones. Never the whole announced length at once: a client
//! that announces a terabyte and sends nothing must not use up the disk.

use std::fs::File;
use std::io;

use crate::disk;

/// The first step; shorter uploads gain nothing from a reservation.
const SMALLEST_STEP: u64 = 1024 * 1024;

/// The largest step. One system call per 64 MiB cannot be measured any more.
const LARGEST_STEP: u64 = 64 * 1024 * 1024;

#[derive(Debug, Default)]
pub(crate) struct Reservation {
    /// Where the announced bytes end.
    expected_end: u64,
    /// Blocks are set aside up to here.
    reserved_end: u64,
}

impl Reservation {
    pub(crate) fn expect_until(&mut self, end: u64) {
        self.expected_end = end;
    }

    pub(crate) fn reaches_past(&self, offset: u64) -> bool {
        self.reserved_end > offset
    }

    /// Makes sure that a write at `offset` finds blocks, a step ahead at most as long as what has been received.
    pub(crate) fn extend(&mut self, file: &File, offset: u64, length: u64) -> io::Result<()> {
        if offset + length <= self.reserved_end || offset >= self.expected_end {
            return Ok(());
        }
        let step = self.next_step(offset, length);
        if step < SMALLEST_STEP {
            return Ok(());
        }
        disk::reserve(file, offset, step)?;
        self.reserved_end = offset + step;
        Ok(())
    }

    fn next_step(&self, offset: u64, length: u64) -> u64 {
        let remaining = self.expected_end - offset;
        let ahead = offset.clamp(SMALLEST_STEP, LARGEST_STEP).max(length);
        ahead.min(remaining)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_grow_with_what_was_received_and_stop_at_the_announced_end() {
        let mut reservation = Reservation::default();
        reservation.expect_until(200 << 20);
        assert_eq!(reservation.next_step(0, 4096), SMALLEST_STEP);
        assert_eq!(reservation.next_step(8 << 20, 4096), 8 << 20);
        assert_eq!(reservation.next_step(100 << 20, 4096), LARGEST_STEP);
        assert_eq!(reservation.next_step(199 << 20, 4096), 1 << 20);
    }

    #[test]
    fn a_silent_client_that_announces_a_terabyte_gets_one_small_step() {
        let file = tempfile::tempfile().expect("temporary file");
        let mut reservation = Reservation::default();
        reservation.expect_until(1 << 40);
        reservation.extend(&file, 0, 1).expect("room for a step");
        assert_eq!(reservation.reserved_end, SMALLEST_STEP);
    }
}
