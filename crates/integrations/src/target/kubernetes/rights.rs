//! What wharf does in a namespace of a cluster, and so what it must be allowed: the one list from which the manifest is
//! printed and by which an account is checked.
//!
//! Pure. Nothing here reads other people's secrets: of secrets only the one that wharf writes itself is granted, by name.

use super::name::{KubeNamespace, ObjectName};
use std::fmt;

/// A namespace of a cluster that may be used, and the pull secret that may be written in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterGrant {
    pub namespace: KubeNamespace,
    /// None where wharf shall write none.
    pub pull_secret: Option<ObjectName>,
}

/// What a right is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RightPurpose {
    /// Choosing workloads of this kind from a list, and changing their image.
    Update,
    /// Telling why a rollout hangs, and what runs where.
    Follow,
    /// Telling whether a private image can be pulled, and writing the secret for it.
    PullSecret,
}

impl RightPurpose {
    /// The word in the API and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            RightPurpose::Update => "update",
            RightPurpose::Follow => "follow",
            RightPurpose::PullSecret => "pull_secret",
        }
    }
}

/// One verb on one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Right {
    pub group: &'static str,
    pub resource: &'static str,
    pub verb: &'static str,
    /// Only on the object of this name.
    pub name: Option<ObjectName>,
    pub purpose: RightPurpose,
}

/// `patch deployments.apps`
impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.verb, self.resource)?;
        if !self.group.is_empty() {
            write!(f, ".{}", self.group)?;
        }
        match &self.name {
            Some(name) => write!(f, "/{name}"),
            None => Ok(()),
        }
    }
}

/// Resources with their verbs; those of secrets hold for one name alone.
pub(super) const RULES: [(&str, &str, &[&str], RightPurpose); 8] = [
    (
        "apps",
        "deployments",
        &["get", "list", "patch"],
        RightPurpose::Update,
    ),
    (
        "apps",
        "statefulsets",
        &["get", "list", "patch"],
        RightPurpose::Update,
    ),
    (
        "apps",
        "daemonsets",
        &["get", "list", "patch"],
        RightPurpose::Update,
    ),
    (
        "batch",
        "cronjobs",
        &["get", "list", "patch"],
        RightPurpose::Update,
    ),
    ("", "pods", &["list"], RightPurpose::Follow),
    ("", "events", &["list"], RightPurpose::Follow),
    ("", "serviceaccounts", &["get"], RightPurpose::PullSecret),
    (
        "",
        "secrets",
        &["get", "create", "patch"],
        RightPurpose::PullSecret,
    ),
];

/// Everything that is needed for a grant.
pub(super) fn list_rights(grant: &ClusterGrant) -> Vec<Right> {
    let mut rights = Vec::new();
    for (group, resource, verbs, purpose) in RULES {
        let name = match resource {
            "secrets" if grant.pull_secret.is_none() => continue,
            "secrets" => grant.pull_secret.clone(),
            _ => None,
        };
        rights.extend(verbs.iter().map(|verb| Right {
            group,
            resource,
            verb,
            name: name.clone(),
            purpose,
        }));
    }
    rights
}
