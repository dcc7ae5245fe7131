//! A rule as people write it, and as its row keeps it: JSON of texts, in which a field that comes later has a default.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use wharf_model::builds::{BuildNetwork, PushTarget, SpecLimits};

/// What a rule says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Definition {
    /// Which refs it builds.
    pub trigger: TriggerText,
    /// Whether `[skip ci]` in a commit's message keeps it from being built.
    pub skip_ci: bool,
    /// What its images are called.
    pub naming: NamingText,
    /// Path of the Dockerfile from the root of the clone.
    pub dockerfile: String,
    /// The build directory from the same root. None is the root, and in Docker Hub's form the Dockerfile's folder.
    pub directory: Option<String>,
    /// `--build-arg`.
    pub build_args: BTreeMap<String, String>,
    /// `--target`.
    pub target: Option<String>,
    /// `--platform`; none is the server's own.
    pub platforms: Vec<String>,
    /// Whether results of earlier builds are used.
    pub cache: bool,
    /// Whether submodules of the same host are fetched.
    pub submodules: bool,
    /// The network of the steps.
    pub network: BuildNetwork,
    /// Bounds; none is the operator's default.
    pub limits: SpecLimits,
    /// Further registries that get the image.
    pub push_also: Vec<PushTarget>,
    /// Whether the repository's README becomes the image's full description.
    pub readme: bool,
    /// Whether the state of builds is shown on the code host.
    pub report_status: bool,
    /// Whether links build git tags again too, and not only branches.
    pub rebuild_tags: bool,
}

impl Default for Definition {
    fn default() -> Self {
        Self {
            trigger: TriggerText::default(),
            skip_ci: true,
            naming: NamingText::default(),
            dockerfile: "Dockerfile".to_owned(),
            directory: None,
            build_args: BTreeMap::new(),
            target: None,
            platforms: Vec::new(),
            cache: true,
            submodules: false,
            network: BuildNetwork::default(),
            limits: SpecLimits::default(),
            push_also: Vec::new(),
            readme: false,
            report_status: true,
            rebuild_tags: false,
        }
    }
}

/// The trigger's boxes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TriggerText {
    /// "New tag".
    pub tags: bool,
    /// Only those that one of these matches; all when there is none.
    pub tag_patterns: Vec<String>,
    /// "Push to branches".
    pub branches: bool,
    /// Only those that one of these matches; all when there is none.
    pub branch_patterns: Vec<String>,
}

/// Which of the three forms names the images.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormText {
    /// Prefix, branch or tag, time, commit.
    #[default]
    Parts,
    /// Texts with variables.
    Templates,
    /// Docker Hub's lines, which also say what is built.
    DockerHub,
}

/// How images are named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NamingText {
    /// The form.
    pub form: FormText,
    /// Of the parts: the prefix.
    pub prefix: Option<String>,
    /// Of the parts: whether the branch or tag is in it.
    pub reference: bool,
    /// Of the parts: whether the time is in it.
    pub time: bool,
    /// Of the parts: whether the commit is in it.
    pub commit: bool,
    /// The templates, a tag each.
    pub templates: Vec<String>,
    /// Docker Hub's lines.
    pub lines: Vec<LineText>,
    /// Tags that are set besides: `latest`.
    pub also: Vec<String>,
}

impl Default for NamingText {
    fn default() -> Self {
        Self {
            form: FormText::Parts,
            prefix: None,
            reference: true,
            time: false,
            commit: false,
            templates: Vec::new(),
            lines: Vec::new(),
            also: Vec::new(),
        }
    }
}

/// One of Docker Hub's lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineText {
    /// Whether the line is about tags, and not about branches.
    pub of_tags: bool,
    /// A name, or `/…/`.
    pub source: String,
    /// `latest`, `release-{\1}`, several with commas between them.
    pub tags: String,
    /// Whether a push builds it, and not only a person.
    pub automatic: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_survives_its_json_and_an_older_one_gets_defaults() {
        let mut definition = Definition::default();
        definition.trigger.tags = true;
        definition.naming.lines.push(LineText {
            of_tags: true,
            source: "/^v([0-9.]+)$/".into(),
            tags: "release-{\\1}".into(),
            automatic: true,
        });
        let text = serde_json::to_string(&definition).unwrap();
        assert_eq!(
            serde_json::from_str::<Definition>(&text).unwrap(),
            definition
        );
        let older: Definition = serde_json::from_str(r#"{"trigger":{"tags":true}}"#).unwrap();
        assert!(older.skip_ci && older.cache && older.trigger.tags && !older.trigger.branches);
    }
}
