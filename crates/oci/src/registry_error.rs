//! One error of the registry protocol and its JSON form (distribution-spec "Error Codes").
//!
//! It says only what a client may read; causes that belong in a log stay with whoever caught them.

use crate::{DigestError, ErrorCode, NameError, ReferenceError, TagError};
use serde::Serialize;
use serde_json::Value;
use std::borrow::Cow;

/// An answer other than success, ready to be rendered.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct RegistryError {
    code: ErrorCode,
    message: Cow<'static, str>,
    detail: Option<Value>,
    status: u16,
    allow: &'static [&'static str],
}

impl RegistryError {
    /// An error with the status its code usually has.
    pub fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> RegistryError {
        RegistryError {
            code,
            message: message.into(),
            detail: None,
            status: code.status(),
            allow: &[],
        }
    }

    /// The same error with data a client can act on.
    pub fn with_detail(mut self, detail: Value) -> RegistryError {
        self.detail = Some(detail);
        self
    }

    /// The same error sent with another status, such as 413 for a manifest that is too large.
    pub fn with_status(mut self, status: u16) -> RegistryError {
        self.status = status;
        self
    }

    /// 405: the path exists, but not for this method (RFC 9110 §15.5.6 asks for the list).
    pub fn method_not_allowed(allow: &'static [&'static str]) -> RegistryError {
        RegistryError {
            allow,
            ..RegistryError::new(
                ErrorCode::Unsupported,
                "this method is not supported on this path",
            )
        }
    }

    pub fn code(&self) -> ErrorCode {
        self.code
    }

    pub fn message(&self) -> &str {
        &self.message
    }

    pub fn detail(&self) -> Option<&Value> {
        self.detail.as_ref()
    }

    pub fn status(&self) -> u16 {
        self.status
    }

    /// Methods for the `Allow` header; empty except after [`RegistryError::method_not_allowed`].
    pub fn allow(&self) -> &'static [&'static str] {
        self.allow
    }

    /// The body to send, `{"errors":[…]}`.
    pub fn to_json(&self) -> String {
        render_errors(std::slice::from_ref(self))
    }
}

#[derive(Serialize)]
struct Body<'a> {
    errors: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    code: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a Value>,
}

/// The body for several errors at once, such as every blob a manifest names in vain.
pub fn render_errors(errors: &[RegistryError]) -> String {
    let errors = errors
        .iter()
        .map(|error| Entry {
            code: error.code.as_str(),
            message: &error.message,
            detail: error.detail.as_ref(),
        })
        .collect();
    // Texts and JSON values always serialize: no map with keys other than texts is involved.
    serde_json::to_string(&Body { errors }).unwrap_or_default()
}

impl From<DigestError> for RegistryError {
    fn from(error: DigestError) -> RegistryError {
        RegistryError::new(ErrorCode::DigestInvalid, error.to_string())
    }
}

impl From<NameError> for RegistryError {
    fn from(error: NameError) -> RegistryError {
        RegistryError::new(ErrorCode::NameInvalid, error.to_string())
    }
}

impl From<TagError> for RegistryError {
    fn from(error: TagError) -> RegistryError {
        RegistryError::new(ErrorCode::TagInvalid, error.to_string())
    }
}

impl From<ReferenceError> for RegistryError {
    fn from(error: ReferenceError) -> RegistryError {
        match error {
            ReferenceError::Tag(error) => error.into(),
            ReferenceError::Digest(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_body_has_the_form_of_the_specification() {
        let plain = RegistryError::new(ErrorCode::BlobUnknown, "no such blob");
        let detailed = RegistryError::new(ErrorCode::ManifestBlobUnknown, "say \"which\"")
            .with_detail(json!({"digest": "sha256:…"}))
            .with_status(404);
        assert_eq!(
            plain.to_json(),
            r#"{"errors":[{"code":"BLOB_UNKNOWN","message":"no such blob"}]}"#
        );
        assert_eq!((plain.status(), detailed.status()), (404, 404));
        let body: Value = serde_json::from_str(&render_errors(&[plain, detailed])).expect("JSON");
        assert_eq!(
            body["errors"][1],
            json!({"code": "MANIFEST_BLOB_UNKNOWN", "message": "say \"which\"", "detail": {"digest": "sha256:…"}})
        );
    }
}
