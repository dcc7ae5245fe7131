//! What a rule says, as JSON has it.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use wharf_app::rules;
use wharf_model::builds::{BuildNetwork, PushTarget, SpecLimits};

/// Which pushes a rule builds: any box that is ticked. Without any it builds only by hand, by API or by a trigger URL.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Trigger {
    /// "New tag".
    tags: bool,
    /// Only tags that one of these matches: a glob (`*` stops at `/`), or `/…/`, an expression that searches.
    tag_patterns: Vec<String>,
    /// "Push to branches".
    branches: bool,
    /// Only branches that one of these matches: names, globs, or `/…/`.
    branch_patterns: Vec<String>,
}

impl From<rules::TriggerText> for Trigger {
    fn from(text: rules::TriggerText) -> Self {
        Self {
            tags: text.tags,
            tag_patterns: text.tag_patterns,
            branches: text.branches,
            branch_patterns: text.branch_patterns,
        }
    }
}

impl From<Trigger> for rules::TriggerText {
    fn from(trigger: Trigger) -> Self {
        Self {
            tags: trigger.tags,
            tag_patterns: trigger.tag_patterns,
            branches: trigger.branches,
            branch_patterns: trigger.branch_patterns,
        }
    }
}

/// How images are named.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum NamingForm {
    /// Prefix, branch or tag, time and commit, each on or off, joined by `-`.
    #[default]
    Parts,
    /// Texts with variables such as `{branch}`, `{sha:8}` or `{semver.major}`, a tag each.
    Templates,
    /// Docker Hub's lines; they also say what is built.
    DockerHub,
}

/// Branch or tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum SourceType {
    Branch,
    Tag,
}

/// One of Docker Hub's lines.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NamingLine {
    source_type: SourceType,
    /// A name, or `/…/`.
    source: String,
    /// `latest`, `release-{\1}`, `{sourceref}`; several with commas between them.
    tags: String,
    /// Whether a push builds it, and not only a person.
    #[serde(default = "yes")]
    automatic: bool,
}

/// What images are called.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Naming {
    form: NamingForm,
    /// Of the parts: a text in which `${ARGUMENT}` and variables are replaced.
    prefix: Option<String>,
    /// Of the parts: whether the branch or tag is in it.
    reference: bool,
    /// Of the parts: whether the time is in it, as `%Y%m%d%H%M%S` in `[server] timezone`.
    time: bool,
    /// Of the parts: whether the first 8 digits of the commit are in it.
    commit: bool,
    /// The templates.
    templates: Vec<String>,
    /// Docker Hub's lines.
    lines: Vec<NamingLine>,
    /// Tags that are set besides, such as `latest`.
    also: Vec<String>,
}

impl Default for Naming {
    fn default() -> Self {
        rules::NamingText::default().into()
    }
}

fn yes() -> bool {
    true
}

impl From<rules::NamingText> for Naming {
    fn from(text: rules::NamingText) -> Self {
        let lines = text.lines.into_iter().map(|line| NamingLine {
            source_type: if line.of_tags {
                SourceType::Tag
            } else {
                SourceType::Branch
            },
            source: line.source,
            tags: line.tags,
            automatic: line.automatic,
        });
        Self {
            form: match text.form {
                rules::FormText::Parts => NamingForm::Parts,
                rules::FormText::Templates => NamingForm::Templates,
                rules::FormText::DockerHub => NamingForm::DockerHub,
            },
            prefix: text.prefix,
            reference: text.reference,
            time: text.time,
            commit: text.commit,
            templates: text.templates,
            lines: lines.collect(),
            also: text.also,
        }
    }
}

impl From<Naming> for rules::NamingText {
    fn from(naming: Naming) -> Self {
        let lines = naming.lines.into_iter().map(|line| rules::LineText {
            of_tags: line.source_type == SourceType::Tag,
            source: line.source,
            tags: line.tags,
            automatic: line.automatic,
        });
        Self {
            form: match naming.form {
                NamingForm::Parts => rules::FormText::Parts,
                NamingForm::Templates => rules::FormText::Templates,
                NamingForm::DockerHub => rules::FormText::DockerHub,
            },
            prefix: naming.prefix,
            reference: naming.reference,
            time: naming.time,
            commit: naming.commit,
            templates: naming.templates,
            lines: lines.collect(),
            also: naming.also,
        }
    }
}

/// The network of a build's steps.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Network {
    /// Only the loopback device.
    None,
    /// Its own network with a way out to public addresses.
    #[default]
    Isolated,
}

