//! Where a cluster is and how one signs in to it: the part that may be shown, and the part that is sealed.
//!
//! Pure. Made from a kubeconfig, from a service account's token, or from what lies in this server's own pod; kept by the
//! caller, whose vault seals [`ClusterCredential::seal`].

use super::error::{ClusterError, Result};
use super::name::KubeNamespace;
use crate::Secret;
use serde::{Deserialize, Serialize};
use std::fmt;
use url::Url;

/// Longest address of an API server. Real ones have some forty characters, those of hosted platforms with a path twice
/// as many; a longer one is a mistake.
const LONGEST_SERVER: usize = 512;

/// Largest certificate, chain, key or token. A company's chain has some 8 KiB; more would be stored and sent for nothing.
const LARGEST_PART: usize = 64 * 1024;

/// Everything that it takes to talk to a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterAccess {
    pub server: ClusterServer,
    /// Who signed the server's certificate, in PEM; the system's authorities where nobody is named.
    pub ca: Option<Authority>,
    /// The namespace that the kubeconfig's context or the pod is in: a suggestion.
    pub namespace: Option<KubeNamespace>,
    pub credential: ClusterCredential,
}

/// The address of an API server: https, perhaps with a path, and nothing else.
#[derive(Clone, PartialEq, Eq)]
pub struct ClusterServer(Url);

/// Certificates that are believed, in PEM.
#[derive(Clone, PartialEq, Eq)]
pub struct Authority(String);

/// How a cluster knows who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClusterCredential {
    /// Sent with each request.
    Token(Secret),
    /// Shown when a connection is made.
    Certificate {
        /// PEM, with its chain.
        certificate: String,
        /// PEM.
        key: Secret,
    },
}

/// A credential as the vault gets it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    certificate: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

impl ClusterAccess {
    /// Access by a service account's token. `ca` is PEM, or PEM in base64 as `kubectl get secret` prints it.
    ///
    /// # Errors
    /// What is wrong with one of the parts.
    pub fn by_token(server: &str, ca: Option<&str>, token: &str) -> Result<ClusterAccess> {
        Ok(ClusterAccess {
            server: ClusterServer::read(server)?,
            ca: ca.map(Authority::read).transpose()?,
            namespace: None,
            credential: ClusterCredential::read_token(token)?,
        })
    }
}

