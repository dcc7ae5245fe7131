//! The one pass from tar to blob: both digests, the size and the compressor, with no temporary copy.

use std::io::{self, BufWriter, Write};
use std::num::NonZeroUsize;

use wharf_oci::Digest;

use crate::hashing::{Hash, HashingWriter};
use crate::members::MemberWriter;
use crate::{Compression, Error, Result};

/// Bytes that are put together before a system call; a tar comes in pieces of 512 bytes. Smaller costs calls, larger
/// leaves the processor's cache.
const BUFFER_BYTES: usize = 128 << 10;

/// What a descriptor and an image configuration say about a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// SHA-256 of the tar (`rootfs.diff_ids` of the image configuration).
    pub diff_id: Digest,
    /// SHA-256 of the blob.
    pub digest: Digest,
    /// Bytes of the blob.
    pub size: u64,
    /// Bytes of the tar.
    pub uncompressed_size: u64,
    /// How the blob is compressed; gives the media type.
    pub compression: Compression,
}

/// Takes a tar by [`Write`] and leaves a layer blob in its output.
///
/// The blob depends on the bytes and the compression alone: number of threads, sizes of writes and timing change
/// nothing. Memory is bounded (gzip: five MiB for each thread and two more; zstd: about 30 MiB for each thread); when the
/// output or the compressors are slow, writing waits. Dropped before [`LayerWriter::finish`], it leaves an incomplete
/// blob that the caller must throw away.
pub struct LayerWriter<W: Write + Send + 'static> {
    diff_id: Hash,
    compression: Compression,
    stage: Stage<W>,
}

enum Stage<W: Write + Send + 'static> {
    Plain(BufWriter<W>),
    Gzip(Box<MemberWriter<W>>),
    Zstd(zstd::Encoder<'static, BufWriter<HashingWriter<W>>>),
}

impl<W: Write + Send + 'static> LayerWriter<W> {
    /// Starts a blob; `threads` compress at most (gzip stops at 16).
    ///
    /// # Errors
    /// [`Error::Write`] when zstd refuses the level.
    pub fn new(output: W, compression: Compression, threads: NonZeroUsize) -> Result<Self> {
        let stage = match compression {
            Compression::None => Stage::Plain(BufWriter::with_capacity(BUFFER_BYTES, output)),
            Compression::Gzip { level } => {
                Stage::Gzip(Box::new(MemberWriter::new(output, level, threads)))
            }
            Compression::Zstd { level } => {
                Stage::Zstd(start_zstd(output, level, threads).map_err(Error::Write)?)
            }
        };
        Ok(Self {
            diff_id: Hash::default(),
            compression,
            stage,
        })
    }

    /// Ends the blob and gives the output back; nothing is synced to disk.
    ///
    /// # Errors
    /// [`Error::Write`] with the first failure of the output.
    pub fn finish(self) -> Result<(Written, W)> {
        let uncompressed_size = self.diff_id.bytes;
        let diff_id = self.diff_id.finish();
        let (digest, size, output) = match self.stage {
            Stage::Plain(buffer) => {
                let output = buffer
                    .into_inner()
                    .map_err(|error| Error::Write(error.into_error()))?;
                (diff_id, uncompressed_size, output)
            }
            Stage::Gzip(writer) => split_hashed(writer.finish().map_err(Error::Write)?),
            Stage::Zstd(encoder) => {
                let buffer = encoder.finish().map_err(Error::Write)?;
                let hashed = buffer
                    .into_inner()
                    .map_err(|error| Error::Write(error.into_error()))?;
                split_hashed(hashed)
            }
        };
        let written = Written {
            diff_id,
            digest,
            size,
            uncompressed_size,
            compression: self.compression,
        };
        Ok((written, output))
    }
}

impl<W: Write + Send + 'static> Write for LayerWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.stage {
            Stage::Plain(buffer) => buffer.write_all(bytes)?,
            Stage::Gzip(writer) => writer.write_all(bytes)?,
            Stage::Zstd(encoder) => encoder.write_all(bytes)?,
        }
        self.diff_id.update(bytes);
        Ok(bytes.len())
    }

    /// Does nothing: a flush in the middle would change the blob.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn start_zstd<W: Write>(
    output: W,
    level: i32,
    threads: NonZeroUsize,
) -> io::Result<zstd::Encoder<'static, BufWriter<HashingWriter<W>>>> {
    let output = BufWriter::with_capacity(BUFFER_BYTES, HashingWriter::new(output));
    let mut encoder = zstd::Encoder::new(output, level)?;
    // Not less than one: zero selects another way to cut the input, and the blob would depend on the machine.
    encoder.multithread(u32::try_from(threads.get()).unwrap_or(1))?;
    Ok(encoder)
}

fn split_hashed<W>(hashed: HashingWriter<W>) -> (Digest, u64, W) {
    let size = hashed.hash.bytes;
    (hashed.hash.finish(), size, hashed.inner)
}
