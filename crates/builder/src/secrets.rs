//! The secrets of one build: looked up by id, read when a step asks.

use std::collections::BTreeMap;

use crate::error::{Attempt, Result};
use crate::masking::Mask;
use crate::request::SecretSource;

/// The secrets of one build.
#[derive(Debug, Clone, Default)]
pub(crate) struct Secrets(BTreeMap<String, SecretSource>);

impl Secrets {
    pub(crate) fn new(secrets: &BTreeMap<String, SecretSource>) -> Self {
        Self(secrets.clone())
    }

    /// A secret's bytes, if the build has it.
    pub(crate) fn read(&self, id: &str) -> Result<Option<Vec<u8>>> {
        match self.0.get(id) {
            None => Ok(None),
            Some(SecretSource::Bytes(bytes)) => Ok(Some(bytes.clone())),
            Some(SecretSource::File(path)) => std::fs::read(path)
                .map(Some)
                .attempt(|| format!("read the secret {id}")),
        }
    }

    /// As text, for headers.
    pub(crate) fn read_text(&self, id: &str) -> Result<Option<String>> {
        let bytes = self.read(id)?;
        Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).trim().to_owned()))
    }

    /// What must never be seen in output. A secret that cannot be read now fails when a step asks for it.
    pub(crate) fn mask(&self) -> Mask {
        let ids = self.0.keys();
        Mask::new(ids.filter_map(|id| self.read(id).ok().flatten()))
    }
}
