//! File ranges that a connection sends with `sendfile(2)` from under an HTTP library that only
//! knows memory.
//!
//! The range is mapped, and the mapping handed to the library as bytes. The library passes the
//! slice down to the socket without looking at it; there the [`SendfileRegistry`] recognizes the
//! address and tells which file and offset it stands for. The mapping itself is never read: its
//! pages are not even present. A library that did read it would still send the right bytes, only
//! slower.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use bytes::Bytes;
use memmap2::{Mmap, MmapOptions};
use parking_lot::Mutex;

/// The mapped file ranges of one connection, in no order; clones share them.
///
/// A range is in it exactly as long as its bytes live, so a connection with pipelined requests
/// holds one entry per response under way and an idle one holds none.
#[derive(Clone, Debug, Default)]
pub struct SendfileRegistry(Arc<Ranges>);

#[derive(Debug, Default)]
struct Ranges {
    ranges: Mutex<Vec<MappedRange>>,
    last_id: AtomicU64,
}

#[derive(Debug)]
struct MappedRange {
    id: u64,
    addresses: Range<usize>,
    file: Arc<File>,
    offset: u64,
}

/// What a slice of a mapped range stands for.
#[derive(Clone, Debug)]
pub(crate) struct FilePlace {
    /// Unique within its registry, never reused.
    pub(crate) range: u64,
    pub(crate) file: Arc<File>,
    pub(crate) offset: u64,
}

impl SendfileRegistry {
    /// Maps `range` of `file` and registers it until the last clone of the bytes is gone.
    ///
    /// The range must not be empty. Fails when the process has no mapping or address space left,
    /// or the file system cannot map files.
    pub(crate) fn map_range(&self, file: &Arc<File>, range: Range<u64>) -> io::Result<Bytes> {
        let len = usize::try_from(range.end - range.start).map_err(io::Error::other)?;
        // SAFETY: memory mapped from a file must not change under a reader. Blobs are written
        // once, renamed into place and never written again; and nobody reads the mapping anyway,
        // the kernel sends the file itself.
        let map = unsafe {
            MmapOptions::new()
                .offset(range.start)
                .len(len)
                .map(&**file)?
        };
        let start = map.as_ptr() as usize;
        let id = self.0.last_id.fetch_add(1, Relaxed) + 1;
        self.0.ranges.lock().push(MappedRange {
            id,
            addresses: start..start + len,
            file: Arc::clone(file),
            offset: range.start,
        });
        Ok(Bytes::from_owner(RegisteredMap {
            map,
            id,
            registry: self.clone(),
        }))
    }

    /// The place in a file that `slice` stands for, if it lies in a registered range.
    pub(crate) fn find(&self, slice: &[u8]) -> Option<FilePlace> {
        let address = slice.as_ptr() as usize;
        let ranges = self.0.ranges.lock();
        let found = ranges
            .iter()
            .find(|range| range.addresses.contains(&address))?;
        Some(FilePlace {
            range: found.id,
            file: Arc::clone(&found.file),
            offset: found.offset + (address - found.addresses.start) as u64,
        })
    }

    /// Forgets a range early: its bytes are then sent like any other memory.
    pub(crate) fn forget(&self, id: u64) {
        self.0.ranges.lock().retain(|range| range.id != id);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.ranges.lock().is_empty()
    }
}

/// Owns a mapping and its entry in the registry; the entry goes before the addresses are free.
struct RegisteredMap {
    map: Mmap,
    id: u64,
    registry: SendfileRegistry,
}

impl AsRef<[u8]> for RegisteredMap {
    fn as_ref(&self) -> &[u8] {
        &self.map
    }
}

impl Drop for RegisteredMap {
    fn drop(&mut self) {
        self.registry.forget(self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn make_file(bytes: &[u8]) -> Arc<File> {
        let mut file = tempfile::tempfile().expect("temporary file");
        file.write_all(bytes).expect("write");
        Arc::new(file)
    }

    #[test]
    fn a_slice_of_a_mapped_range_is_found_at_its_place_in_the_file() {
        let registry = SendfileRegistry::default();
        let file = make_file(&vec![7; 10_000]);
        let bytes = registry.map_range(&file, 5000..9000).expect("map");
        assert_eq!(bytes.len(), 4000);
        assert_eq!(registry.find(&bytes).map(|place| place.offset), Some(5000));
        assert_eq!(
            registry.find(&bytes[3999..]).map(|place| place.offset),
            Some(8999)
        );
        assert!(registry.find(b"elsewhere").is_none());
    }

    #[test]
    fn a_range_is_registered_exactly_as_long_as_its_bytes_live() {
        let registry = SendfileRegistry::default();
        let file = make_file(&vec![7; 10_000]);
        let first = registry.map_range(&file, 0..10_000).expect("map");
        let second = registry.map_range(&file, 0..1).expect("map");
        let tail = first.slice(9000..);
        drop(first);
        assert_eq!(registry.find(&tail).map(|place| place.offset), Some(9000));
        drop(tail);
        assert_eq!(registry.0.ranges.lock().len(), 1);
        assert!(registry.find(&second).is_some());
        drop(second);
        assert!(registry.is_empty());
    }

    #[test]
    fn a_forgotten_range_still_reads_as_the_file() {
        let registry = SendfileRegistry::default();
        let bytes = registry
            .map_range(&make_file(b"0123456789"), 2..6)
            .expect("map");
        let place = registry.find(&bytes).expect("registered");
        registry.forget(place.range);
        assert!(registry.find(&bytes).is_none());
        assert_eq!(&bytes[..], b"2345");
    }
}
