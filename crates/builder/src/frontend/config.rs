//! An image's configuration while instructions change it.
//!
//! image-spec config.md with Docker's additions (Healthcheck, OnBuild, Shell). What a base image says beyond that is
//! dropped, as BuildKit does.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use wharf_dockerfile::EnvList;
use wharf_dockerfile::instruction::Healthcheck;
use wharf_dockerfile::values::normalize_platform;
use wharf_oci::Platform;

/// The whole document.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct ImageConfig {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) created: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) author: String,
    #[serde(default)]
    pub(crate) architecture: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) variant: Option<String>,
    #[serde(default)]
    pub(crate) os: String,
    #[serde(
        default,
        rename = "os.version",
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) os_version: Option<String>,
    #[serde(
        default,
        rename = "os.features",
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) os_features: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) config: RunConfig,
    #[serde(default)]
    pub(crate) rootfs: RootFs,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) history: Vec<HistoryEntry>,
}

/// How a container is started.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RunConfig {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) user: String,
    #[serde(default, skip_serializing_if = "is_empty_map")]
    pub(crate) exposed_ports: Option<BTreeMap<String, Value>>,
    #[serde(default, skip_serializing_if = "is_empty_list")]
    pub(crate) env: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "is_empty_list")]
    pub(crate) entrypoint: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "is_empty_list")]
    pub(crate) cmd: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "is_empty_map")]
    pub(crate) volumes: Option<BTreeMap<String, Value>>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) working_dir: String,
    #[serde(default, skip_serializing_if = "is_empty_map")]
    pub(crate) labels: Option<BTreeMap<String, String>>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) stop_signal: String,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) args_escaped: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) healthcheck: Option<HealthConfig>,
    #[serde(default, skip_serializing_if = "is_empty_list")]
    pub(crate) on_build: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "is_empty_list")]
    pub(crate) shell: Option<Vec<String>>,
}

/// Docker's health check; times in nanoseconds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct HealthConfig {
    #[serde(default, skip_serializing_if = "is_empty_list")]
    pub(crate) test: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) interval: i64,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) timeout: i64,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) start_period: i64,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) start_interval: i64,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) retries: i64,
}

impl HealthConfig {
    pub(crate) fn new(check: &Healthcheck) -> Self {
        Self {
            test: Some(check.test.clone()),
            interval: check.interval.as_nanos(),
            timeout: check.timeout.as_nanos(),
            start_period: check.start_period.as_nanos(),
            start_interval: check.start_interval.as_nanos(),
            retries: check.retries.into(),
        }
    }
}

/// The layers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct RootFs {
    #[serde(default, rename = "type")]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) diff_ids: Vec<String>,
}

/// One row of the history.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct HistoryEntry {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) created: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) created_by: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) author: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) comment: String,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) empty_layer: bool,
}

/// The PATH of an image that has none, on every system but Windows (Docker's default).
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

impl ImageConfig {
    /// The configuration of an image made from nothing.
    pub(crate) fn empty(platform: &Platform) -> Self {
        let mut config = Self {
            rootfs: RootFs {
                kind: "layers".to_owned(),
                diff_ids: Vec::new(),
            },
            ..Self::default()
        };
        config.set_platform(platform);
        config.config.working_dir = "/".to_owned();
        config.config.env = Some(vec![format!("PATH={DEFAULT_PATH}")]);
        config
    }

    /// Reads a base image's configuration.
    pub(crate) fn parse(bytes: &[u8]) -> serde_json::Result<Self> {
        let mut config: Self = serde_json::from_slice(bytes)?;
        config.rootfs.kind = "layers".to_owned();
        Ok(config)
    }

    pub(crate) fn set_platform(&mut self, platform: &Platform) {
        self.os.clone_from(&platform.os);
        self.architecture.clone_from(&platform.architecture);
        self.variant = platform
            .variant
            .clone()
            .filter(|variant| !variant.is_empty());
        self.os_version.clone_from(&platform.os_version);
        self.os_features.clone_from(&platform.os_features);
    }

