//! Takes the secrets of a target out of everything that is kept or shown.
//!
//! Pure. A receiver may send back what it got, in another writing: each secret is looked for as it is, as JSON and HTML
//! write it, and percent-encoded.

use crate::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What stands for a secret.
pub(super) const MASKED: &str = "********";

/// Shorter texts are hidden where they stand, but not looked for elsewhere: `1` or `true` in a header would blot out
/// half of every body, and a secret that short guards nothing.
const SHORTEST: usize = 6;

/// The secrets of one request.
#[derive(Clone, Default)]
pub(super) struct Mask(Vec<String>);

impl Mask {
    /// Hides this text.
    pub(super) fn add(&mut self, secret: &str) {
        if secret.len() < SHORTEST {
            return;
        }
        let json = serde_json::to_string(secret).unwrap_or_default();
        let json = json.trim_matches('"');
        let decoded = percent_decode_str(secret).decode_utf8_lossy();
        for text in [
            secret,
            json,
            &json.replace('/', "\\/"),
            &utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
            &decoded,
            &escape_html(secret),
        ] {
            if text.len() >= SHORTEST && !self.0.iter().any(|known| known == text) {
                self.0.push(text.to_owned());
            }
        }
        // What contains another goes first.
        self.0.sort_by_key(|text| std::cmp::Reverse(text.len()));
    }

    /// Hides the value of a header, the credential behind its scheme, and what a Basic credential is made of.
    pub(super) fn add_header(&mut self, value: &Secret) {
        let value = value.expose().trim();
        self.add(value);
        let Some((scheme, credential)) = value.split_once(' ') else {
            return;
        };
        self.add(credential.trim());
        if scheme.eq_ignore_ascii_case("basic")
            && let Ok(pair) = STANDARD.decode(credential.trim())
            && let Ok(pair) = String::from_utf8(pair)
        {
            self.add(
                pair.split_once(':')
                    .map_or(&*pair, |(_, password)| password),
            );
        }
    }

    /// The text without the secrets.
    pub(super) fn apply(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.0 {
            if text.contains(secret) {
                text = text.replace(secret, MASKED);
            }
        }
        text
    }

    /// The same for a text whose end was cut off: the beginning of a secret may be left there.
    pub(super) fn apply_to_cut(&self, text: &str) -> String {
        let mut text = self.apply(text);
        let longest = self
            .0
            .iter()
            .filter_map(|secret| {
                (SHORTEST..secret.len())
                    .rev()
                    .filter(|length| secret.is_char_boundary(*length))
                    .find(|length| text.ends_with(&secret[..*length]))
            })
            .max();
        if let Some(length) = longest {
            text.truncate(text.len() - length);
        }
        text
    }
}

fn escape_html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask(secrets: &[&str]) -> Mask {
        let mut mask = Mask::default();
        for secret in secrets {
            mask.add(secret);
        }
        mask
    }

    #[test]
    fn a_secret_is_found_in_each_writing() {
        let mask = mask(&["s3cret/\"ü&<x>"]);
        for text in [
            "s3cret/\"ü&<x>",
            "s3cret/\\\"ü&<x>",
            "s3cret\\/\\\"ü&<x>",
            "s3cret%2F%22%C3%BC%26%3Cx%3E",
            "s3cret/&quot;ü&amp;&lt;x&gt;",
        ] {
            assert_eq!(mask.apply(&format!("a {text} b")), "a ******** b", "{text}");
        }
    }

    #[test]
    fn a_credential_is_hidden_without_its_scheme_too() {
        let mut mask = Mask::default();
        mask.add_header(&Secret::new("Bearer t0ken-t0ken"));
        let pair = STANDARD.encode("robot:p4ssword");
        mask.add_header(&Secret::new(format!("Basic {pair}")));
        let text = mask.apply(&format!("t0ken-t0ken {pair} p4ssword robot Bearer"));
        assert_eq!(text, "******** ******** ******** robot Bearer");
    }

    #[test]
    fn short_values_blot_out_nothing() {
        assert_eq!(mask(&["true", "1"]).apply("true 1"), "true 1");
    }

    #[test]
    fn the_beginning_of_a_secret_at_a_cut_is_cut_too() {
        let mask = mask(&["0123456789"]);
        assert_eq!(mask.apply_to_cut("text 0123456"), "text ");
        assert_eq!(mask.apply_to_cut("text 0123"), "text 0123");
        assert_eq!(mask.apply_to_cut("text 0123456789"), "text ********");
    }
}
