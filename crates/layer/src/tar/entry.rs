//! One member of an archive, independent of how its fields are encoded.

/// What an archive says about one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// As it is written in the archive: not cleaned, any bytes.
    pub(crate) path: Vec<u8>,
    pub(crate) kind: Kind,
    /// Permission bits with setuid, setgid and sticky.
    pub(crate) mode: u32,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) mtime: Time,
    /// Bytes of content that follow; zero unless it is a file.
    pub(crate) size: u64,
    /// Names and values, sorted by name.
    pub(crate) xattrs: Vec<(Vec<u8>, Vec<u8>)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    File,
    Directory,
    Symlink(Vec<u8>),
    /// To the path of an earlier entry.
    Hardlink(Vec<u8>),
    Char(u32, u32),
    Block(u32, u32),
    Fifo,
}

/// Since 1970, the nanoseconds always forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Time {
    pub(crate) seconds: i64,
    pub(crate) nanoseconds: u32,
}

impl Time {
    /// Whole seconds, the part below cut off.
    pub(crate) fn truncate(self) -> Self {
        Self {
            seconds: self.seconds,
            nanoseconds: 0,
        }
    }

    /// Whole seconds, the nearest.
    pub(crate) fn round(self) -> Self {
        Self {
            seconds: self.seconds + i64::from(self.nanoseconds >= 500_000_000),
            nanoseconds: 0,
        }
    }

    pub(crate) fn clamp_to(self, latest: Option<i64>) -> Self {
        match latest {
            Some(latest) if self.seconds >= latest => Self {
                seconds: latest,
                nanoseconds: 0,
            },
            _ => self,
        }
    }
}
