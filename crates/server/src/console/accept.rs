//! Which of the encodings that files were built in a client takes (RFC 9110 section 12.5.3).

use http::{HeaderMap, header::ACCEPT_ENCODING};

/// An encoding that files are built in, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Brotli,
    Gzip,
}

impl Encoding {
    pub(super) const ALL: [Self; 2] = [Self::Brotli, Self::Gzip];

    /// Its name in headers.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// What names of files in it end with.
    pub(super) fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
        }
    }

    /// Whether the client takes it. One that says nothing takes nothing; `*` is not believed, since whoever sends it may
    /// know none of ours.
    pub(super) fn is_taken(self, headers: &HeaderMap) -> bool {
        headers
            .get_all(ACCEPT_ENCODING)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|line| line.split(','))
            .any(|entry| {
                let (name, weight) = entry.split_once(';').unwrap_or((entry, ""));
                name.trim().eq_ignore_ascii_case(self.as_str()) && !is_zero(weight)
            })
    }
}

fn is_zero(weight: &str) -> bool {
    let value = weight.trim().strip_prefix("q=");
    value.is_some_and(|value| value.parse::<f32>().is_ok_and(|weight| weight == 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoding_is_taken_when_it_is_named_and_not_excluded() {
        let takes = |line: &str, encoding: Encoding| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, line.parse().unwrap());
            encoding.is_taken(&headers)
        };
        assert!(takes("gzip, deflate, br, zstd", Encoding::Brotli));
        assert!(takes("GZIP;q=0.5", Encoding::Gzip));
        for line in ["", "*", "br;q=0", "br; q=0.000", "brotli", "identity"] {
            assert!(!takes(line, Encoding::Brotli), "{line}");
        }
        assert!(!Encoding::Gzip.is_taken(&HeaderMap::new()));
    }
}
