//! The service account that a token belongs to.
//!
//! Pure. Read from the token without verifying it: the cluster does that, here it only names whom a manifest grants
//! something. Tokens are JSON web tokens whose subject is `system:serviceaccount:NAMESPACE:NAME` (kubernetes.io,
//! "Managing Service Accounts", "Bound service account tokens").

use super::access::ClusterCredential;
use super::name::{KubeNamespace, ObjectName};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

/// A service account of a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KubeAccount {
    pub namespace: KubeNamespace,
    pub name: ObjectName,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
}

impl ClusterCredential {
    /// Whose it is, as it says itself; `None` for certificates and for tokens of somebody else.
    pub fn find_account(&self) -> Option<KubeAccount> {
        let ClusterCredential::Token(token) = self else {
            return None;
        };
        let mut parts = token.expose().split('.');
        let (_, claims, _) = (parts.next()?, parts.next()?, parts.next()?);
        let claims = URL_SAFE_NO_PAD.decode(claims).ok()?;
        let claims: Claims = serde_json::from_slice(&claims).ok()?;
        let (namespace, name) = claims
            .sub
            .strip_prefix("system:serviceaccount:")?
            .split_once(':')?;
        Some(KubeAccount {
            namespace: namespace.parse().ok()?,
            name: name.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_says_whose_it_is() {
        let find = |claims: &str| {
            let token = format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims));
            let credential = ClusterCredential::read_token(&token).expect("a token");
            credential.find_account()
        };
        let account = find(r#"{"sub":"system:serviceaccount:tools:wharf","exp":1}"#).expect("one");
        assert_eq!(
            (account.namespace.as_str(), account.name.as_str()),
            ("tools", "wharf")
        );
        for claims in [
            r#"{"sub":"system:node:a"}"#,
            r#"{"sub":"system:serviceaccount:tools"}"#,
            r#"{"sub":"system:serviceaccount:a\nb:c"}"#,
            "{}",
            "",
        ] {
            assert_eq!(find(claims), None, "{claims}");
        }
        let opaque = ClusterCredential::read_token("abcdef.0123456789abcdef").expect("a token");
        assert_eq!(opaque.find_account(), None);
    }
}
