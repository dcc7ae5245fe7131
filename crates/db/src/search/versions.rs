//! Versions by how their tags begin, in the images that were pushed to last.

use super::{Hit, HitKind, Wanted, end_of, list_images};
use crate::{
    DbError, Tx, params,
    repositories::{self, Viewer},
};

/// Versions in images that the viewer may pull from, by image and tag.
pub(super) fn search_versions(
    tx: &mut Tx<'_>,
    viewer: Viewer<'_>,
    wanted: &Wanted,
    after: &str,
    limit: usize,
) -> Result<Vec<Hit>, DbError> {
    let Some(version) = &wanted.version else {
        return Ok(Vec::new());
    };
    let (last_image, last_tag) = after.rsplit_once(':').unwrap_or_default();
    let end = end_of(&version.prefix);
    let mut hits = Vec::new();
    for (id, image) in list_images(tx, &repositories::visible(viewer), &version.image)? {
        let left = limit - hits.len();
        if left == 0 {
            break;
        }
        let after = match image.as_str() {
            name if name < last_image => continue,
            name if name == last_image => last_tag,
            _ => "",
        };
        let tags = tx.query_texts(
            "SELECT name FROM tags WHERE repository_id = $1 AND name >= $2 AND name < $3 AND name > $4
             ORDER BY name LIMIT $5",
            params![id, version.prefix, end, after, left],
        )?;
        hits.extend(tags.iter().map(|tag| Hit {
            repository: Some(image.clone()),
            tag: Some(tag.to_owned()),
            ..Hit::named(HitKind::Version, format!("{image}:{tag}"))
        }));
    }
    Ok(hits)
}
