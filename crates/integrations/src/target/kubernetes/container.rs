//! A workload as it is, and the container of it that is meant.
//!
//! Reads one object and believes no text in it that is longer than it can be. Called by what patches and follows, and by
//! whoever wants to know whether there is something to patch.

use super::cluster::{Call, Cluster};
use super::error::{ClusterError, Result};
use super::wire::WorkloadObject;
use super::workload::{ContainerRef, pod_spec};

/// The longest name of an image that is believed, in bytes. Registries take less; whoever answers in a cluster's place may
/// send megabytes, which would be kept and shown with every attempt.
const LONGEST_IMAGE: usize = 1024;

/// The annotation that says which delivery changed a workload last.
pub(super) const DELIVERY: &str = "wharf/delivery";

impl Cluster {
    /// The container as it is now.
    ///
    /// # Errors
    /// [`ClusterError::NotFound`] and [`ClusterError::NoContainer`] for what is not there.
    pub async fn find_container(&self, target: &ContainerRef) -> Result<FoundContainer> {
        find_container_in(target, &self.read_workload(target).await?)
    }

    pub(super) async fn read_workload(&self, target: &ContainerRef) -> Result<WorkloadObject> {
        let workload = &target.workload;
        let found: WorkloadObject = self
            .read(Call::get(workload.path(), workload.to_string()))
            .await?;
        self.check_lengths(target, &found)?;
        Ok(found)
    }

    pub(super) fn check_lengths(
        &self,
        target: &ContainerRef,
        object: &WorkloadObject,
    ) -> Result<()> {
        let mut containers = pod_spec(target.workload.kind, object).all_containers();
        match containers.any(|(container, _)| container.image.len() > LONGEST_IMAGE) {
            false => Ok(()),
            true => Err(ClusterError::BadAnswer {
                host: self.host().to_owned(),
                subject: target.workload.to_string(),
                reason: "an image's name is longer than one can be".to_owned(),
            }),
        }
    }
}

/// Which delivery changed a workload last. What is longer than an id is none.
pub(super) fn find_delivery(object: &WorkloadObject) -> Option<String> {
    let noted = object.metadata.annotations.get(DELIVERY)?;
    (noted.len() <= 64).then(|| noted.clone())
}

/// A container of a workload as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundContainer {
    /// As it is written there.
    pub image: String,
    /// It runs before the others and ends, unless it is a sidecar.
    pub is_init: bool,
}

/// The container that is meant.
///
/// # Errors
/// [`ClusterError::NoContainer`] names those that are there.
pub(super) fn find_container_in(
    target: &ContainerRef,
    object: &WorkloadObject,
) -> Result<FoundContainer> {
    let spec = pod_spec(target.workload.kind, object);
    let found = spec
        .all_containers()
        .find(|(container, _)| container.name == target.container.as_str());
    match found {
        Some((container, is_init)) => Ok(FoundContainer {
            image: container.image.clone(),
            is_init,
        }),
        None => Err(ClusterError::NoContainer {
            subject: target.workload.to_string(),
            container: target.container.to_string(),
            there: spec
                .all_containers()
                .map(|(container, _)| container.name.clone())
                .collect(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::WorkloadRef;
    use super::*;
    use serde_json::json;
    use wharf_model::triggers::WorkloadKind;

    #[test]
    fn a_container_that_is_not_there_is_refused_and_the_others_are_named() {
        let found = json!({"spec": {"template": {"spec": {
            "containers": [{"name": "app"}, {"name": "side"}],
            "initContainers": null,
        }}}});
        let found: WorkloadObject = serde_json::from_value(found).expect("an object");
        let target = ContainerRef {
            workload: WorkloadRef {
                namespace: "web".parse().expect("a name"),
                kind: WorkloadKind::Deployment,
                name: "api".parse().expect("a name"),
            },
            container: "web".parse().expect("a name"),
        };
        let Err(error) = find_container_in(&target, &found) else {
            panic!("it is not there");
        };
        assert_eq!(
            error.to_string(),
            "deployment api in web has no container \"web\"; it has app, side"
        );
    }
}
