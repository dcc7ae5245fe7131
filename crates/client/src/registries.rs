//! The settings `[registries."HOST"]`: mirrors, insecure, ca_file.
//!
//! Values only; whoever reads the configuration makes them, [`Client`](crate::Client) follows them.

use crate::{ClientError, RegistryHost};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::str::FromStr;
use url::Url;
use wharf_egress::HostSettings;
use wharf_oci::RepositoryName;

/// What is special about one registry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RegistrySettings {
    /// Asked in this order before the registry itself when something is pulled; nothing is pushed to them.
    pub mirrors: Vec<Mirror>,
    /// Its certificate is not verified, and plain http is spoken when https does not answer.
    pub insecure: bool,
    /// Authorities that are believed for it beside the system's.
    pub ca_file: Option<PathBuf>,
}

/// The settings of all registries; those without any have the defaults.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Registries(BTreeMap<RegistryHost, RegistrySettings>);

impl Registries {
    pub fn new(settings: impl IntoIterator<Item = (RegistryHost, RegistrySettings)>) -> Registries {
        Registries(settings.into_iter().collect())
    }

    pub fn find(&self, registry: &RegistryHost) -> Option<&RegistrySettings> {
        self.0.get(registry)
    }

    pub(crate) fn is_insecure(&self, registry: &RegistryHost) -> bool {
        registry.is_this_machine() || self.find(registry).is_some_and(|own| own.insecure)
    }

    /// What the way out has to know of it: goes into [`EgressSettings::hosts`](wharf_egress::EgressSettings).
    pub fn host_settings(&self) -> Vec<(String, HostSettings)> {
        let expand = |(registry, own): (&RegistryHost, &RegistrySettings)| {
            let settings = HostSettings {
                insecure: own.insecure,
                ca_file: own.ca_file.clone(),
            };
            // Docker Hub gives out its tokens under another name.
            let tokens = registry.is_docker_hub().then_some("auth.docker.io");
            std::iter::once(registry.server())
                .chain(tokens)
                .map(|host| (host.to_owned(), settings.clone()))
                .collect::<Vec<_>>()
        };
        self.0.iter().flat_map(expand).collect()
    }
}

/// A registry that has copies of another's images.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirror {
    pub host: RegistryHost,
    /// Written as `http://…`.
    pub plain_http: bool,
    /// Goes before the repository's name, for servers that mirror several registries (`https://harbor.example/hub`).
    pub prefix: Option<RepositoryName>,
}

impl FromStr for Mirror {
    type Err = ClientError;

    /// Reads `https://host[:port][/path]`, `http://…` or `host[:port][/path]`.
    ///
    /// # Errors
    /// [`ClientError::Mirror`] for anything else, such as a URL with a password in it.
    fn from_str(text: &str) -> Result<Mirror, ClientError> {
        let fail = || ClientError::Mirror {
            text: hide_password(text),
        };
        let trimmed = text.trim().trim_end_matches('/');
        let (plain_http, rest) = match trimmed.split_once("://") {
            Some(("https", rest)) => (false, rest),
            Some(("http", rest)) => (true, rest),
            Some(_) => return Err(fail()),
            None => (false, trimmed),
        };
        let (host, path) = match rest.split_once('/') {
            Some((host, path)) => (host, Some(path)),
            None => (rest, None),
        };
        // Clients of other makers want the protocol's own prefix written out.
        let path = match path {
            Some("v2") => None,
            Some(path) => Some(path.strip_prefix("v2/").unwrap_or(path)),
            None => None,
        };
        Ok(Mirror {
            host: host.parse().map_err(|_| fail())?,
            plain_http,
            prefix: path
                .map(str::parse)
                .transpose()
                .map_err(|_: wharf_oci::NameError| fail())?,
        })
    }
}

fn hide_password(text: &str) -> String {
    match Url::parse(text) {
        Ok(mut url) if url.password().is_some() => {
            let _ = url.set_password(Some("********"));
            url.to_string()
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mirrors_are_urls_or_hosts_with_an_optional_path() {
        for (text, host, plain_http, prefix) in [
            ("mirror.example", "mirror.example", false, None),
            ("https://mirror.example/", "mirror.example", false, None),
            ("http://10.0.0.5:5000", "10.0.0.5:5000", true, None),
            ("harbor.example/hub", "harbor.example", false, Some("hub")),
            (
                "https://harbor.example/v2/hub/",
                "harbor.example",
                false,
                Some("hub"),
            ),
            ("https://mirror.example/v2/", "mirror.example", false, None),
        ] {
            let mirror: Mirror = text.parse().expect(text);
            assert_eq!(
                (mirror.host.as_str(), mirror.plain_http),
                (host, plain_http),
                "{text}"
            );
            assert_eq!(
                mirror.prefix.as_ref().map(RepositoryName::as_str),
                prefix,
                "{text}"
            );
        }
    }

    #[test]
    fn other_texts_are_refused_and_passwords_in_them_are_not_shown() {
        for text in ["", "ftp://a", "https://", "a/B", "https://a?x=1"] {
            assert!(text.parse::<Mirror>().is_err(), "{text}");
        }
        let error = "https://me:hush@mirror.example"
            .parse::<Mirror>()
            .expect_err("a password");
        assert!(!error.to_string().contains("hush"), "{error}");
    }

    #[test]
    fn settings_of_docker_hub_hold_for_the_hosts_behind_the_name() {
        let settings = RegistrySettings {
            ca_file: Some("/ca.pem".into()),
            ..RegistrySettings::default()
        };
        let registries = Registries::new([(RegistryHost::docker_hub(), settings)]);
        let hosts: Vec<_> = registries
            .host_settings()
            .into_iter()
            .map(|(host, _)| host)
            .collect();
        assert_eq!(hosts, ["registry-1.docker.io", "auth.docker.io"]);
    }
}
