//! `--output`: what becomes of a build's result.

mod attributes;

use std::path::PathBuf;

use wharf_client::ImageName;
use wharf_layer::Compression;

use super::OptionProblem;
use super::fields::{split_fields, split_pairs};
use attributes::Attributes;

const OPTION: &str = "--output";

/// Where bytes go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::commands::build) enum Destination {
    Path(PathBuf),
    Stdout,
}

/// The forms of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::commands::build) enum OutputKind {
    /// In the local store, in registries, or both.
    Image {
        push: bool,
        store: bool,
        /// Pushed under its digest alone.
        by_digest: bool,
    },
    /// An OCI image layout, as one tar or as a directory.
    Oci { to: Destination, tar: bool },
    /// An archive that `docker load` takes; without a place it goes to the docker daemon itself.
    Docker { to: Option<Destination> },
    /// The files, in a directory; `split` makes a directory for each platform, `None` when there are several.
    Local { to: PathBuf, split: Option<bool> },
    /// The files, as a tar.
    Tar { to: Destination },
    /// Nothing but the cache.
    CacheOnly,
}

/// How layers are made. Layers are made once for all outputs, so outputs have to agree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::commands::build) struct LayerOptions {
    pub(in crate::commands::build) compression: Option<Compression>,
    /// Docker's media types instead of OCI's.
    pub(in crate::commands::build) docker_media_types: Option<bool>,
    pub(in crate::commands::build) rewrite_timestamp: Option<bool>,
}

/// One output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::commands::build) struct Output {
    pub(in crate::commands::build) kind: OutputKind,
    /// Names of its own; without any it has those of `--tag`.
    pub(in crate::commands::build) names: Vec<ImageName>,
    pub(in crate::commands::build) layers: LayerOptions,
    pub(in crate::commands::build) annotations: Vec<(String, String)>,
    pub(in crate::commands::build) index_annotations: Vec<(String, String)>,
}

impl Output {
    /// An output without anything special.
    pub(in crate::commands::build) fn plain(kind: OutputKind) -> Self {
        Output {
            kind,
            names: Vec::new(),
            layers: LayerOptions::default(),
            annotations: Vec::new(),
            index_annotations: Vec::new(),
        }
    }

    /// Whether it writes to standard output.
    pub(in crate::commands::build) fn uses_stdout(&self) -> bool {
        let to = match &self.kind {
            OutputKind::Oci { to, .. } | OutputKind::Tar { to } => Some(to),
            OutputKind::Docker { to } => to.as_ref(),
            _ => None,
        };
        to == Some(&Destination::Stdout)
    }
}

/// `type=TYPE[,KEY=VALUE…]`; a lone path is `type=local`, a lone `-` is `type=tar` on standard output.
pub(in crate::commands::build) fn read_output(text: &str) -> Result<Output, OptionProblem> {
    let fields = split_fields(OPTION, text)?;
    if fields.len() == 1 && fields[0] == text && !text.starts_with("type=") {
        let kind = match text {
            "-" => OutputKind::Tar {
                to: Destination::Stdout,
            },
            "" => return Err(OptionProblem::new("output_type", OPTION, text)),
            path => OutputKind::Local {
                to: PathBuf::from(path),
                split: None,
            },
        };
        return Ok(Output::plain(kind));
    }
    let mut attributes = Attributes::new(text, split_pairs(OPTION, text)?);
    let kind = attributes
        .take("type")
        .ok_or_else(|| OptionProblem::new("output_type", OPTION, text))?;
    let kind = match kind.as_str() {
        "image" | "registry" => OutputKind::Image {
            push: attributes
                .take_switch("push")?
                .unwrap_or(kind == "registry"),
            store: attributes.take_switch("store")?.unwrap_or(true),
            by_digest: attributes.take_switch("push-by-digest")?.unwrap_or(false),
        },
        "oci" => {
            let tar = attributes.take_switch("tar")?.unwrap_or(true);
            let to = attributes.take_destination()?;
            OutputKind::Oci {
                to: match to {
                    Some(Destination::Stdout) if !tar => {
                        return Err(attributes.refuse("output_dest"));
                    }
                    Some(to) => to,
                    None if tar => Destination::Stdout,
                    None => return Err(attributes.refuse("output_dest")),
                },
                tar,
            }
        }
        "docker" => {
            if attributes.take_switch("tar")? == Some(false) {
                return Err(attributes.refuse("output_docker_tar"));
            }
            attributes.refuse_key("context", "output_docker_context")?;
            OutputKind::Docker {
                to: attributes.take_destination()?,
            }
        }
        "local" => OutputKind::Local {
            to: match attributes.take_destination()? {
                Some(Destination::Path(path)) => path,
                _ => return Err(attributes.refuse("output_dest")),
            },
            split: attributes.take_switch("platform-split")?,
        },
        "tar" => OutputKind::Tar {
            to: attributes
                .take_destination()?
                .unwrap_or(Destination::Stdout),
        },
        "cacheonly" => OutputKind::CacheOnly,
        _ => return Err(attributes.refuse("output_unknown").with("type", kind)),
    };
    attributes.finish(kind)
}

#[cfg(test)]
mod tests;
