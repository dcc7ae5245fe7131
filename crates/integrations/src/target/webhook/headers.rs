//! Headers that people give to a webhook.

use super::payload::PayloadShape;
use crate::Secret;
use crate::target::error::TargetError;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue};
use std::fmt;

/// The most headers of one webhook. Receivers ask for one or two; with hundreds, requests would be refused by whatever
/// stands in front of them.
pub const MOST_HEADERS: usize = 20;

/// The longest value of one, in bytes. Tokens have up to some thousand; servers take about 8 KiB for all together.
const LONGEST_VALUE: usize = 4096;

/// What belongs to the connection (RFC 9110, section 7.6.1), to the request as it is sent, or to us.
const RESERVED: [&str; 13] = [
    "connection",
    "content-encoding",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// A header with its value, which is a secret. Debug shows the name alone.
#[derive(Clone)]
pub struct TargetHeader {
    name: HeaderName,
    value: HeaderValue,
    secret: Secret,
}

impl TargetHeader {
    /// Reads a header.
    ///
    /// # Errors
    /// [`TargetError::Header`] for a name that is none or not to be set, and for a value that is empty, too long, or has
    /// line breaks or other control characters.
    pub fn parse(name: &str, value: &Secret) -> Result<TargetHeader, TargetError> {
        let refuse = |reason| TargetError::Header {
            name: name.chars().take(64).filter(|c| !c.is_control()).collect(),
            reason,
        };
        let parsed: HeaderName = name
            .parse()
            .map_err(|_| refuse("this is no name of a header"))?;
        if RESERVED.contains(&parsed.as_str()) {
            return Err(refuse("it belongs to the connection"));
        }
        if parsed.as_str().starts_with("webhook-") {
            return Err(refuse("wharf sets it"));
        }
        let text = value.expose();
        if text.trim().is_empty() {
            return Err(refuse("it has no value"));
        }
        if text.len() > LONGEST_VALUE {
            return Err(refuse("its value is too long"));
        }
        let mut header = HeaderValue::from_str(text)
            .ok()
            .filter(|_| text.bytes().all(|byte| (0x20..0x7f).contains(&byte)))
            .ok_or_else(|| refuse("its value has line breaks, or characters that no header has"))?;
        header.set_sensitive(true);
        Ok(TargetHeader {
            name: parsed,
            value: header,
            secret: value.clone(),
        })
    }

    /// The name, in lower case.
    pub fn name(&self) -> &HeaderName {
        &self.name
    }

    pub(super) fn value(&self) -> &HeaderValue {
        &self.value
    }

    pub(super) fn secret(&self) -> &Secret {
        &self.secret
    }
}

impl fmt::Debug for TargetHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ********", self.name)
    }
}

/// What they have to be together.
pub(super) fn check_headers(
    headers: &[TargetHeader],
    payload: &PayloadShape,
) -> Result<(), TargetError> {
    if headers.len() > MOST_HEADERS {
        return Err(TargetError::Header {
            name: String::new(),
            reason: "there are too many headers",
        });
    }
    for (index, header) in headers.iter().enumerate() {
        let refuse = |reason| TargetError::Header {
            name: header.name.to_string(),
            reason,
        };
        if headers[..index]
            .iter()
            .any(|other| other.name == header.name)
        {
            return Err(refuse("it is there twice"));
        }
        if header.name == CONTENT_TYPE && !matches!(payload, PayloadShape::Template(_)) {
            return Err(refuse("this payload has its own"));
        }
    }
    Ok(())
}

/// What a person says that the template makes.
pub(super) fn find_content_type(headers: &[TargetHeader]) -> Option<&str> {
    let header = headers.iter().find(|header| header.name == CONTENT_TYPE)?;
    Some(header.secret.expose())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(name: &str, value: &str) -> Result<TargetHeader, TargetError> {
        TargetHeader::parse(name, &Secret::new(value))
    }

    #[test]
    fn a_header_is_kept_and_its_value_is_not_shown() {
        let header = parse("Authorization", "Bearer s3cret").expect("a header");
        assert_eq!(header.name(), "authorization");
        assert_eq!(format!("{header:?}"), "authorization: ********");
        assert_eq!(format!("{:?}", header.value()), "Sensitive");
    }

    #[test]
    fn what_belongs_to_the_connection_to_us_or_to_nobody_is_refused() {
        for name in [
            "Host",
            "Content-Length",
            "transfer-encoding",
            "Connection",
            "Upgrade",
            "Expect",
            "Proxy-Authorization",
            "webhook-id",
            "Webhook-Signature",
            "",
            "a b",
            "a:b",
            "x\r\ny",
        ] {
            let error = parse(name, "value").expect_err(name);
            assert!(matches!(error, TargetError::Header { .. }), "{name}");
        }
        for value in [
            "",
            " ",
            "a\r\nX-Evil: 1",
            "a\nb",
            "a\0b",
            "ü",
            &"a".repeat(LONGEST_VALUE + 1),
        ] {
            let error = parse("x-key", value).expect_err(value);
            assert!(
                !value.trim().is_empty() && value.len() < 9 || !error.to_string().contains("aaa")
            );
            assert!(matches!(error, TargetError::Header { .. }), "{value:?}");
        }
    }

    #[test]
    fn a_header_twice_too_many_and_a_second_content_type_are_refused() {
        let one = || parse("x-key", "value").expect("a header");
        let check = |headers: &[TargetHeader], payload| check_headers(headers, &payload).is_ok();
        assert!(check(&[one()], PayloadShape::Harbor));
        assert!(!check(&[one(), one()], PayloadShape::Harbor));
        let many: Vec<_> = (0..=MOST_HEADERS)
            .map(|number| parse(&format!("x-{number}"), "value").expect("a header"))
            .collect();
        assert!(!check(&many, PayloadShape::Harbor));
        let content_type = [parse("Content-Type", "text/plain").expect("a header")];
        assert!(!check(&content_type, PayloadShape::Harbor));
        assert!(check(&content_type, PayloadShape::Template(String::new())));
    }
}
