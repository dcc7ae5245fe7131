//! The keys of one `--output`, taken one by one; what is left in the end is unknown.

use std::collections::BTreeMap;
use std::path::PathBuf;

use wharf_client::ImageName;
use wharf_layer::Compression;

use super::{Destination, LayerOptions, OPTION, Output, OutputKind};
use crate::commands::build::options::OptionProblem;
use wharf_dockerfile::values::parse_flag;

/// Keys that change nothing here, with the reason: tools write them out of habit.
const WITHOUT_EFFECT: [&str; 8] = [
    // Layers that a build makes are always made anew in the compression that was asked for.
    "force-compression",
    // There is one store.
    "unpack",
    // No attestations yet, so their form is of no matter.
    "attestation-inline",
    "attestation-prefix",
    "oci-artifact",
    "buildinfo",
    "buildinfo-attrs",
    "prefer-image-digest",
];

pub(super) struct Attributes<'a> {
    text: &'a str,
    left: BTreeMap<String, String>,
}

impl<'a> Attributes<'a> {
    pub(super) fn new(text: &'a str, pairs: Vec<(String, String)>) -> Self {
        Attributes {
            text,
            left: pairs.into_iter().collect(),
        }
    }

    pub(super) fn refuse(&self, key: &'static str) -> OptionProblem {
        OptionProblem::new(key, OPTION, self.text)
    }

    /// Refuses a key that is known and not served.
    pub(super) fn refuse_key(
        &mut self,
        name: &str,
        key: &'static str,
    ) -> Result<(), OptionProblem> {
        match self.take(name) {
            Some(_) => Err(self.refuse(key).with("field", name)),
            None => Ok(()),
        }
    }

    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        self.left.remove(name)
    }

    pub(super) fn take_switch(&mut self, name: &str) -> Result<Option<bool>, OptionProblem> {
        let Some(word) = self.take(name) else {
            return Ok(None);
        };
        match word.as_str() {
            "" => Ok(Some(true)),
            word => parse_flag(word)
                .map(Some)
                .ok_or_else(|| self.refuse("output_value").with("field", name)),
        }
    }

    pub(super) fn take_destination(&mut self) -> Result<Option<Destination>, OptionProblem> {
        match self.take("dest").as_deref() {
            None => Ok(None),
            Some("") => Err(self.refuse("output_dest")),
            Some("-") => Ok(Some(Destination::Stdout)),
            Some(path) => Ok(Some(Destination::Path(PathBuf::from(path)))),
        }
    }

    /// Everything that all kinds have; unknown keys are refused.
    pub(super) fn finish(mut self, kind: OutputKind) -> Result<Output, OptionProblem> {
        let names = self.take_names()?;
        let layers = LayerOptions {
            compression: self.take_compression()?,
            docker_media_types: self.take_switch("oci-mediatypes")?.map(|oci| !oci),
            rewrite_timestamp: self.take_switch("rewrite-timestamp")?,
        };
        self.refuse_key("name-canonical", "output_later")?;
        self.refuse_key("dangling-name-prefix", "output_later")?;
        self.refuse_key("registry.insecure", "output_insecure")?;
        let annotations = self.take_prefixed("annotation.");
        let index_annotations = self.take_prefixed("annotation-index.");
        let mut unknown = self
            .left
            .keys()
            .filter(|name| !WITHOUT_EFFECT.contains(&name.as_str()));
        if let Some(name) = unknown.next() {
            return Err(self.refuse("output_field").with("field", name));
        }
        Ok(Output {
            kind,
            names,
            layers,
            annotations,
            index_annotations,
        })
    }

    fn take_names(&mut self) -> Result<Vec<ImageName>, OptionProblem> {
        let Some(names) = self.take("name") else {
            return Ok(Vec::new());
        };
        names
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .map(|name| {
                name.parse().map_err(|error: wharf_client::ClientError| {
                    self.refuse("tag").with("reason", error.to_string())
                })
            })
            .collect()
    }

    fn take_compression(&mut self) -> Result<Option<Compression>, OptionProblem> {
        let level = match self.take("compression-level") {
            None => None,
            Some(text) => Some(text.parse::<i32>().map_err(|_| {
                self.refuse("output_value")
                    .with("field", "compression-level")
            })?),
        };
        let kind = self.take("compression");
        let default_or =
            |default: Compression, make: fn(i32) -> Compression| Some(level.map_or(default, make));
        match kind.as_deref() {
            None if level.is_none() => Ok(None),
            None | Some("gzip") => Ok(default_or(Compression::DEFAULT_GZIP, |level| {
                Compression::Gzip { level }
            })),
            Some("zstd") => Ok(default_or(Compression::DEFAULT_ZSTD, |level| {
                Compression::Zstd { level }
            })),
            Some("uncompressed") => Ok(Some(Compression::None)),
            Some("estargz") => Err(self.refuse("output_estargz")),
            Some(_) => Err(self.refuse("output_value").with("field", "compression")),
        }
    }

    fn take_prefixed(&mut self, prefix: &str) -> Vec<(String, String)> {
        let names: Vec<String> = self
            .left
            .keys()
            .filter(|name| name.starts_with(prefix))
            .cloned()
            .collect();
        names
            .into_iter()
            .filter_map(|name| {
                let value = self.left.remove(&name)?;
                Some((name[prefix.len()..].to_owned(), value))
            })
            .collect()
    }
}
