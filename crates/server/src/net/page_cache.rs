//! Whether a mapped file range can be sent without waiting for a disk, and getting it there.

use std::fs::File;
use std::num::NonZeroU64;
use std::os::unix::fs::FileExt;

use rustix::fs::Advice;

/// The most that [`find_missing_pages`] looks at in one call.
pub(super) const MAX_PROBE: usize = 2 * 1024 * 1024;

/// The smallest page there is; larger pages only leave the tail of the answer unused.
const SMALLEST_PAGE: usize = 4096;

/// The file offsets of the pages behind `mapped` that are not in the page cache.
///
/// `mapped` must be a slice of at most [`MAX_PROBE`] bytes of a file mapping, standing for the
/// file's bytes from `offset`. Finds nothing when the kernel cannot or will not tell (it tells
/// only about files the process may write): waiting for a disk in the wrong place is better than
/// reading everything twice. No page is touched.
pub(super) fn find_missing_pages(mapped: &[u8], offset: u64) -> Vec<u64> {
    let page = page_size();
    let start = mapped.as_ptr() as usize;
    let before = start % page;
    let len = mapped.len() + before;
    let mut present = [0_u8; MAX_PROBE / SMALLEST_PAGE + 1];
    let Some(present) = present.get_mut(..len.div_ceil(page)) else {
        return Vec::new();
    };
    // SAFETY: the address is the start of the page that the live slice begins in, `len` reaches to
    // the slice's end, so both lie within its mapping; the kernel writes one byte per page into
    // `present`, which has exactly that many, and reads nothing at the address.
    let told = unsafe {
        libc::mincore(
            (start - before) as *mut libc::c_void,
            len,
            present.as_mut_ptr(),
        )
    };
    if told != 0 {
        return Vec::new();
    }
    let first = offset - before as u64;
    let missing = present
        .iter()
        .zip(0_u64..)
        .filter(|(page, _)| **page & 1 == 0);
    missing
        .map(|(_, index)| first + index * page as u64)
        .collect()
}

/// Brings `pages` of `file`, in ascending order, into the page cache, waiting for the disk, and
/// asks for what follows. What cannot be read is left for the sender to stumble over.
pub(super) fn load_pages(file: &File, pages: &[u64]) {
    let [first, .., last] = pages else {
        return pages.iter().for_each(|page| read_byte(file, *page));
    };
    // All reads are under way at once before the first is waited for.
    let ahead = NonZeroU64::new(last - first + MAX_PROBE as u64);
    let _ = rustix::fs::fadvise(file, *first, ahead, Advice::WillNeed);
    pages.iter().for_each(|page| read_byte(file, *page));
}

/// One byte is enough: the kernel reads whole pages.
fn read_byte(file: &File, offset: u64) {
    let _ = file.read_at(&mut [0], offset);
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

    use memmap2::MmapOptions;

    #[test]
    fn pages_dropped_from_the_page_cache_are_noticed_and_loaded_again() {
        // Beside the test program, since temporary folders may be in memory, where nothing is dropped.
        let program = std::env::current_exe().expect("the test program");
        let folder = program.parent().expect("its folder");
        let mut file = tempfile::tempfile_in(folder).expect("file");
        file.write_all(&vec![7; 3 * MAX_PROBE]).expect("write");
        file.sync_all().expect("sync");
        let page = page_size() as u64;
        // SAFETY: nobody else has this file.
        let map = unsafe {
            MmapOptions::new()
                .offset(page + 5)
                .len(MAX_PROBE)
                .map(&file)
        };
        let map = map.expect("map");
        let find = |slice: &[u8], from: u64| find_missing_pages(slice, page + 5 + from);
        assert!(find(&map, 0).len() < 10, "just written");

        // Without read-ahead a page loaded is one page loaded.
        rustix::fs::fadvise(&file, 0, None, Advice::Random).expect("advice");
        rustix::fs::fadvise(&file, 0, None, Advice::DontNeed).expect("advice");
        let all: Vec<_> = (1..=MAX_PROBE as u64 / page + 1)
            .map(|index| index * page)
            .collect();
        assert_eq!(find(&map, 0), all);
        assert_eq!(find(&map[page as usize..], page), all[1..]);
        load_pages(&file, &all[10..11]);
        assert_eq!(find(&map, 0), [&all[..10], &all[11..]].concat());
        // The machine may drop a page at any time, but not again and again.
        let loaded = (0..10).any(|_| {
            load_pages(&file, &find(&map, 0));
            find(&map, 0).is_empty()
        });
        assert!(loaded);
    }
}
