//! What a request to `/v2` asks for, as one typed value.
//!
//! A request is parsed once, here, before anybody decides about rights or looks anything up; what comes out holds only
//! well-formed names, tags and digests. The headers and the body are not looked at.

mod content;
mod upload;

#[cfg(test)]
mod tests;

use crate::{
    Algorithm, Digest, ErrorCode, Page, Reference, RegistryError, RepositoryName, Tag,
    path::{Path, decode_segment, parse_name},
    query::Query,
};
use content::{parse_blob, parse_manifest};
use upload::{parse_start_upload, parse_upload};

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
