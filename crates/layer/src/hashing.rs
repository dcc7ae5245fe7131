//! SHA-256 beside a stream, so that no byte is read a second time for its digest.

use std::io::{self, Write};

use sha2::{Digest as _, Sha256};
use wharf_oci::{Algorithm, Digest};

/// A hash under way and how much went into it.
#[derive(Default)]
pub(crate) struct Hash {
    state: Sha256,
    pub(crate) bytes: u64,
}

impl Hash {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.state.update(bytes);
        self.bytes += bytes.len() as u64;
    }

    pub(crate) fn finish(self) -> Digest {
        Digest::from_raw(Algorithm::Sha256, &self.state.finalize())
            .expect("SHA-256 has the length of SHA-256")
    }
}

/// Writes through and hashes what was written.
pub(crate) struct HashingWriter<W> {
    pub(crate) inner: W,
    pub(crate) hash: Hash,
}

impl<W: Write> HashingWriter<W> {
    pub(crate) fn new(inner: W) -> Self {
        Self {
            inner,
            hash: Hash::default(),
        }
    }
}

impl<W: Write> Write for HashingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.hash.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
