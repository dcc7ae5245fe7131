//! The servers that may have what a registry has: its mirrors, then itself.
//!
//! Pure. Called by everything that builds a URL.

use crate::{ClientError, Registries, RegistryHost, Result};
use wharf_oci::RepositoryName;

/// One server that speaks the protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// Its name: what is dialed, and whose credentials are sent.
    pub(crate) host: RegistryHost,
    pub(crate) scheme: Scheme,
    /// Goes before each repository's name.
    pub(crate) prefix: Option<RepositoryName>,
    pub(crate) is_mirror: bool,
}

/// How a server is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    Https,
    Http,
    /// Https, and http when that does not answer; the other way round on this machine.
    Either,
}

impl Endpoint {
    /// Where something of this registry can be pulled from, in order; the registry itself is the last.
    pub(crate) fn list_for_pull(registries: &Registries, registry: &RegistryHost) -> Vec<Endpoint> {
        let mirrors = registries.find(registry).map(|own| own.mirrors.as_slice());
        let mirrors = mirrors.unwrap_or_default().iter().map(|mirror| Endpoint {
            host: mirror.host.clone(),
            scheme: match mirror.plain_http {
                true => Scheme::Http,
                false => choose_scheme(registries, &mirror.host),
            },
            prefix: mirror.prefix.clone(),
            is_mirror: true,
        });
        mirrors
            .chain([Endpoint::origin(registries, registry)])
            .collect()
    }

    /// The registry itself.
    pub(crate) fn origin(registries: &Registries, registry: &RegistryHost) -> Endpoint {
        Endpoint {
            host: registry.clone(),
            scheme: choose_scheme(registries, registry),
            prefix: None,
            is_mirror: false,
        }
    }

    /// What a repository is called there.
    ///
    /// # Errors
    /// When the name becomes too long with the mirror's prefix.
    pub(crate) fn name(&self, repository: &RepositoryName) -> Result<RepositoryName> {
        let Some(prefix) = &self.prefix else {
            return Ok(repository.clone());
        };
        let whole = format!("{prefix}/{repository}");
        whole
            .parse()
            .map_err(|error: wharf_oci::NameError| ClientError::ImageName {
                text: whole.clone(),
                reason: error.to_string(),
            })
    }

    /// Whether credentials may go there without TLS: only where the settings or the machine itself say so.
    pub(crate) fn trusts_plain_http(&self) -> bool {
        self.scheme != Scheme::Https
    }
}

fn choose_scheme(registries: &Registries, host: &RegistryHost) -> Scheme {
    match registries.is_insecure(host) {
        true => Scheme::Either,
        false => Scheme::Https,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RegistrySettings;

    #[test]
    fn mirrors_come_first_and_each_speaks_as_it_is_configured() {
        let host = |text: &str| text.parse::<RegistryHost>().expect(text);
        let mirrors = [
            "http://10.0.0.5:5000",
            "harbor.example/hub",
            "localhost:5000",
        ];
        let hub = RegistrySettings {
            mirrors: mirrors
                .iter()
                .map(|text| text.parse().expect(text))
                .collect(),
            ..RegistrySettings::default()
        };
        let insecure = RegistrySettings {
            insecure: true,
            ..RegistrySettings::default()
        };
        let registries = Registries::new([
            (RegistryHost::docker_hub(), hub),
            (host("lab.example"), insecure),
        ]);
        let list = Endpoint::list_for_pull(&registries, &RegistryHost::docker_hub());
        let shown: Vec<_> = list
            .iter()
            .map(|e| (e.host.as_str(), e.scheme, e.is_mirror))
            .collect();
        assert_eq!(
            shown,
            [
                ("10.0.0.5:5000", Scheme::Http, true),
                ("harbor.example", Scheme::Https, true),
                ("localhost:5000", Scheme::Either, true),
                ("docker.io", Scheme::Https, false),
            ]
        );
        let alpine = "library/alpine".parse().expect("a name");
        assert_eq!(
            list[1].name(&alpine).expect("it fits").as_str(),
            "hub/library/alpine"
        );
        assert_eq!(
            Endpoint::origin(&registries, &host("lab.example")).scheme,
            Scheme::Either
        );
    }
}
