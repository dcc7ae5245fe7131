//! Gives every contestant the same memory and the same quiet disk before it writes.
//! A virtual machine may return free pages to its host; the next page cache growth then measures the host's page faults,
//! three CPU seconds per GB and more. Touching as much memory as the run will write brings the pages back first.
//! Refuses to take more than half of what is available. Called before each measure that writes bulk data.

use std::fs::File;
use std::hint::black_box;
use std::path::Path;

use anyhow::{Context, Result};

use crate::proc_stat::read_available_memory;

/// Touched piece by piece, so that a failure to get one piece costs little.
const PIECE: u64 = 64 << 20;

/// Waits until the file system of `folder` has written what earlier runs left, then touches and frees `bytes` of memory.
///
/// # Errors
/// The folder cannot be opened or synced.
pub(crate) fn prepare_memory(folder: &Path, bytes: u64) -> Result<()> {
    let folder_file = File::open(folder).with_context(|| folder.display().to_string())?;
    rustix::fs::syncfs(&folder_file).context("sync the file system")?;
    let bytes = bytes.min(read_available_memory()? / 2);
    let mut held = Vec::new();
    for _ in 0..bytes.div_ceil(PIECE) {
        held.push(black_box(vec![1_u8; PIECE as usize]));
    }
    Ok(())
}
