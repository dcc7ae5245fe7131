//! How much is stored now: one look over all rows, once an hour, on a connection that holds nobody up.

use crate::{DbError, Row, Tx};
use wharf_model::stats::{StatsScope, Stored};

/// What every repository, every namespace and the whole server hold now; the server stands last.
pub fn count_stored(tx: &mut Tx<'_>) -> Result<Vec<(StatsScope, Stored)>, DbError> {
    let mut found = Vec::new();
    let repositories = tx.query(
        "SELECT CAST(COALESCE(SUM(l.size), 0) AS BIGINT), COUNT(l.digest), r.tag_count, r.id
         FROM repositories r LEFT JOIN repository_blobs l ON l.repository_id = r.id GROUP BY r.id, r.tag_count",
        &[],
    )?;
    for mut row in repositories {
        found.push((StatsScope::Repository(row.take(3)?), read_stored(&mut row)?));
    }
    let namespaces = tx.query(
        "SELECT CAST(COALESCE(b.bytes, 0) AS BIGINT), CAST(COALESCE(b.blobs, 0) AS BIGINT),
            CAST(COALESCE(t.tags, 0) AS BIGINT), n.id
         FROM namespaces n
         LEFT JOIN (SELECT d.namespace_id, SUM(d.size) AS bytes, COUNT(*) AS blobs
            FROM (SELECT DISTINCT r.namespace_id, l.digest, l.size FROM repository_blobs l
                JOIN repositories r ON r.id = l.repository_id) d
            GROUP BY d.namespace_id) b ON b.namespace_id = n.id
         LEFT JOIN (SELECT namespace_id, SUM(tag_count) AS tags FROM repositories GROUP BY namespace_id) t
            ON t.namespace_id = n.id",
        &[],
    )?;
    for mut row in namespaces {
        found.push((StatsScope::Namespace(row.take(3)?), read_stored(&mut row)?));
    }
    let server = tx.query_first(
        "SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT), COUNT(*),
            CAST((SELECT COALESCE(SUM(tag_count), 0) FROM repositories) AS BIGINT) FROM blobs",
        &[],
    )?;
    if let Some(mut row) = server {
        found.push((StatsScope::Server, read_stored(&mut row)?));
    }
    Ok(found)
}

fn read_stored(row: &mut Row) -> Result<Stored, DbError> {
    Ok(Stored {
        bytes: row.take(0)?,
        blobs: row.take(1)?,
        tags: row.take(2)?,
    })
}