    /// Says that it is for the platform that was asked for, keeping what the base knows better about the same one.
    pub(crate) fn adopt_platform(&mut self, platform: &Platform) {
        let is_same = self.os == platform.os && self.architecture == platform.architecture;
        self.os.clone_from(&platform.os);
        self.architecture.clone_from(&platform.architecture);
        if platform.variant.is_some() || !is_same {
            self.variant.clone_from(&platform.variant);
        }
        if platform.os_version.is_some() || !is_same {
            self.os_version.clone_from(&platform.os_version);
        }
        if platform.os_features.is_some() {
            self.os_features.clone_from(&platform.os_features);
        }
    }

    /// Writes the platform as everybody writes it: `arm64` has no `v8`.
    pub(crate) fn normalize_platform(&mut self) {
        let normal = normalize_platform(&self.platform());
        self.set_platform(&normal);
    }

    /// What it says it is for.
    pub(crate) fn platform(&self) -> Platform {
        Platform {
            architecture: self.architecture.clone(),
            os: self.os.clone(),
            os_version: self.os_version.clone(),
            os_features: self.os_features.clone(),
            variant: self.variant.clone(),
        }
    }

    /// The environment as names and values.
    pub(crate) fn environment(&self) -> EnvList {
        let entries = self.config.env.iter().flatten();
        entries
            .map(|entry| entry.split_once('=').unwrap_or((entry, "")))
            .collect()
    }

    /// Sets a variable, in its place if it was there.
    pub(crate) fn set_env(&mut self, name: &str, value: &str) {
        let entries = self.config.env.get_or_insert_default();
        let entry = format!("{name}={value}");
        let known = entries.iter_mut().find(|known| {
            known
                .split_once('=')
                .map_or(known.as_str(), |(name, _)| name)
                == name
        });
        match known {
            Some(known) => *known = entry,
            None => entries.push(entry),
        }
    }

    /// Adds a PATH if there is none.
    pub(crate) fn ensure_path(&mut self) {
        let has_path = self
            .config
            .env
            .iter()
            .flatten()
            .any(|entry| entry.starts_with("PATH="));
        if !has_path {
            self.set_env("PATH", DEFAULT_PATH);
        }
    }

    /// What shell form is handed to.
    pub(crate) fn shell(&self) -> Vec<String> {
        match &self.config.shell {
            Some(shell) if !shell.is_empty() => shell.clone(),
            _ => vec!["/bin/sh".to_owned(), "-c".to_owned()],
        }
    }
}

fn is_empty_list(list: &Option<Vec<String>>) -> bool {
    list.as_ref().is_none_or(Vec::is_empty)
}

fn is_empty_map<V>(map: &Option<BTreeMap<String, V>>) -> bool {
    map.as_ref().is_none_or(BTreeMap::is_empty)
}

fn is_false(value: &bool) -> bool {
    !value
}

fn is_zero(value: &i64) -> bool {
    *value == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_keeps_its_order_and_has_each_name_once() {
        let mut config = ImageConfig::default();
        config.set_env("A", "1");
        config.set_env("B", "2");
        config.set_env("A", "3=x");
        config.ensure_path();
        let env = config.config.env.clone().unwrap_or_default();
        assert_eq!(env[..2], ["A=3=x", "B=2"]);
        assert!(env[2].starts_with("PATH=/usr/local/sbin"));
        assert_eq!(
            wharf_dockerfile::Variables::get(&config.environment(), "A"),
            Some("3=x")
        );
    }

    #[test]
    fn what_docker_adds_survives_and_what_nobody_knows_does_not() {
        let text = br#"{"os":"linux","architecture":"amd64","config":{"Env":null,"OnBuild":["RUN x"],
            "Healthcheck":{"Test":["CMD","x"],"Interval":5},"Strange":1},"rootfs":{"type":"layers","diff_ids":[]}}"#;
        let config = ImageConfig::parse(text).unwrap();
        let again = serde_json::to_value(&config).unwrap();
        assert_eq!(again["config"]["OnBuild"][0], "RUN x");
        assert_eq!(again["config"]["Healthcheck"]["Interval"], 5);
        assert!(again["config"].get("Strange").is_none());
        assert!(again["config"].get("Env").is_none());
    }
}
