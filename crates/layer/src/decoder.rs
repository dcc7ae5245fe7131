//! What a stream is compressed with, by its first bytes, and the bytes below.
//!
//! Names and media types are not looked at: `ADD` goes by content, and a layer whose type lies is still applied by what
//! it is. Every format may consist of several parts after each other.

use std::io::{self, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::limits::{Limit, RATIO_FLOOR};
use crate::tar::TarReader;
use crate::{Error, Limits};

/// Memory that an xz or zstd stream may ask for. `xz -9` and `zstd --ultra` want 65 and 128 MiB; with less they fail, with
/// more a header of some bytes takes that much.
const XZ_MEMORY_KIB: u32 = 256 << 10;
const ZSTD_WINDOW_LOG: u32 = 27;
/// Compressed bytes read by one call.
const BUFFER_BYTES: usize = 128 << 10;
/// The longest of the marks below.
const MARK_BYTES: usize = 6;

/// How a stream was compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Not at all, or by something unknown.
    Plain,
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
    /// bzip2.
    Bzip2,
    /// The .xz format.
    Xz,
}

impl Encoding {
    /// The encoding that starts like this.
    fn detect(start: &[u8]) -> Self {
        match start {
            [0x1f, 0x8b, 8, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            // A skippable frame (RFC 8878 §3.1.2), which may come first.
            [mark, 0x2a, 0x4d, 0x18, ..] if mark & 0xf0 == 0x50 => Self::Zstd,
            [b'B', b'Z', b'h', ..] => Self::Bzip2,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Self::Xz,
            _ => Self::Plain,
        }
    }
}

/// Reads a stream decompressed, whatever it is compressed with, and stops at a bomb.
///
/// Reading fails with an error that [`apply`](crate::apply) turns into [`Error::TooLarge`] when the output is more than
/// [`Limits::ratio`] times the input.
pub struct Decoder<'r> {
    inner: Box<dyn Read + Send + 'r>,
    encoding: Encoding,
    ratio: u64,
    consumed: Arc<AtomicU64>,
    produced: u64,
}

impl<'r> Decoder<'r> {
    /// Reads the first bytes to see what the stream is.
    ///
    /// # Errors
    /// Those of the reader, and of a decompressor that refuses the start.
    pub fn new(mut reader: impl Read + Send + 'r, limits: &Limits) -> io::Result<Self> {
        let mut start = Vec::with_capacity(MARK_BYTES);
        reader
            .by_ref()
            .take(MARK_BYTES as u64)
            .read_to_end(&mut start)?;
        let encoding = Encoding::detect(&start);
        let consumed = Arc::new(AtomicU64::new(0));
        let whole = CountingReader {
            inner: io::Cursor::new(start).chain(reader),
            count: Arc::clone(&consumed),
        };
        let input = BufReader::with_capacity(BUFFER_BYTES, whole);
        let inner: Box<dyn Read + Send + 'r> = match encoding {
            Encoding::Plain => Box::new(input),
            Encoding::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(input)),
            Encoding::Zstd => {
                let mut decoder = zstd::stream::read::Decoder::with_buffer(input)?;
                decoder.window_log_max(ZSTD_WINDOW_LOG)?;
                Box::new(decoder)
            }
            Encoding::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(input)),
            Encoding::Xz => Box::new(lzma_rust2::XzReader::new_mem_limit(
                input,
                true,
                XZ_MEMORY_KIB,
            )),
        };
        Ok(Self {
            inner,
            encoding,
            ratio: limits.ratio,
            consumed,
            produced: 0,
        })
    }

    /// What the stream is compressed with.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }
}

impl Read for Decoder<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.produced += count as u64;
        let consumed = self.consumed.load(Ordering::Relaxed);
        if self.encoding != Encoding::Plain
            && self.produced > RATIO_FLOOR
            && self.produced / consumed.max(1) > self.ratio
        {
            return Err(io::Error::other(Error::TooLarge {
                limit: Limit::Ratio,
                allowed: self.ratio,
            }));
        }
        Ok(count)
    }
}

/// Whether `ADD` unpacks a file that starts like this: a tar archive with at least one entry, compressed or not.
///
/// A complete file or its beginning may be given; a few KiB are enough unless the first entry has long attributes.
pub fn is_tar(reader: impl Read + Send) -> bool {
    Decoder::new(reader, &Limits::default())
        .is_ok_and(|decoder| matches!(TarReader::new(decoder).next_entry(), Ok(Some(_))))
}

struct CountingReader<R> {
    inner: R,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for CountingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.count.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
