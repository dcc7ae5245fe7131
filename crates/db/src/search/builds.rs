//! Builds by the commit that they are of, which has an index, or by their number.

use super::{FoundBuild, Hit, HitKind, Wanted, end_of, list_images};
use crate::{
    DbError, Row, Tx,
    builds::{BuildViewer, visible},
    params,
};
use std::cmp::Reverse;
use wharf_oci::RepositoryName;

/// Builds that are read of what begins so, at most. Four letters of a commit mean a few of a hundred thousand builds; a commit
/// that hundreds of images are built of stays below.
const MOST: usize = 1000;

/// Builds that the viewer may see, by image, the newest first; after the last one of a page, whose name `after` is.
pub(super) fn search_builds(
    tx: &mut Tx<'_>,
    viewer: &BuildViewer,
    wanted: &Wanted,
    after: &str,
    limit: usize,
) -> Result<Vec<Hit>, DbError> {
    if matches!(viewer, BuildViewer::Member(namespaces) if namespaces.is_empty()) {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    if let Some(prefix) = &wanted.commit {
        let rows = tx.query(
            &format!(
                "SELECT r.name, b.number, b.state, b.commit_id FROM builds b JOIN repositories r ON r.id = b.repository_id
                 WHERE b.commit_id >= $1 AND b.commit_id < $2 AND {} ORDER BY b.commit_id LIMIT $3",
                visible(viewer, "b")
            ),
            params![prefix, end_of(prefix), MOST],
        )?;
        for row in rows {
            found.push(read_found(row)?);
        }
    }
    if let Some((images, number)) = &wanted.number {
        for (id, _) in list_images(tx, &visible(viewer, "r"), &images.image)? {
            let row = tx.query_first(
                "SELECT r.name, b.number, b.state, b.commit_id FROM builds b JOIN repositories r ON r.id = b.repository_id
                 WHERE b.repository_id = $1 AND b.number = $2",
                params![id, number],
            )?;
            found.extend(row.map(read_found).transpose()?);
        }
    }
    let place =
        |(image, build): &(RepositoryName, FoundBuild)| (image.to_string(), Reverse(build.number));
    found.sort_by_key(place);
    found.dedup_by_key(|one| place(one));
    let last = after
        .rsplit_once('#')
        .and_then(|(image, number)| Some((image.to_owned(), Reverse(number.parse().ok()?))));
    found.retain(|one| last.as_ref().is_none_or(|last| place(one) > *last));
    found.truncate(limit);
    let hits = found.into_iter().map(|(image, build)| Hit {
        repository: Some(image.clone()),
        build: Some(build.clone()),
        ..Hit::named(HitKind::Build, format!("{image}#{}", build.number))
    });
    Ok(hits.collect())
}

fn read_found(mut row: Row) -> Result<(RepositoryName, FoundBuild), DbError> {
    Ok((
        row.take(0)?,
        FoundBuild {
            number: row.take(1)?,
            state: row.take(2)?,
            commit: row.take(3)?,
        },
    ))
}
