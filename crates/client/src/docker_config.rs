//! Docker's `config.json` as a source of credentials: the same file that `docker login` and `wharf login` write.
//!
//! It is only read here, at each question, so a login takes effect at once. Helpers that it names are run.

use crate::credential::FindingCredential;
use crate::credential_helper::run_helper;
use crate::{ClientError, Credential, CredentialSource, RegistryHost, Result, Secret};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The largest file that is read. Real ones have some KiB; without a bound a wrong path could fill the memory.
const LARGEST_FILE: u64 = 4 * 1024 * 1024;

/// What docker files Docker Hub's login under.
const DOCKER_HUB_KEY: &str = "https://index.docker.io/v1/";

/// The logins in one `config.json`.
#[derive(Debug, Clone)]
pub struct DockerConfig {
    path: PathBuf,
    search_path: OsString,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct File {
    auths: Option<BTreeMap<String, Entry>>,
    cred_helpers: Option<BTreeMap<String, String>>,
    creds_store: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Entry {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
    registrytoken: Option<String>,
}

impl DockerConfig {
    /// The file `config.json` in `folder` (what `DOCKER_CONFIG` names, or `.docker` at home). Helpers are searched in
    /// `search_path`, which has the form of `PATH`. Nothing is read yet; a missing file holds no logins.
    pub fn new(folder: &Path, search_path: impl Into<OsString>) -> DockerConfig {
        DockerConfig {
            path: folder.join("config.json"),
            search_path: search_path.into(),
        }
    }

    async fn find(&self, registry: &RegistryHost) -> Result<Option<Credential>> {
        let file = self.read().await?;
        let keys = list_keys(registry);
        let own = keys
            .iter()
            .find_map(|key| file.cred_helpers.as_ref()?.get(key));
        let helper = own
            .or(file.creds_store.as_ref())
            .filter(|name| !name.is_empty());
        if let Some(helper) = helper {
            // Docker itself files every login under one of these; a helper knows no other spellings.
            let found = run_helper(helper, &self.search_path, &keys[0]).await?;
            if found.is_some() {
                return Ok(found);
            }
        }
        let entries = file.auths.unwrap_or_default();
        let found = keys
            .iter()
            .find_map(|key| entries.get(key))
            .or_else(|| find_by_host(&entries, &keys));
        Ok(found.and_then(Entry::credential))
    }

    async fn read(&self) -> Result<File> {
        let path = self.path.clone();
        let read = move || -> io::Result<File> {
            let mut text = Vec::new();
            match std::fs::File::open(&path) {
                Ok(file) => file.take(LARGEST_FILE).read_to_end(&mut text)?,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(File::default()),
                Err(error) => return Err(error),
            };
            if text.trim_ascii().is_empty() {
                return Ok(File::default());
            }
            serde_json::from_slice(&text).map_err(|error| {
                // The library's own text may show the value that it stumbled over.
                io::Error::other(format!("line {} is not what docker writes", error.line()))
            })
        };
        let read = tokio::task::spawn_blocking(read)
            .await
            .map_err(io::Error::other);
        read.flatten().map_err(|error| ClientError::DockerConfig {
            path: self.path.clone(),
            source: Arc::new(error),
        })
    }
}

impl CredentialSource for DockerConfig {
    fn find_credential<'a>(&'a self, registry: &'a RegistryHost) -> FindingCredential<'a> {
        Box::pin(self.find(registry))
    }
}

impl Entry {
    fn credential(&self) -> Option<Credential> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        if let Some(token) = given(&self.identitytoken) {
            return Some(Credential::IdentityToken(Secret::new(token)));
        }
        if let Some(token) = given(&self.registrytoken) {
            return Some(Credential::RegistryToken(Secret::new(token)));
        }
        let (username, password) = match given(&self.auth) {
            Some(auth) => {
                let pair = String::from_utf8(STANDARD.decode(auth).ok()?).ok()?;
                let (username, password) = pair.split_once(':')?;
                // Docker pads with zero bytes.
                (username.to_owned(), password.trim_matches('\0').to_owned())
            }
            None => (given(&self.username)?, given(&self.password)?),
        };
        (!username.is_empty() && !password.is_empty()).then(|| Credential::Password {
            username,
            password: Secret::new(password),
        })
    }
}

/// The keys of a registry, docker's own first.
fn list_keys(registry: &RegistryHost) -> Vec<String> {
    let plain = registry.as_str().to_owned();
    match registry.is_docker_hub() {
        true => vec![
            DOCKER_HUB_KEY.to_owned(),
            "index.docker.io".to_owned(),
            plain,
        ],
        false => vec![plain],
    }
}

/// Older clients wrote keys as URLs (`https://registry.example/v1/`).
fn find_by_host<'a>(entries: &'a BTreeMap<String, Entry>, keys: &[String]) -> Option<&'a Entry> {
    let host = |key: &str| {
        let rest = key.split_once("://").map_or(key, |(_, rest)| rest);
        rest.split('/')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase()
    };
    entries
        .iter()
        .find(|(key, _)| keys.contains(&host(key)))
        .map(|(_, entry)| entry)
}

#[cfg(test)]
mod tests;
