//! One version in full, by its tag or its digest: its manifest, and of an image its config, layers and history, of an index its
//! images.

use super::{
    history::{HistoryStep, join_history},
    pages::parse_name,
    people::hide_people,
    tags::TagPage,
};
use crate::{App, Context, Error, Listed, PageRequest};
use std::collections::{BTreeMap, HashMap};
use wharf_db::{
    Tx, blobs,
    manifests::{self, StoredManifest},
    tag_history, tags, versions,
};
use wharf_model::{Granted, rights::Pull};
use wharf_oci::{Descriptor, Digest, ImageConfig, Manifest, Tag, media_type};

pub use wharf_db::{manifests::Referrer, versions::VersionPage};

/// Largest config shown. Real ones take some kilobytes; a larger one would be held in memory for every look at its tag.
const MAX_CONFIG: u64 = 1024 * 1024;

/// One entry of an index.
#[derive(Debug, Clone)]
pub struct Child {
    /// What it names.
    pub digest: Digest,
    /// Its type.
    pub media_type: String,
    /// `os/architecture[/variant]`, where the index says so.
    pub platform: Option<String>,
    /// Bytes of all that the child needs when it is here, else of the child itself.
    pub size: u64,
}

/// A tag with everything that there is to know about what it names.
#[derive(Debug, Clone)]
pub struct TagDetail {
    /// The tag as lists show it.
    pub page: TagPage,
    /// What it names.
    pub content: Content,
}

/// A version by its digest, with everything that there is to know about it.
#[derive(Debug, Clone)]
pub struct VersionDetail {
    /// What lists show of it.
    pub page: VersionPage,
    /// The tags that name it; the first hundred.
    pub tags: Vec<Tag>,
    /// What is in it.
    pub content: Content,
}

/// What is in a version.
#[derive(Debug, Clone)]
pub struct Content {
    /// The manifest's JSON as it was pushed.
    pub manifest: String,
    /// The image config's JSON as it was pushed; none where there is no image config.
    pub config: Option<String>,
    /// Of an image: its layers.
    pub layers: Vec<Descriptor>,
    /// Of an image: how it came to be.
    pub history: Vec<HistoryStep>,
    /// Of an index: what it lists.
    pub children: Vec<Child>,
    /// The manifest's annotations.
    pub annotations: BTreeMap<String, String>,
}

impl App {
    /// Everything about one tag.
    pub async fn show_tag(
        &self,
        context: &Context,
        repository: &str,
        tag: &str,
    ) -> Result<TagDetail, Error> {
        let name = parse_name(repository)?;
        let right: Granted<Pull> = self.authorize(&context.caller, &name).await?;
        let tag: Tag = tag.parse().map_err(|_| Error::NotFound)?;
        let wanted = right.clone();
        let found = self.db.read(move |tx| {
            let Some(page) = tags::load_tag(tx, &wanted, &tag)? else {
                return Err(Error::NotFound);
            };
            let stored = load_stored(tx, &wanted, &page.digest)?;
            Ok((page, stored))
        });
        let (mut page, stored) = found.await?;
        hide_people(&context.caller, right.subject(), [&mut page]);
        let (content, _) = self.read_content(&right, stored).await?;
        Ok(TagDetail { page, content })
    }

    /// Everything about one version, tagged or not: an image that only an index names is one too.
    pub async fn show_version(
        &self,
        context: &Context,
        repository: &str,
        digest: &str,
    ) -> Result<VersionDetail, Error> {
        let name = parse_name(repository)?;
        let right: Granted<Pull> = self.authorize(&context.caller, &name).await?;
        let digest: Digest = digest.parse().map_err(|_| Error::NotFound)?;
        let wanted = right.clone();
        let found = self.db.read(move |tx| {
            let page = versions::load_version(tx, &wanted, &digest)?.ok_or(Error::NotFound)?;
            let tags = tag_history::list_tags_of_digest(tx, &wanted, &digest)?;
            Ok::<_, Error>((page, tags, load_stored(tx, &wanted, &digest)?))
        });
        let (mut page, tags, stored) = found.await?;
        hide_people(&context.caller, right.subject(), [&mut page]);
        let (content, _) = self.read_content(&right, stored).await?;
        Ok(VersionDetail {
            page,
            tags,
            content,
        })
    }

