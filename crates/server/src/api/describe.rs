//! What the OpenAPI document says about answers other than success. Handlers name those that they can give.

use super::problem::PROBLEM_JSON;
use std::collections::BTreeMap;
use utoipa::{
    IntoResponses,
    openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder},
};

type Responses = BTreeMap<String, RefOr<Response>>;

fn problems(list: &[(u16, &str)]) -> Responses {
    let content = || {
        let schema = Ref::from_schema_name("Problem");
        ContentBuilder::new().schema(Some(schema)).build()
    };
    list.iter()
        .map(|(status, description)| {
            let response = ResponseBuilder::new()
                .description(*description)
                .content(PROBLEM_JSON, content());
            (status.to_string(), response.build().into())
        })
        .collect()
}

/// What every request may hear.
pub(super) struct Common;

impl IntoResponses for Common {
    fn responses() -> Responses {
        problems(&[
            (
                400,
                "A parameter, a field or the path cannot be used (`invalid_field`, `unknown_field`), or it names a host that wharf may not dial (`egress_refused`)",
            ),
            (
                401,
                "Nobody signed in, or with a credential that is not valid (`unauthenticated`)",
            ),
            (403, "The caller may not do this (`denied`)"),
            (
                429,
                "Too many failed sign-ins (`too_many_attempts`); see `Retry-After`",
            ),
            (500, "A fault of the server (`internal`)"),
            (
                503,
                "The server cannot do this now (`busy`, `unavailable`); see `Retry-After`",
            ),
        ])
    }
}

/// What a request may hear that names something.
pub(super) struct Missing;

impl IntoResponses for Missing {
    fn responses() -> Responses {
        problems(&[(
            404,
            "It does not exist, or the caller may not know that it does (`not_found`)",
        )])
    }
}

/// What a request may hear that changes something.
pub(super) struct Clashing;

impl IntoResponses for Clashing {
    fn responses() -> Responses {
        problems(&[(
            409,
            "It clashes with what is there (`conflict`, `limit_reached`)",
        )])
    }
}

/// What a request may hear that brings a body.
pub(super) struct BadBody;

impl IntoResponses for BadBody {
    fn responses() -> Responses {
        problems(&[
            (413, "The body is larger than 1 MiB (`too_large`)"),
            (415, "The body is not JSON (`unsupported_media_type`)"),
        ])
    }
}

/// What a request may hear for which another machine is asked.
pub(super) struct Asking;

impl IntoResponses for Asking {
    fn responses() -> Responses {
        problems(&[(
            502,
            "The code host or registry did not do what was asked (`upstream`)",
        )])
    }
}
