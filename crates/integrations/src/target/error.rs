//! What is wrong with a target, found before anything is sent.

use wharf_model::triggers::EventKind;

/// A target that cannot be used as it is. No text holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    #[error("this URL cannot be sent to: {reason}")]
    Url { reason: &'static str },
    #[error("the header {name:?} cannot be sent: {reason}")]
    Header { name: String, reason: &'static str },
    #[error("the secret cannot sign: {reason}")]
    SigningSecret { reason: &'static str },
    /// Found by [`check_template`](super::check_template), or while rendering.
    #[error("line {line} of the template: {reason}")]
    Template { line: usize, reason: String },
    /// The shape has no words for this kind of event.
    #[error("{shape} has no words for {kind}")]
    Unsupported {
        shape: &'static str,
        kind: EventKind,
    },
    #[error("the body has more than {limit} bytes")]
    TooLarge { limit: usize },
    #[error("{address:?} is no mail address that can be sent to: {reason}")]
    Recipient {
        address: String,
        reason: &'static str,
    },
    #[error("there are {reason}")]
    Recipients { reason: &'static str },
}

impl TargetError {
    /// A word for the kind of mistake, the same in each version.
    pub fn word(&self) -> &'static str {
        match self {
            TargetError::Url { .. } => "target_url",
            TargetError::Header { .. } => "target_header",
            TargetError::SigningSecret { .. } => "signing_secret",
            TargetError::Template { .. } => "template",
            TargetError::Unsupported { .. } => "unsupported_event",
            TargetError::TooLarge { .. } => "body_too_large",
            TargetError::Recipient { .. } | TargetError::Recipients { .. } => "recipient",
        }
    }

    /// What to do about it, in one line; `None` when the text says all there is.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            TargetError::Url { .. } => Some("write https://host/path, and credentials as a header"),
            TargetError::SigningSecret { .. } => {
                Some("leave it empty to have one made, or give whsec_ and 24 to 64 bytes in base64")
            }
            TargetError::Unsupported { .. } => {
                Some("choose the payload cloud_events or a template, or fewer kinds of events")
            }
            _ => None,
        }
    }
}
