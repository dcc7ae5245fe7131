//! The methods of webhooks.

use http::Method;
use std::str::FromStr;

/// How a webhook is sent. Both carry a body; GET does not, and would be repeated by whatever looks at a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum WebhookMethod {
    /// What nearly every receiver wants.
    #[default]
    Post,
    /// For those that set a state.
    Put,
}

impl WebhookMethod {
    /// The word of HTTP.
    pub fn as_str(self) -> &'static str {
        match self {
            WebhookMethod::Post => "POST",
            WebhookMethod::Put => "PUT",
        }
    }

    pub(super) fn to_http(self) -> Method {
        match self {
            WebhookMethod::Post => Method::POST,
            WebhookMethod::Put => Method::PUT,
        }
    }
}

impl FromStr for WebhookMethod {
    type Err = ();

    fn from_str(text: &str) -> Result<WebhookMethod, ()> {
        match text {
            "POST" => Ok(WebhookMethod::Post),
            "PUT" => Ok(WebhookMethod::Put),
            _ => Err(()),
        }
    }
}
