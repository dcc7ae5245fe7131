//! Where a code host is: scheme, host, port, and the path below which it lives.
//!
//! Pure. A company's GitLab or Gitea often lives below a path (`https://intra.example/git`).

use super::error::ForgeError;
use super::kind::ForgeKind;
use std::fmt;
use url::{Origin, Url};

/// The address of a code host as people know it (not the one of its API), without a slash at its end.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ForgeAddress {
    url: Url,
}

impl ForgeAddress {
    /// Reads `https://host[:port][/path]`; a text without a scheme gets `https://`.
    ///
    /// # Errors
    /// [`ForgeError::Address`] for anything but http and https, and for an address with a user, a query or a fragment:
    /// those are where tokens hide.
    pub fn parse(text: &str) -> Result<ForgeAddress, ForgeError> {
        let refuse = |reason| ForgeError::Address {
            // What was written may be a URL with a token in it, so only its host is shown again.
            host: find_host(text),
            reason,
        };
        let trimmed = text.trim();
        let with_scheme = match trimmed.contains("://") {
            true => trimmed.to_owned(),
            false => format!("https://{trimmed}"),
        };
        let mut url = Url::parse(&with_scheme).map_err(|_| refuse("it is not a URL"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refuse("only http and https are spoken"));
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(refuse("it names no host"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse(
                "it carries a user name; the token is given separately",
            ));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refuse("it carries a query or a fragment"));
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(ForgeAddress { url })
    }

    /// Where everybody looks first; none for Gitea, which is hosted by whoever uses it.
    pub fn default_of(kind: ForgeKind) -> Option<ForgeAddress> {
        let text = match kind {
            ForgeKind::GitHub => "https://github.com",
            ForgeKind::GitLab => "https://gitlab.com",
            ForgeKind::Gitea => return None,
        };
        ForgeAddress::parse(text).ok()
    }

    /// The address as a URL.
    pub fn as_url(&self) -> &Url {
        &self.url
    }

    /// `host` or `host:port`, for messages.
    pub fn host(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        match self.url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    /// Whether requests go without TLS.
    pub fn is_plain_http(&self) -> bool {
        self.url.scheme() == "http"
    }

    /// Below which URL the API of this kind is.
    ///
    /// GitHub: `api.github.com` for github.com, `api.SUBDOMAIN.ghe.com` for Enterprise Cloud with data residency,
    /// `/api/v3` on Enterprise Server (docs.github.com, "Getting started with the REST API" of each product).
    pub(crate) fn api_base(&self, kind: ForgeKind) -> Url {
        let mut url = self.url.clone();
        let host = url.host_str().unwrap_or_default().to_owned();
        let path = self.url.path().trim_end_matches('/').to_owned();
        let is_plain_host = url.port().is_none() && path.is_empty();
        match kind {
            ForgeKind::GitHub
                if is_plain_host && matches!(&*host, "github.com" | "www.github.com") =>
            {
                // Setting a constant host of a special scheme cannot fail.
                let _ = url.set_host(Some("api.github.com"));
            }
            ForgeKind::GitHub
                if is_plain_host && host.ends_with(".ghe.com") && !host.starts_with("api.") =>
            {
                let _ = url.set_host(Some(&format!("api.{host}")));
            }
            ForgeKind::GitHub => url.set_path(&format!("{path}/api/v3")),
            ForgeKind::GitLab => url.set_path(&format!("{path}/api/v4")),
            ForgeKind::Gitea => url.set_path(&format!("{path}/api/v1")),
        }
        url
    }

    /// A page of the host itself, for what is not part of the API.
    pub(crate) fn page(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        let base = self.url.path().trim_end_matches('/');
        url.set_path(&format!("{base}/{path}"));
        url
    }

    /// Whether a URL belongs to this host.
    pub(crate) fn is_origin_of(&self, url: &Url) -> bool {
        matches!(url.origin(), Origin::Tuple(..)) && url.origin() == self.url.origin()
    }
}

impl fmt::Display for ForgeAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.url.as_str().trim_end_matches('/'))
    }
}

/// The part of a text that can only be a host.
fn find_host(text: &str) -> String {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    host.chars().filter(|c| !c.is_control()).take(100).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api(kind: ForgeKind, text: &str) -> String {
        let address = ForgeAddress::parse(text).expect(text);
        address.api_base(kind).to_string()
    }

    #[test]
    fn the_api_of_each_product_is_where_its_makers_put_it() {
        for (kind, text, expected) in [
            (ForgeKind::GitHub, "github.com", "https://api.github.com/"),
            (
                ForgeKind::GitHub,
                "https://acme.ghe.com/",
                "https://api.acme.ghe.com/",
            ),
            (
                ForgeKind::GitHub,
                "https://git.acme.example",
                "https://git.acme.example/api/v3",
            ),
            (
                ForgeKind::GitHub,
                "http://127.0.0.1:4000",
                "http://127.0.0.1:4000/api/v3",
            ),
            (
                ForgeKind::GitLab,
                "https://gitlab.com",
                "https://gitlab.com/api/v4",
            ),
            (
                ForgeKind::GitLab,
                "http://intra.example/git/",
                "http://intra.example/git/api/v4",
            ),
            (
                ForgeKind::Gitea,
                "https://codeberg.org",
                "https://codeberg.org/api/v1",
            ),
        ] {
            assert_eq!(api(kind, text), expected, "{text}");
        }
    }

    #[test]
    fn addresses_that_could_hide_a_token_are_refused_without_repeating_it() {
        for text in [
            "https://me:hush@git.example/",
            "https://hush@git.example",
            "https://git.example/?private_token=hush",
            "https://git.example/#hush",
            "ftp://git.example/hush",
            "https://",
            "file:///hush",
        ] {
            let error = ForgeAddress::parse(text).expect_err(text);
            assert!(!error.to_string().contains("hush"), "{error}");
        }
    }

    #[test]
    fn an_address_prints_as_people_write_it() {
        for (text, expected) in [
            ("https://git.example/", "https://git.example"),
            ("HTTP://Git.Example:3000/a/", "http://git.example:3000/a"),
        ] {
            assert_eq!(ForgeAddress::parse(text).expect(text).to_string(), expected);
        }
    }
}
