//! The digest of the archive, taken in the same pass that applies it.

use std::io::{self, Read};

use wharf_oci::Digest;

use crate::hashing::Hash;
use crate::{DigestMismatch, Error, Result};

/// Reads through and hashes what was read.
///
/// [`apply`](crate::apply) reads to the end of the stream, padding included; a caller that stops earlier gets the digest
/// of a shorter stream.
pub struct DiffIdReader<R> {
    inner: R,
    hash: Hash,
}

impl<R: Read> DiffIdReader<R> {
    /// Starts at the beginning of the uncompressed archive.
    pub fn new(inner: R) -> Self {
        Self {
            inner,
            hash: Hash::default(),
        }
    }

    /// The digest of everything that was read.
    pub fn finish(self) -> Digest {
        self.hash.finish()
    }

    /// Holds when everything that was read has this digest.
    ///
    /// # Errors
    /// [`Error::Digest`] when it has another; what was applied must then be thrown away.
    pub fn verify(self, expected: Digest) -> Result<()> {
        let found = self.finish();
        if found == expected {
            Ok(())
        } else {
            Err(Error::Digest(Box::new(DigestMismatch { expected, found })))
        }
    }
}

impl<R: Read> Read for DiffIdReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hash.update(&buffer[..count]);
        Ok(count)
    }
}
