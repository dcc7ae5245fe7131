//! `[metrics]`: who may read the numbers. Without either key `/metrics` answers nobody.

use std::net::SocketAddr;

use super::Secret;
use super::server::parse_listen;
use crate::config::problem::Complaint;
use crate::config::reader::Reader;
use crate::config::value::RawValue;

const SECTION: &str = "metrics";

/// Shorter tokens can be guessed by trying; longer ones are fine.
const TOKEN_MINIMUM: usize = 16;

/// `[metrics]` of `wharf.toml`.
#[derive(Clone, Debug, Default)]
pub(crate) struct MetricsConfig {
    /// A listener of its own, without a token, for a network that only operators reach.
    pub(crate) listen: Option<SocketAddr>,
    /// The Bearer token that opens `/metrics` on the main listener.
    pub(crate) token: Option<Secret>,
}

pub(super) fn read_metrics(reader: &mut Reader) -> MetricsConfig {
    MetricsConfig {
        listen: reader.take_optional(SECTION, "listen", parse_listen, SocketAddr::to_string),
        token: reader.take_optional(SECTION, "token", parse_token, |_| super::MASK.to_owned()),
    }
}

fn parse_token(value: &RawValue) -> Result<Secret, Complaint> {
    // Not `as_text` alone: its complaint about a wrong type would repeat the value.
    let (RawValue::Word(text) | RawValue::Text(text)) = value else {
        return Err(Complaint::new("config.token_type"));
    };
    if text.len() < TOKEN_MINIMUM || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Complaint::new("config.token_form").with("minimum", TOKEN_MINIMUM.to_string()));
    }
    Ok(Secret::new(text.as_str()))
}