impl ClusterServer {
    /// Reads `https://10.0.0.1:6443`, or an address with a path, as platforms that stand before many clusters have it.
    ///
    /// # Errors
    /// [`ClusterError::Address`].
    pub fn read(text: &str) -> Result<ClusterServer> {
        let refuse = |reason| ClusterError::Address { reason };
        let text = text.trim();
        if text.len() > LONGEST_SERVER {
            return Err(refuse("it is too long"));
        }
        let mut url = Url::parse(text).map_err(|_| refuse("it is not an https URL"))?;
        if url.scheme() != "https" {
            return Err(refuse("it is not an https URL"));
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(refuse("it names no host"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse("it has a name or password in it"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refuse("it has a query or fragment"));
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(ClusterServer(url))
    }

    /// The address.
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// `host:port`, as `[egress] allow` would name it.
    pub fn host(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        let port = self.0.port_or_known_default().unwrap_or(443);
        format!("{host}:{port}")
    }
}

impl fmt::Display for ClusterServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for ClusterServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Authority {
    /// Reads PEM, or PEM in base64.
    ///
    /// # Errors
    /// [`ClusterError::Credentials`] when there is no certificate in it.
    pub fn read(text: &str) -> Result<Authority> {
        let refuse = |reason| ClusterError::Credentials { reason };
        let pem = match text.contains("-----BEGIN") {
            true => text.to_owned(),
            false => read_base64(text).ok_or(refuse("the authority is neither PEM nor base64"))?,
        };
        match pem.contains("-----BEGIN CERTIFICATE-----") && pem.len() <= LARGEST_PART {
            true => Ok(Authority(pem)),
            false => Err(refuse("the authority is no certificate in PEM form")),
        }
    }

    /// The certificates.
    pub fn pem(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes of PEM", self.0.len())
    }
}

impl ClusterCredential {
    /// A bearer token.
    ///
    /// # Errors
    /// [`ClusterError::Credentials`] when it does not fit in a header.
    pub fn read_token(token: &str) -> Result<ClusterCredential> {
        let refuse = |reason| ClusterError::Credentials { reason };
        let token = token.trim();
        if token.is_empty() || token.len() > LARGEST_PART {
            return Err(refuse("the token is empty or too long"));
        }
        match token.bytes().all(|byte| byte.is_ascii_graphic()) {
            true => Ok(ClusterCredential::Token(Secret::new(token))),
            false => Err(refuse("the token has characters that no token has")),
        }
    }

    /// A client certificate and its key, both PEM.
    ///
    /// # Errors
    /// [`ClusterError::Credentials`] when one of them is something else.
    pub fn read_certificate(certificate: String, key: String) -> Result<ClusterCredential> {
        let refuse = |reason| ClusterError::Credentials { reason };
        if certificate.len() > LARGEST_PART || key.len() > LARGEST_PART {
            return Err(refuse("the client's certificate or key is too long"));
        }
        if !certificate.contains("-----BEGIN CERTIFICATE-----") {
            return Err(refuse("the client's certificate is not in PEM form"));
        }
        if !key.contains("PRIVATE KEY-----") || key.contains("ENCRYPTED") {
            return Err(refuse(
                "the client's key is not in PEM form, or has a password",
            ));
        }
        Ok(ClusterCredential::Certificate {
            certificate,
            key: Secret::new(key),
        })
    }

    /// What is to be sealed.
    pub fn seal(&self) -> Secret {
        let sealed = match self {
            ClusterCredential::Token(token) => Sealed {
                token: Some(token.expose().to_owned()),
                certificate: None,
                key: None,
            },
            ClusterCredential::Certificate { certificate, key } => Sealed {
                token: None,
                certificate: Some(certificate.clone()),
                key: Some(key.expose().to_owned()),
            },
        };
        Secret::new(serde_json::json!(sealed).to_string())
    }

    /// What [`ClusterCredential::seal`] made.
    ///
    /// # Errors
    /// [`ClusterError::Credentials`] for anything else.
    pub fn unseal(text: &Secret) -> Result<ClusterCredential> {
        let refuse = || ClusterError::Credentials {
            reason: "what is stored is no credential",
        };
        let sealed: Sealed = serde_json::from_str(text.expose()).map_err(|_| refuse())?;
        match (sealed.token, sealed.certificate, sealed.key) {
            (Some(token), None, None) => ClusterCredential::read_token(&token),
            (None, Some(certificate), Some(key)) => {
                ClusterCredential::read_certificate(certificate, key)
            }
            _ => Err(refuse()),
        }
    }

    /// What no text may repeat.
    pub(super) fn secret(&self) -> &Secret {
        match self {
            ClusterCredential::Token(token) => token,
            ClusterCredential::Certificate { key, .. } => key,
        }
    }
}

/// Text in base64, with line ends wherever they are.
pub(super) fn read_base64(text: &str) -> Option<String> {
    use base64::Engine as _;
    let text: String = text.split_whitespace().collect();
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(text)
        .ok()?;
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_https_and_nothing_beside_host_and_path() {
        let read = |text: &str| ClusterServer::read(text).map(|server| server.to_string());
        assert_eq!(
            read(" https://10.0.0.1:6443/ ").ok().as_deref(),
            Some("https://10.0.0.1:6443")
        );
        let path = "https://rancher.example/k8s/clusters/c-1";
        assert_eq!(read(path).ok().as_deref(), Some(path));
        for bad in [
            "",
            "10.0.0.1:6443",
            "http://10.0.0.1:6443",
            "file:///etc/passwd",
            "https://me:hush@10.0.0.1",
            "https://10.0.0.1?x",
            "https://10.0.0.1#x",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
        let server = ClusterServer::read("https://api.example").expect("an address");
        assert_eq!(server.host(), "api.example:443");
    }

    #[test]
    fn credentials_come_back_from_the_vault_and_show_nothing() {
        let key = "-----BEGIN PRIVATE KEY-----\nhush\n-----END PRIVATE KEY-----\n";
        let certificate = "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n";
        let by_certificate =
            ClusterCredential::read_certificate(certificate.to_owned(), key.to_owned());
        for credential in [
            ClusterCredential::read_token(" hush\n").expect("a token"),
            by_certificate.expect("a pair"),
        ] {
            let sealed = credential.seal();
            assert_eq!(
                ClusterCredential::unseal(&sealed).ok(),
                Some(credential.clone())
            );
            assert!(!format!("{credential:?} {sealed:?}").contains("hush"));
        }
        for bad in ["", "{}", "{\"token\":\"\"}", "{\"certificate\":\"x\"}"] {
            assert!(
                ClusterCredential::unseal(&Secret::new(bad)).is_err(),
                "{bad}"
            );
        }
        assert!(ClusterCredential::read_token("a\r\nb: c").is_err());
        assert!(
            ClusterCredential::read_certificate(key.to_owned(), certificate.to_owned()).is_err()
        );
    }

    #[test]
    fn an_authority_is_pem_or_pem_in_base64() {
        use base64::Engine as _;
        let pem = "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n";
        let text = base64::engine::general_purpose::STANDARD.encode(pem);
        for good in [pem, &text] {
            assert_eq!(Authority::read(good).expect(good).pem(), pem);
        }
        for bad in ["", "x", "-----BEGIN PRIVATE KEY-----", "aGVsbG8="] {
            assert!(Authority::read(bad).is_err(), "{bad}");
        }
    }
}
