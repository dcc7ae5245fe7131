//! The path grammar of `/v2`, read from the right.
//!
//! Repository names have any depth and their components may be called `blobs`, `tags`, `manifests`, `uploads` or
//! `referrers`, so only the last segments can tell what a path means; whatever stands before them is the name.

use crate::{ErrorCode, RegistryError, RepositoryName, percent::decode_percent};
use std::borrow::Cow;

/// What a path points at, before anything but the shape is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Path<'a> {
    Root,
    Catalog,
    Tags { name: &'a str },
    Manifest { name: &'a str, reference: &'a str },
    Blob { name: &'a str, digest: &'a str },
    Uploads { name: &'a str },
    Upload { name: &'a str, session: &'a str },
    Referrers { name: &'a str, digest: &'a str },
}

impl<'a> Path<'a> {
    /// The shape of a path, or `None` when no endpoint has it.
    pub(crate) fn parse(path: &'a str) -> Option<Path<'a>> {
        let rest = match path.strip_prefix("/v2")? {
            "" | "/" => return Some(Path::Root),
            rest => rest.strip_prefix('/')?,
        };
        if rest == "_catalog" {
            return Some(Path::Catalog);
        }
        let (before, last) = rest.rsplit_once('/')?;
        // Without a name before the keyword there is no repository; the empty name is refused as a name later.
        let (name, keyword) = before.rsplit_once('/').unwrap_or(("", before));
        match keyword {
            "manifests" if !last.is_empty() => Some(Path::Manifest {
                name,
                reference: last,
            }),
            "tags" if last == "list" => Some(Path::Tags { name }),
            "referrers" if !last.is_empty() => Some(Path::Referrers { name, digest: last }),
            // The specification's path ends in a slash; clients that normalize paths drop it.
            "blobs" if last == "uploads" => Some(Path::Uploads { name }),
            "blobs" if !last.is_empty() => Some(Path::Blob { name, digest: last }),
            "uploads" => {
                let (name, keyword) = name.rsplit_once('/').unwrap_or(("", name));
                match (keyword, last) {
                    ("blobs", "") => Some(Path::Uploads { name }),
                    ("blobs", session) => Some(Path::Upload { name, session }),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

/// The repository a path names.
///
/// # Errors
/// `NAME_INVALID` for everything the grammar does not allow. An escaped slash is refused, not decoded: proxies
/// disagree about it, and access rules written for one reading must not be passed by the other.
pub(crate) fn parse_name(raw: &str) -> Result<RepositoryName, RegistryError> {
    if !raw.contains('%') {
        return Ok(raw.parse()?);
    }
    let refuse = || {
        RegistryError::new(
            ErrorCode::NameInvalid,
            "the repository name is badly encoded",
        )
    };
    let decoded = decode_percent(raw).ok_or_else(refuse)?;
    if decoded.matches('/').count() != raw.matches('/').count() {
        return Err(refuse());
    }
    Ok(decoded.parse()?)
}

/// One decoded path segment other than the name.
pub(crate) fn decode_segment(raw: &str, code: ErrorCode) -> Result<Cow<'_, str>, RegistryError> {
    decode_percent(raw)
        .ok_or_else(|| RegistryError::new(code, "the last path segment is badly encoded"))
}