    /// One page of what refers to a version: signatures, attestations and other artifacts, by digest.
    pub async fn list_version_referrers(
        &self,
        context: &Context,
        repository: &str,
        digest: &str,
        page: PageRequest,
    ) -> Result<Listed<Referrer>, Error> {
        let name = parse_name(repository)?;
        let right: Granted<Pull> = self.authorize(&context.caller, &name).await?;
        let digest: Digest = digest.parse().map_err(|_| Error::NotFound)?;
        let (after, room) = (page.key(), page.room());
        let found = self.db.read(move |tx| {
            versions::load_version(tx, &right, &digest)?.ok_or(Error::NotFound)?;
            let part = manifests::list_referrers(tx, &right, &digest, None, &after, room)?;
            Ok::<_, Error>(part)
        });
        Ok(Listed::of(found.await?, |found| found.digest.to_string()))
    }

    /// What is in a version, and its config as far as it is understood.
    pub(super) async fn read_content(
        &self,
        right: &Granted<Pull>,
        (stored, sizes): Stored,
    ) -> Result<(Content, Option<ImageConfig>), Error> {
        let view =
            Manifest::parse(Some(&stored.media_type), &stored.bytes).map_err(Error::internal)?;
        let config = self.read_config(right, &view).await?;
        let parsed = config
            .as_ref()
            .and_then(|text| ImageConfig::parse(text.as_bytes()));
        let content = Content {
            manifest: String::from_utf8(stored.bytes).map_err(Error::internal)?,
            history: parsed
                .as_ref()
                .map(|config| join_history(config, &view.layers))
                .unwrap_or_default(),
            // What has no readable config is no image config either.
            config,
            children: list_children(&view, &sizes),
            layers: view.layers,
            annotations: view.annotations,
        };
        Ok((content, parsed))
    }

    /// The image config, seen through its link to the repository; none where there is none or it is no JSON object.
    async fn read_config(
        &self,
        right: &Granted<Pull>,
        view: &Manifest,
    ) -> Result<Option<String>, Error> {
        let Some(config) = view.config.as_ref().filter(|config| is_image(config)) else {
            return Ok(None);
        };
        let (right, digest) = (right.clone(), config.digest);
        let linked = self
            .db
            .read(move |tx| blobs::find_linked_blob(tx, &right, &digest));
        if linked.await.map_err(Error::from)?.is_none() {
            return Ok(None);
        }
        let bytes = self.read_small_blob(&digest, MAX_CONFIG).await?;
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        Ok(text.filter(|text| ImageConfig::parse(text.as_bytes()).is_some()))
    }
}

/// A manifest, and the sizes of an index's images.
pub(super) type Stored = (StoredManifest, HashMap<Digest, u64>);

pub(super) fn load_stored(
    tx: &mut Tx<'_>,
    right: &Granted<Pull>,
    digest: &Digest,
) -> Result<Stored, Error> {
    let stored = manifests::find_manifest(tx, right, digest)?.ok_or(Error::NotFound)?;
    let sizes = tags::list_child_sizes(tx, right, digest)?;
    Ok((stored, sizes))
}

fn is_image(config: &Descriptor) -> bool {
    matches!(
        config.media_type.as_str(),
        media_type::OCI_CONFIG | media_type::DOCKER_CONFIG
    )
}

fn list_children(view: &Manifest, sizes: &HashMap<Digest, u64>) -> Vec<Child> {
    view.children
        .iter()
        .map(|child| Child {
            digest: child.digest,
            media_type: child.media_type.clone(),
            platform: child.platform.as_ref().map(ToString::to_string),
            size: sizes.get(&child.digest).copied().unwrap_or(child.size),
        })
        .collect()
}
