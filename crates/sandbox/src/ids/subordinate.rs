//! The range that /etc/subuid and /etc/subgid give to a plain user (subuid(5)).

use std::fs;
use std::path::Path;

use super::{IDS_PER_BUILD, IdRange};
use crate::error::{Error, Result};

/// Ids beside the user's own, which is 0 inside.
const NEEDED: u32 = IDS_PER_BUILD - 1;

/// Who a line of the file may be about: the name, or the number where the system resolves it.
#[derive(Debug, Clone)]
pub(crate) struct CountedId {
    pub(crate) name: String,
    pub(crate) id: u32,
}

/// The user's ranges of uids and gids.
///
/// # Errors
/// [`Error::NoIdRange`] naming the file that lacks one.
pub(crate) fn find_subordinate_ranges(user: &CountedId, etc: &Path) -> Result<(IdRange, IdRange)> {
    find_ranges(user, etc, NEEDED)
}

/// The same for a cell, whose root is not the user.
///
/// # Errors
/// [`Error::NoIdRange`] naming the file that lacks one.
pub(crate) fn find_cell_ranges(user: &CountedId, etc: &Path) -> Result<(IdRange, IdRange)> {
    find_ranges(user, etc, IDS_PER_BUILD)
}

fn find_ranges(user: &CountedId, etc: &Path, needed: u32) -> Result<(IdRange, IdRange)> {
    let find = |file: &str| {
        let file = etc.join(file);
        let text = fs::read_to_string(&file).unwrap_or_default();
        find_range(&text, user, needed).ok_or_else(|| Error::NoIdRange {
            user: user.name.clone(),
            file,
            needed: IDS_PER_BUILD,
        })
    };
    Ok((find("subuid")?, find("subgid")?))
}

/// The first line that is about the user and large enough.
fn find_range(text: &str, user: &CountedId, needed: u32) -> Option<IdRange> {
    text.lines().find_map(|line| {
        let mut fields = line.trim().split(':');
        let (who, first, count) = (fields.next()?, fields.next()?, fields.next()?);
        if who != user.name && who.parse() != Ok(user.id) {
            return None;
        }
        let (first, count): (u32, u32) = (first.parse().ok()?, count.parse().ok()?);
        (count >= needed).then_some(IdRange {
            first,
            count: needed,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn anna() -> CountedId {
        CountedId {
            name: "anna".to_owned(),
            id: 1000,
        }
    }

    #[test]
    fn a_range_is_found_by_name_or_by_number() {
        let range = Some(IdRange {
            first: 165_536,
            count: NEEDED,
        });
        let by_name = "bob:100000:65536\nanna:165536:65536\n";
        assert_eq!(find_range(by_name, &anna(), NEEDED), range);
        assert_eq!(find_range("1000:165536:65536", &anna(), NEEDED), range);
    }

    #[test]
    fn a_small_range_and_a_broken_line_are_passed_over() {
        assert_eq!(
            find_range("anna:1:100\nanna\nanna:x:y\n", &anna(), NEEDED),
            None
        );
        assert_eq!(find_range("anna:1:65535", &anna(), IDS_PER_BUILD), None);
    }

    #[test]
    fn a_missing_range_says_how_to_get_one() {
        let empty = tempfile::tempdir().unwrap();
        let error = find_subordinate_ranges(&anna(), empty.path()).unwrap_err();
        assert!(error.to_string().contains("subuid"), "{error}");
        assert!(error.hint().unwrap().contains("usermod --add-subuids"));
    }
}
