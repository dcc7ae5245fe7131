//! How much of a list one answer holds.

/// No page is longer: a client that asks for more gets this many and a cursor.
/// Larger pages make one request hold a database reader for long, smaller ones make scripts chatty.
pub const MAX_LIMIT: u32 = 1000;

/// The number of rows of one page, 1 to [`MAX_LIMIT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(u32);

impl Limit {
    /// `wanted` brought into 1…[`MAX_LIMIT`]; 100 when nothing is asked for.
    pub fn clamped(wanted: Option<u64>) -> Self {
        Self(wanted.unwrap_or(100).clamp(1, u64::from(MAX_LIMIT)) as u32)
    }

    /// The number of rows.
    pub fn get(self) -> usize {
        self.0 as usize
    }
}
