//! Requests for manifests and blobs: by which reference, with which tags.

use super::Operation;
use crate::{
    Digest, ErrorCode, Reference, RegistryError, Tag,
    path::{decode_segment, parse_name},
    query::Query,
};

pub(super) fn parse_manifest(
    method: &str,
    name: &str,
    reference: &str,
    query: Query<'_>,
) -> Result<Operation, RegistryError> {
    if !matches!(method, "GET" | "HEAD" | "PUT" | "DELETE") {
        return Err(RegistryError::method_not_allowed(&[
            "GET", "HEAD", "PUT", "DELETE",
        ]));
    }
    let repository = parse_name(name)?;
    let parsed = decode_segment(reference, ErrorCode::ManifestInvalid)
        .and_then(|text| Ok(text.parse::<Reference>()?));
    match method {
        "PUT" => {
            let reference = parsed?;
            let tags = parse_push_tags(&reference, query)?;
            Ok(Operation::PutManifest {
                repository,
                reference,
                tags,
            })
        }
        "DELETE" => Ok(Operation::DeleteManifest {
            repository,
            reference: parsed?,
        }),
        _ => Ok(Operation::GetManifest {
            repository,
            reference: parsed
                .map_err(|error| report_unreadable(ErrorCode::ManifestUnknown, &error))?,
            head: method == "HEAD",
        }),
    }
}

/// The `tag` parameters of a push by digest (end-7b), each once, in the order given.
fn parse_push_tags(reference: &Reference, query: Query<'_>) -> Result<Vec<Tag>, RegistryError> {
    let mut tags: Vec<Tag> = Vec::new();
    for value in query.list_values("tag", ErrorCode::TagInvalid) {
        if matches!(reference, Reference::Tag(_)) {
            return Err(RegistryError::new(
                ErrorCode::TagInvalid,
                "the query parameter tag is for pushes by digest",
            ));
        }
        let tag: Tag = value?.parse()?;
        if tags.contains(&tag) {
            continue;
        }
        if tags.len() == Operation::MAX_PUSH_TAGS {
            let message = format!("one push sets at most {} tags", Operation::MAX_PUSH_TAGS);
            return Err(RegistryError::new(ErrorCode::TagInvalid, message).with_status(414));
        }
        tags.push(tag);
    }
    Ok(tags)
}

pub(super) fn parse_blob(
    method: &str,
    name: &str,
    digest: &str,
) -> Result<Operation, RegistryError> {
    if !matches!(method, "GET" | "HEAD" | "DELETE") {
        return Err(RegistryError::method_not_allowed(&[
            "GET", "HEAD", "DELETE",
        ]));
    }
    let repository = parse_name(name)?;
    let parsed: Result<Digest, RegistryError> = decode_segment(digest, ErrorCode::DigestInvalid)
        .and_then(|text| Ok(text.parse::<Digest>()?));
    if method == "DELETE" {
        return Ok(Operation::DeleteBlob {
            repository,
            digest: parsed?,
        });
    }
    Ok(Operation::GetBlob {
        repository,
        digest: parsed.map_err(|error| report_unreadable(ErrorCode::BlobUnknown, &error))?,
        head: method == "HEAD",
    })
}

/// Nothing can be stored under a malformed reference, so reading by one finds nothing.
fn report_unreadable(code: ErrorCode, error: &RegistryError) -> RegistryError {
    RegistryError::new(code, error.message().to_owned())
}
