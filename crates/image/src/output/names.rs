//! An image's names beside its descriptor, as archives carry them.

use wharf_oci::Descriptor;

use crate::ImageName;
use crate::store::{IMAGE_NAME, REF_NAME};

/// When the image was made (image-spec `annotations.md`).
const CREATED: &str = "org.opencontainers.image.created";

/// One descriptor a name, or one without a name. The whole name is containerd's annotation; the specification's holds the
/// tag alone, as BuildKit and containerd write it.
pub(super) fn name_descriptors(
    root: &Descriptor,
    names: &[ImageName],
    created: Option<&str>,
) -> Vec<Descriptor> {
    let mut root = root.clone();
    if let Some(created) = created {
        note_created(&mut root, created);
    }
    if names.is_empty() {
        return vec![root];
    }
    let with_name = |name: &ImageName| {
        let mut named = root.clone();
        let whole = name.to_string();
        let short = name
            .tag()
            .map_or_else(|| whole.clone(), ToString::to_string);
        named.annotations.insert(REF_NAME.to_owned(), short);
        named.annotations.insert(IMAGE_NAME.to_owned(), whole);
        named
    };
    names.iter().map(with_name).collect()
}

/// Says when the image was made, unless somebody said it otherwise.
pub(super) fn note_created(root: &mut Descriptor, created: &str) {
    let entry = root.annotations.entry(CREATED.to_owned());
    entry.or_insert_with(|| created.to_owned());
}
