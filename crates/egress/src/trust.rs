//! Whose certificates are believed: the system's, extra authorities, and for some hosts anybody's; and which one is
//! shown to a host.
//!
//! Reads files once, when the [`Egress`](crate::Egress) is made. Called by it alone.

use crate::allow::{fold_host, join_host_port};
use crate::error::EgressError;
use reqwest::{Certificate, Identity};
use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The largest file of certificates that is read: the system's whole bundle has 250 KiB, a company's fits many times;
/// without a bound a wrong path (a device, a disk image) would fill the memory.
const LARGEST_FILE: u64 = 8 * 1024 * 1024;

/// What is special about one host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostSettings {
    /// Its certificate is not verified, and it may redirect to plain http on itself.
    pub insecure: bool,
    /// Authorities that are believed for it beside the system's.
    pub ca_file: Option<PathBuf>,
}

/// How the certificate of one host is judged.
#[derive(Clone, Default)]
pub(crate) struct Trust {
    pub(crate) insecure: bool,
    pub(crate) authorities: Vec<Certificate>,
    /// Somebody said by whom its certificate is signed, and so wants that checked.
    pub(crate) has_own: bool,
    /// Nobody else's signature counts, the system's authorities included.
    pub(crate) is_sole: bool,
    /// What is shown to it.
    pub(crate) identity: Option<Identity>,
}

/// The settings of all hosts with their files read.
#[derive(Clone, Default)]
pub(crate) struct TrustStore {
    everywhere: Vec<Certificate>,
    hosts: HashMap<String, HostTrust>,
}

#[derive(Clone, Default)]
struct HostTrust {
    insecure: bool,
    authorities: Vec<Certificate>,
    is_sole: bool,
    identity: Option<Identity>,
}

impl TrustStore {
    pub(crate) fn load(
        ca_files: &[PathBuf],
        hosts: &[(String, HostSettings)],
    ) -> Result<TrustStore, EgressError> {
        let mut store = TrustStore::default();
        for path in ca_files {
            store.everywhere.extend(read_certificates(path)?);
        }
        for (host, settings) in hosts {
            let authorities = match &settings.ca_file {
                Some(path) => read_certificates(path)?,
                None => Vec::new(),
            };
            let insecure = settings.insecure;
            store.hosts.insert(
                fold_key(host),
                HostTrust {
                    insecure,
                    authorities,
                    ..HostTrust::default()
                },
            );
        }
        Ok(store)
    }

    /// The same with the certificates of `pem` believed for one host, by `host` or `host:port`.
    pub(crate) fn with_authority(&self, host: &str, pem: &[u8]) -> Result<TrustStore, EgressError> {
        let found = read_bundle(host, pem)?;
        Ok(self.with_own(host, |own| own.authorities.extend(found)))
    }

    /// The same with the certificates of `pem`, and no others, believed for one host.
    pub(crate) fn with_sole_authority(
        &self,
        host: &str,
        pem: &[u8],
    ) -> Result<TrustStore, EgressError> {
        let found = read_bundle(host, pem)?;
        Ok(self.with_own(host, |own| {
            own.insecure = false;
            own.authorities = found;
            own.is_sole = true;
        }))
    }

    /// The same with a certificate and its key shown to one host.
    pub(crate) fn with_identity(&self, host: &str, pem: &[u8]) -> Result<TrustStore, EgressError> {
        let identity = Identity::from_pem(pem).map_err(|_| EgressError::Identity {
            host: host.to_owned(),
        })?;
        Ok(self.with_own(host, |own| own.identity = Some(identity)))
    }

    fn with_own(&self, host: &str, change: impl FnOnce(&mut HostTrust)) -> TrustStore {
        let mut store = self.clone();
        // What is written without a port holds for each that has no settings of its own; they must not get lost.
        let key = fold_key(host);
        let bare = fold_host(key.rsplit_once(':').map_or(&*key, |(bare, _)| bare));
        let general = store.hosts.get(&bare).cloned();
        let own = store
            .hosts
            .entry(key)
            .or_insert_with(|| general.unwrap_or_default());
        change(own);
        store
    }

    /// The settings for a host: those written with its port, else those written without.
    pub(crate) fn find(&self, host: &str, port: u16) -> Trust {
        let host = fold_host(host);
        let own = self
            .hosts
            .get(&join_host_port(&host, port))
            .or_else(|| self.hosts.get(&host));
        let is_sole = own.is_some_and(|own| own.is_sole);
        let mut authorities = match is_sole {
            true => Vec::new(),
            false => self.everywhere.clone(),
        };
        authorities.extend(own.into_iter().flat_map(|own| own.authorities.clone()));
        Trust {
            insecure: own.is_some_and(|own| own.insecure),
            authorities,
            has_own: own.is_some_and(|own| !own.authorities.is_empty()),
            is_sole,
            identity: own.and_then(|own| own.identity.clone()),
        }
    }
}

/// `host` or `host:port` in the form in which it is looked up.
fn fold_key(text: &str) -> String {
    match text
        .rsplit_once(':')
        .map(|(host, port)| (host, port.parse::<u16>()))
    {
        Some((host, Ok(port))) if !host.contains(':') || host.ends_with(']') => {
            join_host_port(&fold_host(host), port)
        }
        _ => fold_host(text),
    }
}

fn read_bundle(host: &str, pem: &[u8]) -> Result<Vec<Certificate>, EgressError> {
    Certificate::from_pem_bundle(pem)
        .ok()
        .filter(|found| !found.is_empty())
        .ok_or_else(|| EgressError::Authority {
            host: host.to_owned(),
        })
}

fn read_certificates(path: &Path) -> Result<Vec<Certificate>, EgressError> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LARGEST_FILE).read_to_end(&mut bytes))
        .map_err(|error| EgressError::CertificateFile {
            path: path.to_owned(),
            source: Arc::new(error),
        })?;
    match Certificate::from_pem_bundle(&bytes) {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(EgressError::Certificate {
            path: path.to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_found_by_host_and_port_before_host() {
        let insecure = |insecure| HostSettings {
            insecure,
            ca_file: None,
        };
        let hosts = [
            ("Reg.example:5000".to_owned(), insecure(true)),
            ("reg.example".to_owned(), insecure(false)),
            ("[fd12::1]:5000".to_owned(), insecure(true)),
            ("10.0.0.5".to_owned(), insecure(true)),
        ];
        let store = TrustStore::load(&[], &hosts).expect("settings");
        for (host, port, expected) in [
            ("reg.example", 5000, true),
            ("reg.example", 443, false),
            ("[fd12::1]", 5000, true),
            ("[fd12::1]", 443, false),
            ("10.0.0.5", 8443, true),
            ("other.example", 443, false),
        ] {
            assert_eq!(store.find(host, port).insecure, expected, "{host}:{port}");
        }
    }

    #[test]
    fn a_file_that_is_missing_or_holds_no_certificate_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ca.pem");
        let load = || TrustStore::load(std::slice::from_ref(&path), &[]).map(|_| ());
        assert!(matches!(load(), Err(EgressError::CertificateFile { .. })));
        std::fs::write(&path, "no certificate").expect("written");
        assert!(matches!(load(), Err(EgressError::Certificate { .. })));
    }
}
