//! What a request to `/v2` asks for, as one typed value.
//!
//! A request is parsed once, here, before anybody decides about rights or looks anything up; what comes out holds only
//! well-formed names, tags and digests. The headers and the body are not looked at.

use crate::{
    Algorithm, Digest, ErrorCode, Page, Reference, RegistryError, RepositoryName, Tag,
    path::{Path, decode_segment, parse_name},
    query::Query,
};

/// One operation of the protocol (distribution-spec "Endpoints").
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// end-1
    Ping,
    /// Docker Registry HTTP API V2, "Listing Repositories"
    Catalog { page: Page },
    /// end-8a, end-8b
    ListTags {
        repository: RepositoryName,
        page: Page,
    },
    /// end-3
    GetManifest {
        repository: RepositoryName,
        reference: Reference,
        head: bool,
    },
    /// end-7a; `tags` (end-7b) is empty unless the reference is a digest
    PutManifest {
        repository: RepositoryName,
        reference: Reference,
        tags: Vec<Tag>,
    },
    /// end-9
    DeleteManifest {
        repository: RepositoryName,
        reference: Reference,
    },
    /// end-2
    GetBlob {
        repository: RepositoryName,
        digest: Digest,
        head: bool,
    },
    /// end-10
    DeleteBlob {
        repository: RepositoryName,
        digest: Digest,
    },
    /// end-4a, end-4b, end-4c, end-11; `from` is there only with `mount`
    StartUpload {
        repository: RepositoryName,
        mount: Option<Digest>,
        from: Option<RepositoryName>,
        digest: Option<Digest>,
        algorithm: Algorithm,
    },
    /// end-13
    UploadStatus {
        repository: RepositoryName,
        session: String,
    },
    /// end-5
    WriteUpload {
        repository: RepositoryName,
        session: String,
    },
    /// end-6
    FinishUpload {
        repository: RepositoryName,
        session: String,
        digest: Digest,
    },
    /// end-14
    CancelUpload {
        repository: RepositoryName,
        session: String,
    },
    /// end-12a, end-12b
    ListReferrers {
        repository: RepositoryName,
        digest: Digest,
        artifact_type: Option<String>,
        page: Page,
    },
}

impl Operation {
    /// Tags of one push by digest. The specification asks for ten at least; each costs a row in the push's transaction.
    pub const MAX_PUSH_TAGS: usize = 100;

    /// The operation a request line asks for. `path` and `query` are as received, still percent-encoded.
    ///
    /// # Errors
    /// 404 for a path that is no endpoint; 405 with [`RegistryError::allow`] for a method an endpoint does not have;
    /// 400 for names, digests, tags and numbers that are not well formed — except that reading by a reference which
    /// nothing can have is 404, as for any other content that is not there.
    pub fn parse(
        method: &str,
        path: &str,
        query: Option<&str>,
    ) -> Result<Operation, RegistryError> {
        let query = Query(query);
        let path = Path::parse(path).ok_or_else(|| {
            RegistryError::new(ErrorCode::Unsupported, "no such endpoint").with_status(404)
        })?;
        match path {
            Path::Root => match method {
                "GET" | "HEAD" => Ok(Operation::Ping),
                _ => Err(RegistryError::method_not_allowed(&["GET", "HEAD"])),
            },
            Path::Catalog => match method {
                "GET" | "HEAD" => Ok(Operation::Catalog {
                    page: Page::parse(query, ErrorCode::NameInvalid)?,
                }),
                _ => Err(RegistryError::method_not_allowed(&["GET", "HEAD"])),
            },
            Path::Tags { name } => match method {
                "GET" | "HEAD" => Ok(Operation::ListTags {
                    repository: parse_name(name)?,
                    page: Page::parse(query, ErrorCode::TagInvalid)?,
                }),
                _ => Err(RegistryError::method_not_allowed(&["GET", "HEAD"])),
            },
            Path::Manifest { name, reference } => parse_manifest(method, name, reference, query),
            Path::Blob { name, digest } => parse_blob(method, name, digest),
            Path::Uploads { name } => match method {
                "POST" => parse_start_upload(name, query),
                _ => Err(RegistryError::method_not_allowed(&["POST"])),
            },
            Path::Upload { name, session } => parse_upload(method, name, session, query),
            Path::Referrers { name, digest } => match method {
                "GET" | "HEAD" => Ok(Operation::ListReferrers {
                    repository: parse_name(name)?,
                    digest: decode_segment(digest, ErrorCode::DigestInvalid)?.parse()?,
                    artifact_type: query
                        .find_value("artifactType", ErrorCode::ManifestInvalid)?
                        .map(|text| text.into_owned()),
                    page: Page::parse(query, ErrorCode::DigestInvalid)?,
                }),
                _ => Err(RegistryError::method_not_allowed(&["GET", "HEAD"])),
            },
        }
    }

    /// The repository the operation is about; none for [`Operation::Ping`] and [`Operation::Catalog`].
    pub fn repository(&self) -> Option<&RepositoryName> {
        match self {
            Operation::Ping | Operation::Catalog { .. } => None,
            Operation::ListTags { repository, .. }
            | Operation::GetManifest { repository, .. }
            | Operation::PutManifest { repository, .. }
            | Operation::DeleteManifest { repository, .. }
            | Operation::GetBlob { repository, .. }
            | Operation::DeleteBlob { repository, .. }
            | Operation::StartUpload { repository, .. }
            | Operation::UploadStatus { repository, .. }
            | Operation::WriteUpload { repository, .. }
            | Operation::FinishUpload { repository, .. }
            | Operation::CancelUpload { repository, .. }
            | Operation::ListReferrers { repository, .. } => Some(repository),
        }
    }

    /// The operation's id, for logs, metrics and tables.
    pub const fn name(&self) -> &'static str {
        match self {
            Operation::Ping => "ping",
            Operation::Catalog { .. } => "list_catalog",
            Operation::ListTags { .. } => "list_tags",
            Operation::GetManifest { .. } => "get_manifest",
            Operation::PutManifest { .. } => "put_manifest",
            Operation::DeleteManifest { .. } => "delete_manifest",
            Operation::GetBlob { .. } => "get_blob",
            Operation::DeleteBlob { .. } => "delete_blob",
            Operation::StartUpload { .. } => "start_upload",
            Operation::UploadStatus { .. } => "get_upload",
            Operation::WriteUpload { .. } => "write_upload",
            Operation::FinishUpload { .. } => "finish_upload",
            Operation::CancelUpload { .. } => "cancel_upload",
            Operation::ListReferrers { .. } => "list_referrers",
        }
    }
}

fn parse_manifest(
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
        .and_then(|text| text.parse::<Reference>());
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

fn parse_blob(method: &str, name: &str, digest: &str) -> Result<Operation, RegistryError> {
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

fn parse_start_upload(name: &str, query: Query<'_>) -> Result<Operation, RegistryError> {
    let repository = parse_name(name)?;
    let mut mount = parse_digest(query, "mount")?;
    let digest = parse_digest(query, "digest")?;
    let named = match query.find_value("digest-algorithm", ErrorCode::DigestInvalid)? {
        None => None,
        Some(text) => Some(Algorithm::parse(&text).ok_or(crate::DigestError::Algorithm)?),
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

fn parse_upload(
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
