//! Everything needed to run a build, written down when it is decided: later changes of a rule change no build.
//!
//! Secrets are not in here, only their names; their values are looked up when the build runs.

use super::BuildBounds;
use crate::SourceId;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, time::Duration};

/// What one build does. Kept as JSON: a field that comes later has a default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildSpec {
    /// Where the Dockerfile and the files are.
    pub source: BuildSource,
    /// Path of the Dockerfile, relative to the root of the clone or context.
    #[serde(default = "default_dockerfile")]
    pub dockerfile: String,
    /// The build directory, relative to the same root; empty is the root.
    #[serde(default)]
    pub directory: String,
    /// `--build-arg`.
    #[serde(default)]
    pub build_args: BTreeMap<String, String>,
    /// Ids of the rule's secrets that `RUN --mount=type=secret` may name.
    #[serde(default)]
    pub secrets: Vec<String>,
    /// `--target`.
    #[serde(default)]
    pub target: Option<String>,
    /// `--platform`, as `os/architecture[/variant]`; empty is the server's own.
    #[serde(default)]
    pub platforms: Vec<String>,
    /// The network of its steps.
    #[serde(default)]
    pub network: BuildNetwork,
    /// Whether every step runs, whatever is cached.
    #[serde(default)]
    pub no_cache: bool,
    /// Bounds.
    #[serde(default)]
    pub limits: SpecLimits,
    /// Further registries that get the image.
    #[serde(default)]
    pub push_also: Vec<PushTarget>,
    /// Whether the repository's README becomes the image's full description.
    #[serde(default)]
    pub readme: bool,
    /// Whether nothing is built when the commit's message asks for that: it is read after the clone, because not every
    /// code host tells it before.
    #[serde(default)]
    pub skip_ci: bool,
}

fn default_dockerfile() -> String {
    "Dockerfile".to_owned()
}

impl BuildSpec {
    /// A build of `source` with everything else as it is when nobody says anything.
    pub fn of(source: BuildSource) -> Self {
        Self {
            source,
            dockerfile: default_dockerfile(),
            directory: String::new(),
            build_args: BTreeMap::new(),
            secrets: Vec::new(),
            target: None,
            platforms: Vec::new(),
            network: BuildNetwork::default(),
            no_cache: false,
            limits: SpecLimits::default(),
            push_also: Vec::new(),
            readme: false,
            skip_ci: false,
        }
    }
}

/// Where a build's files come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum BuildSource {
    /// A commit of a repository on a code host.
    Git {
        /// The account it is fetched with; without one the repository is public.
        #[serde(with = "source_text", default)]
        source: Option<SourceId>,
        /// The repository as the code host names it (`group/project`); plain git has its URL here.
        repository: String,
        /// What is cloned: `https://…`, `ssh://…`.
        url: String,
        /// Whether submodules of the same host are fetched too.
        #[serde(default)]
        submodules: bool,
        /// Whether tags may be set only while the commit is still the head of the build's ref.
        #[serde(default)]
        follow_head: bool,
    },
    /// A Dockerfile that somebody pasted or uploaded.
    Dockerfile {
        /// Its text.
        text: String,
        /// Whether a context archive was uploaded with it; it is kept beside the log until the build ends.
        #[serde(default)]
        context: bool,
    },
}

/// The network of a build's steps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BuildNetwork {
    /// Only the loopback device.
    None,
    /// Its own network with a way out to public addresses.
    #[default]
    Isolated,
}

/// What one build may use up; `None` is the operator's default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SpecLimits {
    /// Of the whole build, in seconds.
    pub timeout_seconds: Option<u64>,
    /// Thousandths of a processor.
    pub cpu_millis: Option<u32>,
    /// Bytes of memory.
    pub memory_bytes: Option<u64>,
    /// Bytes that its steps may add to the file system.
    pub disk_bytes: Option<u64>,
    /// Bytes of log that are kept.
    pub log_bytes: Option<u64>,
}

impl SpecLimits {
    /// The bounds that hold for the build, none above the operator's.
    pub fn bounds(&self, ceiling: &BuildBounds) -> BuildBounds {
        let timeout = self.timeout_seconds.map(Duration::from_secs);
        BuildBounds {
            timeout: timeout.unwrap_or(ceiling.timeout),
            cpu_millis: self.cpu_millis.unwrap_or(ceiling.cpu_millis),
            memory: self.memory_bytes.unwrap_or(ceiling.memory),
            disk: self.disk_bytes.unwrap_or(ceiling.disk),
            log: self.log_bytes.unwrap_or(ceiling.log),
        }
        .within(ceiling)
    }
}

/// A further registry that gets the image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushTarget {
    /// `HOST/PATH`, without a tag.
    pub image: String,
    /// Its tags there; empty means those of the build.
    #[serde(default)]
    pub tags: Vec<String>,
}

/// Ids travel as text.
mod source_text {
    use crate::SourceId;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(
        id: &Option<SourceId>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        id.map(|id| id.to_string()).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<SourceId>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| text.parse().map_err(D::Error::custom))
            .transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spec_survives_its_json_and_older_ones_get_defaults() {
        let mut spec = BuildSpec::of(BuildSource::Git {
            source: Some(SourceId::new()),
            repository: "team/app".into(),
            url: "https://git.example/team/app.git".into(),
            submodules: false,
            follow_head: true,
        });
        spec.limits.cpu_millis = Some(1500);
        let text = serde_json::to_string(&spec).unwrap();
        assert_eq!(serde_json::from_str::<BuildSpec>(&text).unwrap(), spec);
        let old = r#"{"source":{"kind":"dockerfile","text":"FROM scratch"}}"#;
        let read: BuildSpec = serde_json::from_str(old).unwrap();
        assert_eq!(
            read,
            BuildSpec::of(BuildSource::Dockerfile {
                text: "FROM scratch".into(),
                context: false
            })
        );
    }
}
