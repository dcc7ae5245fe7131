//! `index.json`: the names and what they stand for.
//!
//! Entries and fields that other tools wrote are kept as they are. Both annotations of a name hold it in full: a tag
//! alone, which an archive of one image may have, would not tell the images of a store apart.

use std::io;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use wharf_oci::{Descriptor, Manifest, media_type};

/// image-spec `annotations.md`: what skopeo and podman find an image by.
pub(crate) const REF_NAME: &str = "org.opencontainers.image.ref.name";
/// containerd's: the whole name of an image.
pub(crate) const IMAGE_NAME: &str = "io.containerd.image.name";

/// The document.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Index {
    schema_version: u32,
    #[serde(default = "index_type")]
    media_type: String,
    #[serde(default, deserialize_with = "read_entries")]
    pub(crate) manifests: Vec<Entry>,
    #[serde(flatten)]
    other: Map<String, Value>,
}

/// One image: a descriptor as it was written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Entry(Map<String, Value>);

impl Default for Index {
    fn default() -> Self {
        Self {
            schema_version: 2,
            media_type: index_type(),
            manifests: Vec::new(),
            other: Map::new(),
        }
    }
}

impl Index {
    pub(crate) fn parse(bytes: &[u8]) -> io::Result<Self> {
        Ok(serde_json::from_slice(bytes)?)
    }

    pub(crate) fn render(&self) -> io::Result<Vec<u8>> {
        Ok(serde_json::to_vec(self)?)
    }

    /// Makes a name stand for a descriptor, and for nothing else.
    pub(crate) fn set(&mut self, name: &str, target: &Descriptor) -> io::Result<()> {
        let mut target = target.clone();
        for key in [REF_NAME, IMAGE_NAME] {
            target.annotations.insert(key.to_owned(), name.to_owned());
        }
        self.put(&target)
    }

    /// Adds an image with the name that its annotations say, in place of what had that name.
    pub(crate) fn put(&mut self, named: &Descriptor) -> io::Result<()> {
        let entry = Entry::new(named)?;
        let mut is_there = false;
        self.manifests.retain_mut(|old| {
            if old.name() != entry.name() {
                return true;
            }
            if !is_there {
                *old = entry.clone();
            }
            !std::mem::replace(&mut is_there, true)
        });
        if !is_there {
            self.manifests.push(entry);
        }
        Ok(())
    }

    /// Keeps an image that has no name, once.
    pub(crate) fn keep(&mut self, target: &Descriptor) -> io::Result<()> {
        let digest = target.digest.to_string();
        if !self
            .manifests
            .iter()
            .any(|entry| entry.digest() == Some(&digest))
        {
            self.manifests.push(Entry::new(target)?);
        }
        Ok(())
    }

    /// Whether there was such a name.
    pub(crate) fn remove(&mut self, name: &str) -> bool {
        let before = self.manifests.len();
        self.manifests.retain(|entry| entry.name() != Some(name));
        self.manifests.len() != before
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Entry> {
        self.manifests
            .iter()
            .find(|entry| entry.name() == Some(name))
    }
}

impl Entry {
    fn new(target: &Descriptor) -> io::Result<Self> {
        match serde_json::to_value(target)? {
            Value::Object(fields) => Ok(Self(fields)),
            _ => Err(io::Error::other("a descriptor is an object")),
        }
    }

    /// The whole name; other tools may have written only the other annotation.
    pub(crate) fn name(&self) -> Option<&str> {
        self.annotation(IMAGE_NAME)
            .or_else(|| self.annotation(REF_NAME))
    }

    pub(crate) fn annotation(&self, key: &str) -> Option<&str> {
        self.0.get("annotations")?.get(key)?.as_str()
    }

    pub(crate) fn digest(&self) -> Option<&str> {
        self.0.get("digest")?.as_str()
    }

    /// The descriptor, checked as those of a manifest are.
    pub(crate) fn descriptor(&self) -> io::Result<Descriptor> {
        let alone = serde_json::json!({ "schemaVersion": 2, "manifests": [self] });
        let parsed = Manifest::parse(Some(media_type::OCI_INDEX), alone.to_string().as_bytes());
        let parsed = parsed.map_err(|error| {
            io::Error::new(io::ErrorKind::InvalidData, error.message().to_owned())
        })?;
        let first = parsed.children.into_iter().next();
        first.ok_or_else(|| io::Error::other("one entry in, one out"))
    }
}

fn index_type() -> String {
    media_type::OCI_INDEX.to_owned()
}

/// `null` is an empty list to Go programs.
fn read_entries<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<Entry>, D::Error> {
    Option::deserialize(from).map(Option::unwrap_or_default)
}

#[cfg(test)]
mod tests {
    use wharf_oci::{Algorithm, Digest};

    use super::*;

    fn descriptor(text: &str) -> Descriptor {
        Descriptor {
            media_type: media_type::OCI_IMAGE.to_owned(),
            digest: Digest::of(Algorithm::Sha256, text.as_bytes()),
            size: text.len() as u64,
            urls: Vec::new(),
            annotations: Default::default(),
            data: None,
            artifact_type: None,
            platform: None,
        }
    }

    #[test]
    fn a_name_stands_for_one_descriptor_at_its_old_place() {
        let mut index = Index::default();
        for (name, text) in [("a", "1"), ("b", "2"), ("a", "3")] {
            index.set(name, &descriptor(text)).expect("set");
        }
        let names: Vec<_> = index.manifests.iter().map(|entry| entry.name()).collect();
        assert_eq!(names, [Some("a"), Some("b")]);
        let found = index
            .find("a")
            .expect("a")
            .descriptor()
            .expect("well formed");
        assert_eq!(found.digest, descriptor("3").digest);
        assert_eq!(found.annotations[REF_NAME], "a");
        assert!(index.remove("a") && !index.remove("a"));
        assert!(index.find("a").is_none());
    }

    #[test]
    fn what_other_tools_wrote_is_kept() {
        let text = r#"{"schemaVersion":2,"manifests":[{"digest":"sha256:zz","strange":[1]}],"annotations":{"k":"v"},"later":7}"#;
        let mut index = Index::parse(text.as_bytes()).expect("an index");
        index.set("a", &descriptor("1")).expect("set");
        let written: Value = serde_json::from_slice(&index.render().expect("bytes")).expect("JSON");
        assert_eq!(written["manifests"][0]["strange"][0], 1);
        assert_eq!(written["annotations"]["k"], "v");
        assert_eq!(written["later"], 7);
        assert!(
            index.manifests[0].descriptor().is_err(),
            "a bad digest is told"
        );
        let null =
            Index::parse(br#"{"schemaVersion":2,"manifests":null}"#).expect("Go's empty list");
        assert!(null.manifests.is_empty());
    }

    #[test]
    fn an_image_without_a_name_is_kept_once() {
        let mut index = Index::default();
        index.keep(&descriptor("1")).expect("kept");
        index.keep(&descriptor("1")).expect("kept");
        assert_eq!(index.manifests.len(), 1);
    }
}
