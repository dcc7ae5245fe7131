//! The codes of problem answers, and the status of each: a closed set that clients rely on.

use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

/// The codes; a client may rely on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ProblemCode {
    Unauthenticated,
    Denied,
    NotFound,
    InvalidField,
    UnknownField,
    Conflict,
    WeakPassword,
    WrongPassword,
    TooManyAttempts,
    TooManyRequests,
    LimitReached,
    TooLarge,
    Busy,
    Unavailable,
    Internal,
    UnsupportedMediaType,
    MethodNotAllowed,
    EgressRefused,
    Upstream,
}

impl ProblemCode {
    /// The word for it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Unauthenticated => "unauthenticated",
            Self::Denied => "denied",
            Self::NotFound => "not_found",
            Self::InvalidField => "invalid_field",
            Self::UnknownField => "unknown_field",
            Self::Conflict => "conflict",
            Self::WeakPassword => "weak_password",
            Self::WrongPassword => "wrong_password",
            Self::TooManyAttempts => "too_many_attempts",
            Self::TooManyRequests => "too_many_requests",
            Self::LimitReached => "limit_reached",
            Self::TooLarge => "too_large",
            Self::Busy => "busy",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::EgressRefused => "egress_refused",
            Self::Upstream => "upstream",
        }
    }

    /// The HTTP status of every answer with it.
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::InvalidField | Self::UnknownField | Self::WeakPassword | Self::EgressRefused => {
                StatusCode::BAD_REQUEST
            }
            Self::Upstream => StatusCode::BAD_GATEWAY,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Denied | Self::WrongPassword => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict | Self::LimitReached => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooManyAttempts | Self::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn the_codes_are_those_of_the_catalogue() {
        let code = |code: ProblemCode| code.as_str();
        for known in wharf_messages::PROBLEM_CODES {
            let value = Value::from(known);
            assert!(
                ALL.iter().any(|each| code(*each) == known
                    && serde_json::to_value(each).ok() == Some(value.clone())),
                "{known}"
            );
        }
        assert_eq!(ALL.len(), wharf_messages::PROBLEM_CODES.len());
    }

    const ALL: [ProblemCode; 19] = [
        ProblemCode::Unauthenticated,
        ProblemCode::Denied,
        ProblemCode::NotFound,
        ProblemCode::InvalidField,
        ProblemCode::UnknownField,
        ProblemCode::Conflict,
        ProblemCode::WeakPassword,
        ProblemCode::WrongPassword,
        ProblemCode::TooManyAttempts,
        ProblemCode::TooManyRequests,
        ProblemCode::LimitReached,
        ProblemCode::TooLarge,
        ProblemCode::Busy,
        ProblemCode::Unavailable,
        ProblemCode::Internal,
        ProblemCode::UnsupportedMediaType,
        ProblemCode::MethodNotAllowed,
        ProblemCode::EgressRefused,
        ProblemCode::Upstream,
    ];
}
