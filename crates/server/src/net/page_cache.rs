//! Whether a mapped file range can be sent without waiting for a disk, and getting it there.

use std::fs::File;
use std::num::NonZeroU64;
use std::os::unix::fs::FileExt;

use rustix::fs::Advice;

/// The most that [`is_resident`] looks at in one call.
pub(super) const MAX_PROBE: usize = 2 * 1024 * 1024;

/// Fits the stack of a blocking thread, and large enough that the number of reads does not count.
const SCRATCH: usize = 64 * 1024;

/// The smallest page there is; larger pages only leave the tail of the answer unused.
const SMALLEST_PAGE: usize = 4096;

/// Whether all pages behind `mapped` are in the page cache.
///
/// `mapped` must be a slice of at most [`MAX_PROBE`] bytes of a file mapping. Says yes when the
/// kernel cannot or will not tell (it tells only about files the process may write): waiting for
/// a disk in the wrong place is better than reading everything twice. No page is touched.
pub(super) fn is_resident(mapped: &[u8]) -> bool {
    let page = page_size();
    let start = mapped.as_ptr() as usize;
    let aligned = start - start % page;
    let len = mapped.len() + (start - aligned);
    let pages = len.div_ceil(page);
    let mut present = [0_u8; MAX_PROBE / SMALLEST_PAGE + 1];
    if pages > present.len() {
        return false;
    }
    // SAFETY: `aligned` is the start of the page that the live slice begins in, `len` reaches to
    // the slice's end, so both lie within its mapping; the kernel writes one byte per page into
    // `present`, which has at least that many, and reads nothing at the address.
    let told = unsafe { libc::mincore(aligned as *mut libc::c_void, len, present.as_mut_ptr()) };
    told != 0 || present[..pages].iter().all(|page| page & 1 == 1)
}

/// Brings a range of `file` into the page cache, waiting for the disk, and asks for as much again
/// after it. What cannot be read is left for the sender to stumble over.
pub(super) fn load_range(file: &File, offset: u64, len: u64) {
    let _ = rustix::fs::fadvise(file, offset, NonZeroU64::new(2 * len), Advice::WillNeed);
    let mut scratch = [0_u8; SCRATCH];
    let (mut offset, end) = (offset, offset + len);
    while offset < end {
        let piece = SCRATCH.min(usize::try_from(end - offset).unwrap_or(SCRATCH));
        match file.read_at(&mut scratch[..piece], offset) {
            Ok(0) | Err(_) => return,
            Ok(read) => offset += read as u64,
        }
    }
}

fn page_size() -> usize {
    // SAFETY: sysconf reads a constant of the process.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(size).unwrap_or(SMALLEST_PAGE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::num::NonZeroU64;

    use memmap2::Mmap;

    #[test]
    fn a_range_dropped_from_the_page_cache_is_noticed_and_loaded_again() {
        // Beside the test program, since temporary folders may be in memory, where nothing is dropped.
        let program = std::env::current_exe().expect("the test program");
        let folder = program.parent().expect("its folder");
        let mut file = tempfile::tempfile_in(folder).expect("file");
        file.write_all(&vec![7; 3 * MAX_PROBE]).expect("write");
        file.sync_all().expect("sync");
        // SAFETY: nobody else has this file.
        let map = unsafe { Mmap::map(&file) }.expect("map");
        assert!(is_resident(&map[100..MAX_PROBE]));

        let whole = NonZeroU64::new(map.len() as u64);
        rustix::fs::fadvise(&file, 0, whole, Advice::DontNeed).expect("advice");
        assert!(!is_resident(&map[100..MAX_PROBE]));
        load_range(&file, 0, MAX_PROBE as u64);
        assert!(is_resident(&map[..MAX_PROBE]));
    }
}
