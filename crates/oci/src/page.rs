//! Which part of a list is wanted (distribution-spec "Listing Tags", end-8b).

use crate::{ErrorCode, RegistryError, query::Query};

/// The `n` and `last` parameters of a list request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// How many entries are wanted, never more than [`Page::MAX_ENTRIES`]; 0 asks for an empty list.
    pub n: Option<u64>,
    /// The entry after which the page begins; it need not exist.
    pub last: Option<String>,
}

impl Page {
    /// Entries of one answer at most. Fewer would make a client walk a large list in many rounds; more would let
    /// one request hold much memory and a database connection for long.
    pub const MAX_ENTRIES: u64 = 1000;

    /// How many entries to answer with: `n`, or the maximum when the client named none.
    pub fn limit(&self) -> u64 {
        self.n.unwrap_or(Page::MAX_ENTRIES)
    }

    pub(crate) fn parse(query: Query<'_>, code_of_last: ErrorCode) -> Result<Page, RegistryError> {
        let code = ErrorCode::PaginationNumberInvalid;
        let n = match query.find_value("n", code)? {
            None => None,
            Some(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
                // Digits that do not fit are only a very large number, and large numbers are clamped.
                Some(text.parse().unwrap_or(u64::MAX).min(Page::MAX_ENTRIES))
            }
            Some(_) => {
                return Err(RegistryError::new(
                    code,
                    "the query parameter n is a number, 0 or greater",
                ));
            }
        };
        let last = query.find_value("last", code_of_last)?;
        Ok(Page {
            n,
            last: last.map(|text| text.into_owned()),
        })
    }
}
