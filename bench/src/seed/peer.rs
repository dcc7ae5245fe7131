//! Writes a peer's content into its storage folder before it is started.
//! Refuses nothing; `super` checks the peer's answers. Called by `super`.

use std::iter;

use anyhow::Result;

use super::{
    CATALOG, IMAGES, MOUNT_BLOBS, MOUNT_SOURCE, SmallImage, TAG, TAG_COUNTS, catalog_repository,
    tag_name, tags_repository,
};
use crate::content::{Digest, Mold};
use crate::server::layout::Layout;
use crate::work_dir::Home;

pub(super) fn write(home: &Home, image: &SmallImage) -> Result<()> {
    let layout = Layout::below(&home.data());
    layout.write_blob(&image.config.to_bytes())?;
    layout.write_blob(&image.layer.to_bytes())?;
    let manifest = layout.write_blob(&image.manifest)?;
    write_image(&layout, image, &manifest, IMAGES)?;
    let latest = || iter::once(TAG.to_owned());
    layout.link_tags(IMAGES, latest(), &manifest)?;
    for count in TAG_COUNTS {
        let repository = tags_repository(count);
        write_image(&layout, image, &manifest, &repository)?;
        layout.link_tags(&repository, (0..count).map(tag_name), &manifest)?;
    }
    let first = catalog_repository(0);
    write_image(&layout, image, &manifest, &first)?;
    layout.link_tags(&first, latest(), &manifest)?;
    layout.repeat_repository(&first, (1..CATALOG).map(catalog_repository))?;
    let mold = Mold::new(64);
    for number in 0..MOUNT_BLOBS {
        let digest = layout.write_blob(&mold.cast(number).to_bytes())?;
        layout.link_layer(MOUNT_SOURCE, &digest)?;
    }
    Ok(())
}

/// Links the image's blobs and manifest into a repository.
fn write_image(
    layout: &Layout,
    image: &SmallImage,
    manifest: &Digest,
    repository: &str,
) -> Result<()> {
    layout.link_layer(repository, image.config.digest())?;
    layout.link_layer(repository, image.layer.digest())?;
    layout.link_manifest(repository, manifest)
}
