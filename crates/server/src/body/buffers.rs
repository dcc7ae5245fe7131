//! Memory for file contents on their way into a TLS or HTTP/2 connection.
//!
//! Large buffers are page-aligned, because copying into a buffer that starts a few bytes into a
//! page is five times slower on some processors, and pooled, because fresh pages cost a fault
//! each. The pool is bounded twice, per connection and in all. Who finds it exhausted gets a small
//! buffer instead of waiting: clients that take nothing cannot stop the others.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use bytes::Bytes;
use memmap2::MmapMut;
use parking_lot::Mutex;

/// Below this the cost per read shows, above it the processor's cache no longer holds a chunk.
const LARGE: usize = 256 * 1024;
/// Twice what TLS writes into one record; half as much would double the number of reads.
const SMALL: usize = 32 * 1024;
/// Up to here a whole file is read into one plain buffer of its size.
const WHOLE_FILE: usize = 64 * 1024;
/// One being sent and one being read, twice, for the rare connection with several downloads.
const LARGE_PER_CONNECTION: usize = 4;
/// 32 MiB in all: 64 downloads at full speed, a bound for a small machine.
const LARGE_IN_ALL: usize = 128;
/// 4 MiB stay with an idle server.
const KEPT_FREE: usize = 16;

/// The large buffers of one server; clones share them.
#[derive(Clone, Debug, Default)]
pub struct BufferPool(Arc<Pool>);

#[derive(Debug, Default)]
struct Pool {
    free: Mutex<Vec<MmapMut>>,
    lent: AtomicUsize,
}

impl BufferPool {
    /// Opens the account of one connection.
    pub(crate) fn open_share(&self) -> BufferShare {
        BufferShare(Arc::new(Share {
            pool: Arc::clone(&self.0),
            lent: AtomicUsize::new(0),
        }))
    }
}

/// What one connection has borrowed from the pool; clones share the account.
#[derive(Clone, Debug)]
pub(crate) struct BufferShare(Arc<Share>);

#[derive(Debug)]
struct Share {
    pool: Arc<Pool>,
    lent: AtomicUsize,
}

impl BufferShare {
    /// A buffer of at most `wanted` and at least one byte; `wanted` must not be zero.
    pub(crate) fn lend(&self, wanted: u64) -> Buffer {
        let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
        if wanted <= WHOLE_FILE {
            return Buffer::small(wanted);
        }
        match self.lend_pages() {
            Some(pages) => Buffer {
                len: wanted.min(LARGE),
                memory: Memory::Pooled(pages),
            },
            None => Buffer::small(SMALL),
        }
    }

    fn lend_pages(&self) -> Option<PooledPages> {
        let share = &self.0;
        if !add_below(&share.lent, LARGE_PER_CONNECTION) {
            return None;
        }
        if !add_below(&share.pool.lent, LARGE_IN_ALL) {
            share.lent.fetch_sub(1, Relaxed);
            return None;
        }
        let kept = share.pool.free.lock().pop();
        // Without memory for a mapping the caller falls back to a small buffer as well.
        let pages = kept.or_else(|| MmapMut::map_anon(LARGE).ok());
        let lent = PooledPages {
            pages,
            share: Arc::clone(share),
        };
        lent.pages.is_some().then_some(lent)
    }
}

/// Adds one unless that would exceed `limit`.
fn add_below(counter: &AtomicUsize, limit: usize) -> bool {
    counter
        .try_update(Relaxed, Relaxed, |lent| (lent < limit).then_some(lent + 1))
        .is_ok()
}

/// A writable buffer that becomes [`Bytes`] without a copy.
#[derive(Debug)]
pub(crate) struct Buffer {
    memory: Memory,
    len: usize,
}

#[derive(Debug)]
enum Memory {
    Plain(Vec<u8>),
    Pooled(PooledPages),
}

impl Buffer {
    fn small(len: usize) -> Self {
        Self {
            memory: Memory::Plain(vec![0; len]),
            len,
        }
    }

    pub(crate) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    pub(crate) fn into_bytes(self) -> Bytes {
        match self.memory {
            Memory::Plain(mut plain) => {
                plain.truncate(self.len);
                Bytes::from(plain)
            }
            Memory::Pooled(_) => Bytes::from_owner(self),
        }
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.memory {
            Memory::Plain(plain) => &plain[..self.len],
            Memory::Pooled(pooled) => &pooled.pages.as_deref().unwrap_or_default()[..self.len],
        }
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        match &mut self.memory {
            Memory::Plain(plain) => &mut plain[..self.len],
            Memory::Pooled(pooled) => {
                &mut pooled.pages.as_deref_mut().unwrap_or_default()[..self.len]
            }
        }
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

/// Pages on loan; they go back when dropped. `None` only while being made or dropped.
#[derive(Debug)]
struct PooledPages {
    pages: Option<MmapMut>,
    share: Arc<Share>,
}

impl Drop for PooledPages {
    fn drop(&mut self) {
        self.share.lent.fetch_sub(1, Relaxed);
        self.share.pool.lent.fetch_sub(1, Relaxed);
        if let Some(pages) = self.pages.take() {
            let mut free = self.share.pool.free.lock();
            if free.len() < KEPT_FREE {
                free.push(pages);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_file_gets_one_buffer_of_its_size() {
        let share = BufferPool::default().open_share();
        assert_eq!(share.lend(1).len(), 1);
        assert_eq!(share.lend(WHOLE_FILE as u64).len(), WHOLE_FILE);
    }

    #[test]
    fn a_large_buffer_starts_at_a_page_and_returns_to_the_pool() {
        let pool = BufferPool::default();
        let share = pool.open_share();
        let mut buffer = share.lend(u64::MAX);
        assert_eq!((buffer.len(), buffer.as_ptr() as usize % 4096), (LARGE, 0));
        buffer[..3].copy_from_slice(b"abc");
        buffer.truncate(3);
        let bytes = buffer.into_bytes();
        assert_eq!(&bytes[..], b"abc");
        assert_eq!(pool.0.lent.load(Relaxed), 1);
        let half = bytes.slice(1..);
        drop(bytes);
        assert_eq!(pool.0.lent.load(Relaxed), 1);
        drop(half);
        assert_eq!(
            (pool.0.lent.load(Relaxed), pool.0.free.lock().len()),
            (0, 1)
        );
    }

    #[test]
    fn a_connection_that_hoards_gets_small_buffers_and_others_large_ones() {
        let pool = BufferPool::default();
        let greedy = pool.open_share();
        let hoard: Vec<_> = (0..10)
            .map(|_| greedy.lend(u64::MAX).into_bytes())
            .collect();
        let large = hoard.iter().filter(|bytes| bytes.len() == LARGE).count();
        let small = hoard.iter().filter(|bytes| bytes.len() == SMALL).count();
        assert_eq!((large, small), (LARGE_PER_CONNECTION, 6));
        assert_eq!(pool.open_share().lend(u64::MAX).len(), LARGE);
    }

    #[test]
    fn the_pool_is_bounded_over_all_connections() {
        let pool = BufferPool::default();
        let hoard: Vec<_> = (0..LARGE_IN_ALL)
            .map(|_| pool.open_share().lend(u64::MAX))
            .collect();
        assert_eq!(pool.open_share().lend(u64::MAX).len(), SMALL);
        drop(hoard);
        assert_eq!(pool.open_share().lend(u64::MAX).len(), LARGE);
        assert_eq!(pool.0.free.lock().len(), KEPT_FREE);
    }
}
