//! What a busy server asks of glibc's allocator: keep transfer buffers at hand, give everything else back.
//!
//! Does nothing where the C library is not glibc.

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod glibc {
    /// Blocks from this size on are mapped alone and go back to the system when freed. Below the size of an upload's
    /// buffer (512 KiB) every piece of every push is mapped, cleared page by page and unmapped again, a third of a
    /// push's whole cost; left alone, glibc raises the threshold up to 32 MiB and keeps everything.
    const MMAP_THRESHOLD_BYTES: libc::c_int = 1024 * 1024;

    /// Freed memory at a heap's end that is kept for the next buffers: what one busy push has on its way (2 MiB wait for
    /// hashing), with room for a few. More only sits there until [`give_back`].
    const KEPT_BYTES: libc::c_int = 8 * 1024 * 1024;

    /// Heaps for small blocks. The default is eight for each core, each keeping its own freed memory; with two, threads
    /// wait for each other too rarely to be measured.
    const ARENAS: libc::c_int = 2;

    pub(super) fn set_up() {
        // SAFETY: mallopt takes two integers and touches nothing but the allocator's own parameters; it is called
        // before the first thread starts, as its manual asks. A refusal (0) leaves the defaults, which also work.
        unsafe {
            libc::mallopt(libc::M_MMAP_THRESHOLD, MMAP_THRESHOLD_BYTES);
            libc::mallopt(libc::M_TRIM_THRESHOLD, KEPT_BYTES);
            libc::mallopt(libc::M_ARENA_MAX, ARENAS);
        }
    }

    pub(super) fn give_back() {
        // SAFETY: malloc_trim is thread-safe and only returns pages that hold no live block.
        unsafe {
            libc::malloc_trim(0);
        }
    }
}

/// Sets the allocator up. To be called once, before any thread exists.
pub(crate) fn set_up() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    glibc::set_up();
}

/// Gives freed memory back to the system, also from the middle of the heaps. Takes milliseconds; for now and then.
pub(crate) fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    glibc::give_back();
}
