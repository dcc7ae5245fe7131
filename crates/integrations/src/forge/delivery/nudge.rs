//! What one line in a `post-receive` hook sends: nothing, or what git gave the hook on its standard input.

use super::facts::{Delivery, DeliveryContent};
use super::read::{ReadError, ToldRef, read_object};
use super::verify::Verified;

/// Lines that are read. A push of more refs than that is answered by a look at the repository, which sees them all.
const MOST_LINES: usize = 1000;

/// Each line is `OLD NEW REF` (githooks(5), post-receive). Lines about other refs than branches and tags are left out;
/// an empty body, or more lines than are read, says only that something changed.
pub(super) fn read(verified: &Verified) -> Result<Delivery, ReadError> {
    let wrong = |reason: &str| ReadError::Form {
        reason: reason.to_owned(),
    };
    let text = std::str::from_utf8(&verified.body).map_err(|_| wrong("it is not UTF-8"))?;
    let lines: Vec<_> = text.lines().filter(|line| !line.is_empty()).collect();
    let mut updates = Vec::new();
    let is_too_much = lines.len() > MOST_LINES;
    for line in lines.into_iter().take(MOST_LINES) {
        let mut words = line.splitn(3, ' ');
        let (Some(before), Some(after), Some(name)) = (words.next(), words.next(), words.next())
        else {
            return Err(wrong("a line is OLD NEW REF"));
        };
        let (before, after) = (read_object(before)?, read_object(after)?);
        let told = ToldRef {
            name: name.to_owned(),
            before,
            after,
            commit: None,
            is_forced: None,
            head: None,
            commit_count: None,
            pusher: None,
        };
        updates.extend(told.into_pushed());
    }
    let content = match updates.is_empty() || is_too_much {
        true => DeliveryContent::Nudge,
        false => DeliveryContent::RefUpdates(updates),
    };
    Ok(Delivery {
        id: None,
        event: "post-receive".to_owned(),
        repository: None,
        content,
    })
}
