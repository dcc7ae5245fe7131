//! The `WWW-Authenticate` header: how a registry wants to be told who asks (RFC 9110 §11.6.1, distribution's token
//! specification).
//!
//! Pure. Called by the room that signs requests.

use http::HeaderMap;
use http::header::WWW_AUTHENTICATE;

/// What a 401 asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Challenge {
    Basic,
    /// A token of the server at `realm`.
    Bearer {
        realm: String,
        service: Option<String>,
    },
}

impl Challenge {
    /// The challenge of an answer; of several, the one for tokens. `None` when there is none that is understood.
    pub(crate) fn read(headers: &HeaderMap) -> Option<Challenge> {
        let mut found: Vec<Challenge> = headers
            .get_all(WWW_AUTHENTICATE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(parse_challenges)
            .collect();
        found.sort_by_key(|challenge| matches!(challenge, Challenge::Basic));
        found.into_iter().next()
    }
}

/// All challenges of one header value. Unknown schemes are skipped with their parameters.
fn parse_challenges(text: &str) -> Vec<Challenge> {
    let mut found = Vec::new();
    let mut scheme = String::new();
    let mut parameters: Vec<(String, String)> = Vec::new();
    for part in split_list(text) {
        let (first, rest) = match part.split_once(char::is_whitespace) {
            // A scheme stands alone in front; a space behind an equal sign belongs to a parameter.
            Some((first, rest)) if !first.contains('=') => (Some(first), rest.trim()),
            None if !part.contains('=') => (Some(part), ""),
            _ => (None, part),
        };
        if let Some(first) = first {
            found.extend(finish_challenge(&scheme, &parameters));
            scheme = first.to_ascii_lowercase();
            parameters.clear();
        }
        if let Some((name, value)) = rest.split_once('=') {
            parameters.push((name.trim().to_ascii_lowercase(), unquote(value.trim())));
        }
    }
    found.extend(finish_challenge(&scheme, &parameters));
    found
}

fn finish_challenge(scheme: &str, parameters: &[(String, String)]) -> Option<Challenge> {
    let find = |wanted: &str| {
        let mut named = parameters.iter().filter(|(name, _)| name == wanted);
        named.next().map(|(_, value)| value.clone())
    };
    match scheme {
        "basic" => Some(Challenge::Basic),
        "bearer" => Some(Challenge::Bearer {
            realm: find("realm")?,
            service: find("service").filter(|service| !service.is_empty()),
        }),
        _ => None,
    }
}

/// The parts between commas that stand outside of quotes.
fn split_list(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut quoted, mut escaped) = (0, false, false);
    for (offset, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b',' if !quoted => {
                parts.push(&text[start..offset]);
                start = offset + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
        .into_iter()
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect()
}

fn unquote(value: &str) -> String {
    let Some(inner) = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
    else {
        return value.to_owned();
    };
    let mut plain = String::with_capacity(inner.len());
    let mut rest = inner.chars();
    while let Some(c) = rest.next() {
        plain.extend(if c == '\\' { rest.next() } else { Some(c) });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bearer(realm: &str, service: Option<&str>) -> Challenge {
        Challenge::Bearer {
            realm: realm.to_owned(),
            service: service.map(str::to_owned),
        }
    }

    #[test]
    fn challenges_are_read_in_every_form_that_registries_write() {
        for (text, expected) in [
            (
                r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a:pull,push""#,
                vec![bearer(
                    "https://auth.docker.io/token",
                    Some("registry.docker.io"),
                )],
            ),
            (
                r#"bearer realm="https://a/t""#,
                vec![bearer("https://a/t", None)],
            ),
            (
                r#"Bearer realm=https://a/t, service="""#,
                vec![bearer("https://a/t", None)],
            ),
            (r#"Bearer service="x""#, vec![]),
            (r#"Basic realm="Registry Realm""#, vec![Challenge::Basic]),
            ("Basic", vec![Challenge::Basic]),
            (
                r#"Basic realm="a, b", Bearer realm="https://a/\"t", error="invalid_token""#,
                vec![Challenge::Basic, bearer("https://a/\"t", None)],
            ),
            (r#"Negotiate, Basic realm="x""#, vec![Challenge::Basic]),
            ("", vec![]),
        ] {
            assert_eq!(parse_challenges(text), expected, "{text}");
        }
    }

    #[test]
    fn of_several_challenges_the_one_for_tokens_is_taken() {
        let mut headers = HeaderMap::new();
        for value in [r#"Basic realm="x""#, r#"Bearer realm="https://a/t""#] {
            headers.append(WWW_AUTHENTICATE, value.parse().expect("a value"));
        }
        assert_eq!(Challenge::read(&headers), Some(bearer("https://a/t", None)));
    }

    proptest! {
        #[test]
        fn no_header_makes_the_reader_panic(text in "\\PC{0,60}") {
            parse_challenges(&text);
        }
    }
}
