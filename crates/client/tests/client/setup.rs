//! Clients, names and contents for the tests.

use crate::fake::{Answer, Registry};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use wharf_client::{
    BlobReader, Client, ClientError, ClientSettings, Credential, ImageName, KnownCredentials,
    Mirror, Registries, RegistryHost, RegistrySettings, Repository, RetryPolicy, Secret,
};
use wharf_egress::{Egress, EgressSettings, Lookup, Policy, Resolver};
use wharf_oci::{Algorithm, Descriptor, Digest, media_type};

/// Every name below `.test` is this machine; no other name exists.
struct TestNames;

impl Resolver for TestNames {
    fn resolve(&self, host: &str) -> Lookup {
        let is_ours = host.ends_with(".test");
        Box::pin(async move {
            match is_ours {
                true => Ok(vec!["127.0.0.1".parse().expect("an address")]),
                false => Err(io::Error::other("no such name")),
            }
        })
    }
}

/// A client that retries fast, with plain http for the registries that are named.
pub(crate) struct Setup {
    settings: Vec<(RegistryHost, RegistrySettings)>,
    credentials: Vec<(RegistryHost, Credential)>,
}

impl Setup {
    pub(crate) fn new() -> Setup {
        Setup {
            settings: Vec::new(),
            credentials: Vec::new(),
        }
    }

    pub(crate) fn insecure(self, host: &str) -> Setup {
        self.registry(host, &[])
    }

    pub(crate) fn registry(mut self, host: &str, mirrors: &[String]) -> Setup {
        let mirrors = mirrors
            .iter()
            .map(|text| text.parse::<Mirror>().expect(text));
        let settings = RegistrySettings {
            mirrors: mirrors.collect(),
            insecure: true,
            ca_file: None,
        };
        self.settings.push((host.parse().expect(host), settings));
        self
    }

    pub(crate) fn login(mut self, host: &str, credential: Credential) -> Setup {
        self.credentials
            .push((host.parse().expect(host), credential));
        self
    }

    pub(crate) fn open(self) -> Client {
        let registries = Registries::new(self.settings);
        let mut egress = EgressSettings::new(Policy::operator());
        egress.hosts = registries.host_settings();
        egress.resolver = Arc::new(TestNames);
        egress.idle_timeout = Duration::from_secs(10);
        let mut settings = ClientSettings::new(Egress::new(egress).expect("an egress"));
        settings.registries = registries;
        settings.credentials = Arc::new(KnownCredentials::new(self.credentials));
        settings.retry = RetryPolicy {
            attempts: 4,
            first_delay: Duration::from_millis(1),
            longest_delay: Duration::from_millis(5),
            longest_wait: Duration::from_secs(2),
        };
        Client::new(settings)
    }
}

/// A client for one scripted registry under the name `reg.test`.
pub(crate) fn open_for(registry: &Registry) -> Client {
    Setup::new().insecure(&registry.host("reg.test")).open()
}

pub(crate) fn image(registry: &Registry, rest: &str) -> ImageName {
    let text = format!("{}/{rest}", registry.host("reg.test"));
    text.parse().expect("an image name")
}

pub(crate) fn repository(registry: &Registry, name: &str) -> Repository {
    image(registry, name).repository
}

pub(crate) fn password(username: &str, password: &str) -> Credential {
    Credential::Password {
        username: username.to_owned(),
        password: Secret::new(password),
    }
}

pub(crate) fn descriptor(bytes: &[u8]) -> Descriptor {
    Descriptor {
        media_type: "application/octet-stream".to_owned(),
        digest: digest(bytes),
        size: bytes.len() as u64,
        urls: Vec::new(),
        annotations: Default::default(),
        data: None,
        artifact_type: None,
        platform: None,
    }
}

pub(crate) fn digest(bytes: &[u8]) -> Digest {
    Digest::of(Algorithm::Sha256, bytes)
}

/// Bytes that differ from place to place, so that a part at the wrong place is noticed: no piece has the pattern's length.
pub(crate) fn make_bytes(length: usize) -> Vec<u8> {
    let pattern: Vec<u8> = (0..65_521usize)
        .map(|index| (index * 31 + index / 251) as u8)
        .collect();
    let mut bytes = pattern.repeat(length / pattern.len() + 1);
    bytes.truncate(length);
    bytes
}

pub(crate) fn make_manifest(config: &[u8], layers: &[&[u8]]) -> Vec<u8> {
    let describe = |bytes: &&[u8]| serde_json::to_value(descriptor(bytes)).expect("JSON");
    let mut config = describe(&config);
    config["mediaType"] = media_type::OCI_CONFIG.into();
    serde_json::json!({
        "schemaVersion": 2,
        "mediaType": media_type::OCI_IMAGE,
        "config": config,
        "layers": layers.iter().map(describe).collect::<Vec<_>>(),
    })
    .to_string()
    .into_bytes()
}

pub(crate) fn manifest_answer(bytes: &[u8]) -> Answer {
    Answer::ok(bytes)
        .with("content-type", media_type::OCI_IMAGE)
        .with("docker-content-digest", digest(bytes))
}

/// Everything a reader gives.
pub(crate) async fn drain(mut reader: BlobReader) -> Result<Vec<u8>, ClientError> {
    let mut whole = Vec::new();
    while let Some(chunk) = reader.next_chunk().await? {
        whole.extend_from_slice(&chunk);
    }
    Ok(whole)
}