/// What one build may use up; null is the operator's default.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Limits {
    timeout_seconds: Option<u64>,
    /// Thousandths of a processor.
    cpu_millis: Option<u32>,
    memory_bytes: Option<u64>,
    disk_bytes: Option<u64>,
    /// Bytes of log that are kept.
    log_bytes: Option<u64>,
}

/// A further registry that gets the image, with the namespace's stored credentials.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AlsoPush {
    /// `docker.io/acme/web`: with the registry, without a tag.
    image: String,
    /// Its tags there; those of the build when there is none.
    #[serde(default)]
    tags: Vec<String>,
}

/// What a rule says. What is left out has its default.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Definition {
    trigger: Trigger,
    /// Whether `[skip ci]` in the message of a commit keeps it from being built.
    skip_ci: bool,
    naming: Naming,
    /// Path of the Dockerfile from the root of the clone.
    dockerfile: String,
    /// The build directory from the same root: null is the root, and in Docker Hub's form the Dockerfile's folder.
    directory: Option<String>,
    build_args: BTreeMap<String, String>,
    target: Option<String>,
    /// `linux/amd64`; none is the server's own.
    platforms: Vec<String>,
    /// Whether results of earlier builds are used.
    cache: bool,
    /// Whether submodules of the same host are fetched.
    submodules: bool,
    network: Network,
    limits: Limits,
    push_also: Vec<AlsoPush>,
    /// Whether the README becomes the image's full description.
    readme: bool,
    /// Whether the state of builds is shown on the code host.
    report_status: bool,
    /// Whether links build git tags again too, and not only branches.
    rebuild_tags: bool,
}

impl Default for Definition {
    fn default() -> Self {
        rules::Definition::default().into()
    }
}

impl From<rules::Definition> for Definition {
    fn from(own: rules::Definition) -> Self {
        Self {
            trigger: own.trigger.into(),
            skip_ci: own.skip_ci,
            naming: own.naming.into(),
            dockerfile: own.dockerfile,
            directory: own.directory,
            build_args: own.build_args,
            target: own.target,
            platforms: own.platforms,
            cache: own.cache,
            submodules: own.submodules,
            network: match own.network {
                BuildNetwork::None => Network::None,
                BuildNetwork::Isolated => Network::Isolated,
            },
            limits: Limits {
                timeout_seconds: own.limits.timeout_seconds,
                cpu_millis: own.limits.cpu_millis,
                memory_bytes: own.limits.memory_bytes,
                disk_bytes: own.limits.disk_bytes,
                log_bytes: own.limits.log_bytes,
            },
            push_also: own.push_also.into_iter().map(AlsoPush::from).collect(),
            readme: own.readme,
            report_status: own.report_status,
            rebuild_tags: own.rebuild_tags,
        }
    }
}

impl From<PushTarget> for AlsoPush {
    fn from(target: PushTarget) -> Self {
        Self {
            image: target.image,
            tags: target.tags,
        }
    }
}

impl From<AlsoPush> for PushTarget {
    fn from(push: AlsoPush) -> Self {
        Self {
            image: push.image,
            tags: push.tags,
        }
    }
}

impl From<Network> for BuildNetwork {
    fn from(network: Network) -> Self {
        match network {
            Network::None => Self::None,
            Network::Isolated => Self::Isolated,
        }
    }
}

impl From<Limits> for SpecLimits {
    fn from(limits: Limits) -> Self {
        Self {
            timeout_seconds: limits.timeout_seconds,
            cpu_millis: limits.cpu_millis,
            memory_bytes: limits.memory_bytes,
            disk_bytes: limits.disk_bytes,
            log_bytes: limits.log_bytes,
        }
    }
}

impl From<Definition> for rules::Definition {
    fn from(body: Definition) -> Self {
        Self {
            trigger: body.trigger.into(),
            skip_ci: body.skip_ci,
            naming: body.naming.into(),
            dockerfile: body.dockerfile,
            directory: body.directory,
            build_args: body.build_args,
            target: body.target,
            platforms: body.platforms,
            cache: body.cache,
            submodules: body.submodules,
            network: body.network.into(),
            limits: body.limits.into(),
            push_also: body.push_also.into_iter().map(PushTarget::from).collect(),
            readme: body.readme,
            report_status: body.report_status,
            rebuild_tags: body.rebuild_tags,
        }
    }
}
