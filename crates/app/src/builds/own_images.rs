//! Base images of this registry, read where they are, with the rights of the build's namespace.

use crate::{App, Error};
use std::{fs::File, os::fd::AsRawFd};
use wharf_client::{ImageName, select_platform};
use wharf_image::{ImageError, ResolvedImage, pair_layers};
use wharf_model::{Caller, Granted, rights::Pull};
use wharf_oci::{Digest, MAX_MANIFEST_BYTES, Manifest, Platform, Reference, RepositoryName};

/// One level of indexes is what builders write; more than two are a mistake or an attack.
const MAX_INDEX_DEPTH: usize = 3;

/// The repository here that a name means, when its host is one of `hosts`. A name without a host is docker.io's.
pub(crate) fn find_own_name(hosts: &[String], name: &ImageName) -> Option<RepositoryName> {
    let registry = name.repository.registry.as_str();
    let own = hosts.iter().any(|host| host.eq_ignore_ascii_case(registry));
    if !own {
        return None;
    }
    let repository = &name.repository.name;
    if repository.as_str().contains('/') {
        return Some(repository.clone());
    }
    let library = format!("{}/{repository}", RepositoryName::DEFAULT_NAMESPACE);
    library.parse().ok()
}

/// An image of this registry that a build found.
pub(super) struct OwnImage {
    pub(super) image: ResolvedImage,
    /// The right to read it.
    pub(super) right: Granted<Pull>,
    /// What its name stands for, which may be an index.
    pub(super) named: Digest,
}

/// The image that a name means here for a platform.
pub(super) async fn resolve_own_image(
    app: &App,
    caller: &Caller,
    name: &ImageName,
    repository: &RepositoryName,
    platform: &Platform,
) -> Result<OwnImage, ImageError> {
    let fail = |error: Error| explain(name, error);
    let right: Granted<Pull> = app.authorize(caller, repository).await.map_err(fail)?;
    let (mut reference, mut named) = (name.reference(), None);
    for _ in 0..MAX_INDEX_DEPTH {
        let found = app.get_manifest(&right, &reference).await.map_err(fail)?;
        let manifest = Manifest::parse(Some(&found.media_type), &found.bytes)
            .map_err(|error| fail(error.into()))?;
        let named = *named.get_or_insert(found.digest);
        if !manifest.kind.is_index() {
            app.count_pull(&right, &found);
            let image = read_image(app, &right, name, found.digest, &manifest).await?;
            return Ok(OwnImage {
                image,
                right,
                named,
            });
        }
        let entry = select_platform(&manifest.children, platform).ok_or_else(|| {
            ImageError::new(format!("{name} has no image for {platform}"))
                .with_hint("build with another platform, or push one for this")
        })?;
        reference = Reference::Digest(entry.digest);
    }
    Err(ImageError::new(format!(
        "{name} is an index of indexes, nested too deeply"
    )))
}

async fn read_image(
    app: &App,
    right: &Granted<Pull>,
    name: &ImageName,
    digest: Digest,
    manifest: &Manifest,
) -> Result<ResolvedImage, ImageError> {
    let config = manifest
        .config
        .as_ref()
        .filter(|config| config.size <= MAX_MANIFEST_BYTES as u64)
        .ok_or_else(|| ImageError::new(format!("{name} is an artifact, not an image")))?;
    app.stat_blob(right, &config.digest)
        .await
        .map_err(|error| explain(name, error))?;
    let bytes = app
        .read_small_blob(&config.digest, MAX_MANIFEST_BYTES as u64)
        .await
        .map_err(|error| explain(name, error))?
        .ok_or_else(|| ImageError::new(format!("the configuration of {name} is not here")))?;
    let layers = pair_layers(&name.to_string(), manifest, &bytes)?;
    Ok(ResolvedImage {
        name: name.to_string(),
        digest,
        config: bytes,
        layers,
    })
}

/// The bytes of a layer, at their start, for reading alone.
pub(super) async fn open_own_layer(
    app: &App,
    right: &Granted<Pull>,
    layer: &Digest,
) -> Result<File, ImageError> {
    let fail =
        |error: Error| ImageError::new(format!("the layer {layer} cannot be read here: {error}"));
    let content = app.open_blob(right, layer).await.map_err(fail)?;
    // Opened anew: the descriptor that is shared with pulls has one place for all who read on it.
    let path = format!("/proc/self/fd/{}", content.file.as_raw_fd());
    File::open(path).map_err(|error| fail(Error::internal(error)))
}

fn explain(name: &ImageName, error: Error) -> ImageError {
    match error {
        Error::NotFound | Error::Denied(_) | Error::Registry(_) => ImageError::new(format!(
            "{name} is not in this registry, or this namespace may not pull it"
        ))
        .with_hint("a name without a host, such as `alpine`, is Docker Hub's; images of this registry are named with its host"),
        other => ImageError::new(format!("{name} cannot be read from this registry")).with_source(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_host_of_ours_mean_this_registry() {
        let hosts = ["reg.example".to_owned(), "localhost:5000".to_owned()];
        let own = |name: &str| {
            let found = find_own_name(&hosts, &name.parse().unwrap());
            found.map(|name| name.to_string())
        };
        assert_eq!(own("reg.example/team/base:1").as_deref(), Some("team/base"));
        assert_eq!(own("localhost:5000/base").as_deref(), Some("library/base"));
        assert_eq!(own("REG.example/a/b").as_deref(), Some("a/b"));
        for other in [
            "alpine",
            "team/base",
            "docker.io/team/base",
            "localhost/a",
            "reg.example:1/a",
        ] {
            assert_eq!(own(other), None, "{other}");
        }
    }
}
