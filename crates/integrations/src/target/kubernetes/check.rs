//! Whether a cluster answers, and what the credentials may do in it.
//!
//! Changes nothing: each question is a `SelfSubjectAccessReview` (kubernetes.io, "Checking API access"), which every
//! account may ask about itself.

use super::cluster::{Call, Cluster};
use super::error::{ClusterError, Result};
use super::name::KubeNamespace;
use super::rights::{ClusterGrant, Right, list_rights};
use super::wire::{Review, VersionInfo};
use serde_json::json;
use std::collections::VecDeque;
use tokio::task::JoinSet;

/// Questions under way at once. One after the other, a granted namespace of a distant cluster would take some seconds;
/// with many more the cluster's limits for one account would be met.
const MOST_AT_ONCE: usize = 8;

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterCheck {
    /// As the cluster writes it: `v1.34.0`.
    pub version: String,
    /// What is missing, for each namespace that was asked about, in that order.
    pub namespaces: Vec<NamespaceCheck>,
}

/// What is missing in one namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamespaceCheck {
    pub namespace: KubeNamespace,
    pub missing: Vec<Right>,
}

impl Cluster {
    /// Asks for the version and, in each namespace, for every right that is used there.
    ///
    /// # Errors
    /// When the cluster cannot be reached or does not know the credentials. A missing right is no error.
    pub async fn check(&self, grants: &[ClusterGrant]) -> Result<ClusterCheck> {
        let version: VersionInfo = self
            .read(Call::get("/version".to_owned(), "its version"))
            .await?;
        let mut waiting: VecDeque<(usize, Right)> = VecDeque::new();
        let mut namespaces = Vec::new();
        for (index, grant) in grants.iter().enumerate() {
            waiting.extend(list_rights(grant).into_iter().map(|right| (index, right)));
            namespaces.push(NamespaceCheck {
                namespace: grant.namespace.clone(),
                missing: Vec::new(),
            });
        }
        let mut order = 0;
        let mut missing = Vec::new();
        let mut running = JoinSet::new();
        loop {
            while running.len() < MOST_AT_ONCE
                && let Some((index, right)) = waiting.pop_front()
            {
                let (cluster, namespace) = (self.clone(), grants[index].namespace.clone());
                order += 1;
                running.spawn(async move {
                    let is_allowed = cluster.ask_right(&namespace, &right).await?;
                    Ok::<_, ClusterError>((order, index, right, is_allowed))
                });
            }
            match running.join_next().await {
                Some(Ok(answer)) => {
                    let (order, index, right, is_allowed) = answer?;
                    if !is_allowed {
                        missing.push((order, index, right));
                    }
                }
                // A question that panicked is an answer that never came.
                Some(Err(_)) => {
                    return Err(ClusterError::BadAnswer {
                        host: self.host().to_owned(),
                        subject: "what the credentials may do".to_owned(),
                        reason: "a question was broken off".to_owned(),
                    });
                }
                None => break,
            }
        }
        missing.sort_by_key(|(order, ..)| *order);
        for (_, index, right) in missing {
            namespaces[index].missing.push(right);
        }
        Ok(ClusterCheck {
            version: crate::text::clip(version.git_version, 100),
            namespaces,
        })
    }

    async fn ask_right(&self, namespace: &KubeNamespace, right: &Right) -> Result<bool> {
        let attributes = json!({
            "namespace": namespace.as_str(),
            "group": right.group,
            "resource": right.resource,
            "verb": right.verb,
            "name": right.name.as_ref().map(|name| name.as_str()).unwrap_or_default(),
        });
        let call = Call::post(
            "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews".to_owned(),
            "what the credentials may do",
            json!({
                "apiVersion": "authorization.k8s.io/v1",
                "kind": "SelfSubjectAccessReview",
                "spec": { "resourceAttributes": attributes },
            }),
        );
        let review: Review = self.read(call).await?;
        Ok(review.status.allowed)
    }
}
