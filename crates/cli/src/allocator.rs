//! Two settings of glibc's allocator that keep a busy server small. Called once, before any thread exists.

/// Blocks from this size on are mapped alone and go back to the system when freed. Left alone, glibc raises the
/// threshold up to 32 MiB after the first big free, and transfer buffers stay in the heap forever.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const MMAP_THRESHOLD_BYTES: libc::c_int = 128 * 1024;

/// Heaps for small blocks. The default is eight for each core, each keeping its own freed memory; with two, threads
/// wait for each other too rarely to be measured.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const ARENAS: libc::c_int = 2;

/// Makes freed memory return to the system early. Does nothing where the C library is not glibc.
pub(crate) fn keep_memory_low() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        // SAFETY: mallopt takes two integers and touches nothing but the allocator's own parameters; it is called
        // before the first thread starts, as its manual asks. A refusal (0) leaves the defaults, which also work.
        unsafe {
            libc::mallopt(libc::M_MMAP_THRESHOLD, MMAP_THRESHOLD_BYTES);
            libc::mallopt(libc::M_ARENA_MAX, ARENAS);
        }
    }
}
