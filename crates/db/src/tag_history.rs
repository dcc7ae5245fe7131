//! How tags moved: read here, written in [`crate::tags`] alone.

use crate::{DbError, Row, Tx, params};
use wharf_model::{Granted, Timestamp, rights::Pull};
use wharf_oci::{Digest, Tag};

/// One change of a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagChange {
    /// The tag.
    pub tag: Tag,
    /// What it named before; none when it was not there.
    pub from: Option<Digest>,
    /// What it names since; none when it was deleted.
    pub to: Option<Digest>,
    /// Who changed it.
    pub actor: Option<String>,
    /// When.
    pub at: Timestamp,
}

const SELECT: &str =
    "SELECT name, from_digest, to_digest, actor, at FROM tag_history WHERE repository_id = $1 AND ";

fn read_change(mut row: Row) -> Result<TagChange, DbError> {
    Ok(TagChange {
        tag: row.take(0)?,
        from: row.take(1)?,
        to: row.take(2)?,
        actor: Some(row.take(3)?),
        at: row.take(4)?,
    })
}

/// The last changes of a repository's tags, newest first.
pub fn list_changes(
    tx: &mut Tx<'_>,
    granted: &Granted<Pull>,
    limit: usize,
) -> Result<Vec<TagChange>, DbError> {
    let rows = tx.query(
        &format!("{SELECT}1 = 1 ORDER BY at DESC, name, version DESC LIMIT $2"),
        params![granted.repository(), limit],
    )?;
    rows.into_iter().map(read_change).collect()
}

/// The last changes that brought tags to a digest or took them from it, newest first.
pub fn list_changes_of_digest(
    tx: &mut Tx<'_>,
    granted: &Granted<Pull>,
    digest: &Digest,
    limit: usize,
) -> Result<Vec<TagChange>, DbError> {
    let rows = tx.query(
        &format!(
            "{SELECT}(from_digest = $2 OR to_digest = $2) ORDER BY at DESC, name, version DESC LIMIT $3"
        ),
        params![granted.repository(), digest, limit],
    )?;
    rows.into_iter().map(read_change).collect()
}

/// Most tags of one digest that are listed: nobody reads more.
const MOST_TAGS: usize = 100;

/// The tags that name a digest now, in bytewise order.
pub fn list_tags_of_digest(
    tx: &mut Tx<'_>,
    granted: &Granted<Pull>,
    digest: &Digest,
) -> Result<Vec<Tag>, DbError> {
    let rows = tx.query(
        "SELECT name FROM tags WHERE repository_id = $1 AND digest = $2 ORDER BY name LIMIT $3",
        params![granted.repository(), digest, MOST_TAGS],
    )?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}
