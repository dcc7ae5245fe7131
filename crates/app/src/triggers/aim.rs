//! What an action about a workload aims at, in names that were checked.

use super::definition::WorkloadSpec;
use wharf_integrations::target::kubernetes::{ClusterError, ContainerRef, WorkloadRef};

/// The container that an action gives images to.
///
/// # Errors
/// [`ClusterError::Name`] for what a newer program wrote.
pub(super) fn aim_at(spec: &WorkloadSpec) -> Result<ContainerRef, ClusterError> {
    let kind = spec.workload_kind().ok_or_else(|| ClusterError::Name {
        what: "a kind of workload",
        text: spec.workload.clone(),
    })?;
    Ok(ContainerRef {
        workload: WorkloadRef {
            namespace: spec.namespace.parse()?,
            kind,
            name: spec.name.parse()?,
        },
        container: spec.container.parse()?,
    })
}
