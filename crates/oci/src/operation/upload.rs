//! Requests that start, continue and end an upload session.

use super::Operation;
use crate::{
    Algorithm, Digest, DigestError, ErrorCode, RegistryError, path::parse_name, query::Query,
};

pub(super) fn parse_start_upload(name: &str, query: Query<'_>) -> Result<Operation, RegistryError> {
    let repository = parse_name(name)?;
    let mut mount = parse_digest(query, "mount")?;
    let digest = parse_digest(query, "digest")?;
    let named = match query.find_value("digest-algorithm", ErrorCode::DigestInvalid)? {
        None => None,
        Some(text) => Some(Algorithm::parse(&text).ok_or(DigestError::Algorithm)?),
    };
    if let (Some(named), Some(digest)) = (named, digest)
        && named != digest.algorithm()
    {
        return Err(RegistryError::new(
            ErrorCode::DigestInvalid,
            "digest and digest-algorithm name different algorithms",
        ));
    }
    // What is to be mounted tells which hash the upload will need when the mount cannot be done.
    let algorithm = named
        .or_else(|| digest.or(mount).map(|digest| digest.algorithm()))
        .unwrap_or_default();
    let mut from = None;
    if mount.is_some()
        && let Some(text) = query.find_value("from", ErrorCode::NameInvalid)?
    {
        match text.parse() {
            Ok(name) => from = Some(name),
            // No repository has such a name, so there is nothing to mount from: a plain upload begins, as it does
            // whenever a mount cannot be done (end-11). It must not become a mount from anywhere.
            Err(_) => mount = None,
        }
    }
    Ok(Operation::StartUpload {
        repository,
        mount,
        from,
        digest,
        algorithm,
    })
}

fn parse_digest(query: Query<'_>, key: &'static str) -> Result<Option<Digest>, RegistryError> {
    match query.find_value(key, ErrorCode::DigestInvalid)? {
        None => Ok(None),
        Some(text) => Ok(Some(text.parse()?)),
    }
}

pub(super) fn parse_upload(
    method: &str,
    name: &str,
    session: &str,
    query: Query<'_>,
) -> Result<Operation, RegistryError> {
    if !matches!(method, "GET" | "HEAD" | "PATCH" | "PUT" | "DELETE") {
        return Err(RegistryError::method_not_allowed(&[
            "GET", "HEAD", "PATCH", "PUT", "DELETE",
        ]));
    }
    let repository = parse_name(name)?;
    let session = parse_session(session)?;
    match method {
        "PATCH" => Ok(Operation::WriteUpload {
            repository,
            session,
        }),
        "PUT" => Ok(Operation::FinishUpload {
            repository,
            session,
            digest: parse_digest(query, "digest")?.ok_or_else(|| {
                RegistryError::new(
                    ErrorCode::DigestInvalid,
                    "closing an upload needs the query parameter digest",
                )
            })?,
        }),
        "DELETE" => Ok(Operation::CancelUpload {
            repository,
            session,
        }),
        _ => Ok(Operation::UploadStatus {
            repository,
            session,
        }),
    }
}

/// A session id as this registry could have given it out: short, and of characters that are safe in a file name.
fn parse_session(raw: &str) -> Result<String, RegistryError> {
    const MAX_LEN: usize = 128;
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if raw.len() <= MAX_LEN && raw.bytes().all(is_safe) {
        Ok(raw.to_owned())
    } else {
        Err(RegistryError::new(
            ErrorCode::BlobUploadUnknown,
            "no such upload",
        ))
    }
}
