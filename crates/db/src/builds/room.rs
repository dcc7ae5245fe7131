//! How many builds wait: what nobody bounds fills the disk, and a queue that everybody looks at.

use crate::{DbError, Tx, params};
use wharf_model::{NamespaceId, RuleId, builds::RefName};

/// How many builds of a namespace wait. Those that a newer build of a rule and branch is about to end do not count.
pub fn count_waiting(
    tx: &mut Tx<'_>,
    namespace: NamespaceId,
    ends: Option<(RuleId, &RefName)>,
) -> Result<u64, DbError> {
    let (rule, reference) = match ends {
        Some((rule, reference)) => (rule.to_string(), reference.as_str()),
        None => (String::new(), ""),
    };
    let row = tx.query_first(
        "SELECT COUNT(*) FROM builds WHERE state = 'queued' AND namespace_id = $1
            AND ($2 = '' OR COALESCE(rule_id, '') <> $2 OR COALESCE(ref, '') <> $3)",
        params![namespace, rule, reference],
    )?;
    row.map_or(Ok(0), |mut row| row.take(0))
}
