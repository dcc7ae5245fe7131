//! Names in a cluster, checked before they enter a path or a selector.
//!
//! Pure. The grammar is that of RFC 1123 as kubernetes.io has it ("Object Names and IDs"): labels for namespaces and
//! containers, subdomains for everything else, so that no name has a `/`, a `%` or a line's end.

use super::error::{ClusterError, Result};
use std::{fmt, str::FromStr, sync::Arc};

/// Longest label.
const LONGEST_LABEL: usize = 63;

/// Longest subdomain.
const LONGEST_SUBDOMAIN: usize = 253;

macro_rules! name {
    ($(#[$doc:meta])* $type:ident, $what:literal, $is_name:path) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(Arc<str>);

        impl $type {
            /// The name as given.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $type {
            type Err = ClusterError;

            fn from_str(text: &str) -> Result<Self> {
                match $is_name(text) {
                    true => Ok(Self(text.into())),
                    false => Err(ClusterError::Name {
                        what: $what,
                        text: text.chars().take(LONGEST_SUBDOMAIN).collect(),
                    }),
                }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }
    };
}

name!(
    /// The name of a namespace of a cluster.
    KubeNamespace,
    "a namespace of a cluster",
    is_label
);
name!(
    /// The name of a workload, a secret or an account.
    ObjectName,
    "an object of a cluster",
    is_subdomain
);
name!(
    /// The name of a container of a workload.
    ContainerName,
    "a container",
    is_label
);

fn is_label(text: &str) -> bool {
    text.len() <= LONGEST_LABEL && is_part(text)
}

/// Only the whole is bounded: a part of a subdomain may be longer than a label.
fn is_subdomain(text: &str) -> bool {
    text.len() <= LONGEST_SUBDOMAIN && text.split('.').all(is_part)
}

fn is_part(text: &str) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    bytes.iter().all(|byte| is_plain(byte) || *byte == b'-')
        && bytes.first().is_some_and(is_plain)
        && bytes.last().is_some_and(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h62_what_could_leave_its_place_in_a_path_is_no_name() {
        for good in ["a", "web-1", &"a".repeat(63)] {
            assert!(good.parse::<KubeNamespace>().is_ok(), "{good}");
            assert!(good.parse::<ContainerName>().is_ok(), "{good}");
            assert!(good.parse::<ObjectName>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "-a",
            "a-",
            "A",
            "a_b",
            "a/b",
            "..",
            "a..b",
            ".a",
            "a%2f",
            "a\n",
            "{{ tag }}",
            "a?b",
            "é",
            &"a".repeat(254),
        ] {
            assert!(bad.parse::<KubeNamespace>().is_err(), "{bad}");
            assert!(bad.parse::<ContainerName>().is_err(), "{bad}");
            assert!(bad.parse::<ObjectName>().is_err(), "{bad}");
        }
        assert!("a.b".parse::<ObjectName>().is_ok());
        assert!("a.b".parse::<KubeNamespace>().is_err());
        assert!("a".repeat(64).parse::<ContainerName>().is_err());
    }
}
