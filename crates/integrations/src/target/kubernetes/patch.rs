//! Gives one container of a workload another image, and puts the earlier one back.
//!
//! Touches nothing else: not other containers, not replicas, and of annotations only wharf's own, on the workload and
//! not on its pods, where it would restart them. Each patch names the version that was read (Kubernetes API conventions,
//! "Concurrency Control and Consistency"); whoever was faster makes it read again, so no change is lost.

use super::cluster::{Call, Cluster};
use super::container::{DELIVERY, FoundContainer, find_container_in, find_delivery};
use super::error::{ClusterError, Result};
use super::image::{ImageParts, PinnedImage};
use super::name::ObjectName;
use super::wire::WorkloadObject;
use super::workload::{ContainerRef, pod_spec, wrap_pod_spec};
use serde_json::{Map, Value, json};
use wharf_model::triggers::WorkloadKind;

/// How often a change is tried against others' changes. A rollout writes the status of its workload several times a
/// second, and each of these counts as a change; with a few tries a busy rollout would look like a conflict.
const MOST_TRIES: usize = 10;

/// How an image is set.
#[derive(Debug, Clone, Default)]
pub struct PatchOptions<'a> {
    /// The cluster judges it and changes nothing.
    pub dry_run: bool,
    /// Is added to the pull secrets of the pods in the same change, so that they restart once. The template and not the
    /// service account takes it, because that one belongs to other workloads too; where the template had none, what the
    /// account has is named beside it, because pods take that only while their template names none.
    pub pull_secret: Option<&'a ObjectName>,
    /// Is noted on the workload as `wharf/delivery`.
    pub delivery: Option<&'a str>,
    /// What the container must still have, as it was written there: somebody may have been faster since that was read, and
    /// what they put there must not be overwritten by what is older.
    pub expected: Option<&'a str>,
}

/// What setting an image did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patched {
    /// False when the container had this digest already, whatever the tag beside it: nothing was done.
    pub is_changed: bool,
    /// What the container had before, as it was written there: what a rollback puts back.
    pub previous: String,
    /// The workload's generation afterwards.
    pub generation: i64,
    /// Which delivery changed the workload last, this one included.
    pub delivery: Option<String>,
}

/// What a rollback did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RolledBack {
    /// The earlier image is there again, in this generation.
    Done { generation: i64 },
    /// Somebody gave the container another image meanwhile; it was left alone.
    NotOurs { image: String },
}

impl Cluster {
    /// Gives the container the image. Doing it again does nothing.
    ///
    /// # Errors
    /// [`ClusterError::NotFound`] and [`ClusterError::NoContainer`] for what is not there; [`ClusterError::Conflict`]
    /// when others kept changing it, or it has something else than was expected; [`ClusterError::Refused`] when the cluster does not like it, and
    /// [`ClusterError::Replaced`] when it makes something else of it.
    pub async fn set_image(
        &self,
        target: &ContainerRef,
        image: &PinnedImage,
        options: &PatchOptions<'_>,
    ) -> Result<Patched> {
        let text = image.to_string();
        for _ in 0..MOST_TRIES {
            let found = self.read_workload(target).await?;
            let current = find_container_in(target, &found)?;
            if image.is_same(&current.image) {
                return Ok(Patched {
                    is_changed: false,
                    generation: found.metadata.generation,
                    previous: current.image,
                    delivery: find_delivery(&found),
                });
            }
            if options.expected.is_some_and(|image| image != current.image) {
                return Err(self.make_conflict(target));
            }
            let secrets = self.list_secrets(target, &found, options).await?;
            let body = make_patch(target, &found, &current, &text, options, &secrets);
            match self.patch(target, body, options.dry_run).await {
                Err(ClusterError::Conflict { .. }) => continue,
                outcome => {
                    let after = outcome?;
                    self.check_taken(target, &after, &text)?;
                    return Ok(Patched {
                        is_changed: true,
                        previous: current.image,
                        generation: after.metadata.generation,
                        delivery: find_delivery(&after),
                    });
                }
            }
        }
        Err(self.make_conflict(target))
    }

    /// Puts `previous` back, but only while the container still has `ours`.
    ///
    /// # Errors
    /// As [`Cluster::set_image`].
    pub async fn roll_back(
        &self,
        target: &ContainerRef,
        ours: &PinnedImage,
        previous: &str,
    ) -> Result<RolledBack> {
        for _ in 0..MOST_TRIES {
            let found = self.read_workload(target).await?;
            let current = find_container_in(target, &found)?;
            if !ours.is_same(&current.image) {
                return Ok(match is_same_image(&current.image, previous) {
                    // An earlier attempt did it and did not live to tell.
                    true => RolledBack::Done {
                        generation: found.metadata.generation,
                    },
                    false => RolledBack::NotOurs {
                        image: current.image,
                    },
                });
            }
            let options = PatchOptions::default();
            let body = make_patch(target, &found, &current, previous, &options, &[]);
            match self.patch(target, body, false).await {
                Err(ClusterError::Conflict { .. }) => continue,
                outcome => {
                    let after = outcome?;
                    self.check_taken(target, &after, previous)?;
                    return Ok(RolledBack::Done {
                        generation: after.metadata.generation,
                    });
                }
            }
        }
        Err(self.make_conflict(target))
    }

    /// The pull secrets that a change adds.
    async fn list_secrets(
        &self,
        target: &ContainerRef,
        found: &WorkloadObject,
        options: &PatchOptions<'_>,
    ) -> Result<Vec<String>> {
        let Some(added) = options.pull_secret else {
            return Ok(Vec::new());
        };
        let spec = pod_spec(target.workload.kind, found);
        let mut secrets = self.list_account_secrets(target, spec).await?;
        secrets.retain(|name| name != added.as_str());
        secrets.push(added.to_string());
        Ok(secrets)
    }

    async fn patch(
        &self,
        target: &ContainerRef,
        body: Value,
        dry_run: bool,
    ) -> Result<WorkloadObject> {
        let workload = &target.workload;
        let mut call = Call::merge(workload.path(), workload.to_string(), body);
        if dry_run {
            call = call.with_query("dryRun", "All");
        }
        self.read(call).await
    }

    /// An admission hook may put something else in its place, which then would be followed as if it were ours.
    fn check_taken(
        &self,
        target: &ContainerRef,
        after: &WorkloadObject,
        image: &str,
    ) -> Result<()> {
        self.check_lengths(target, after)?;
        let found = find_container_in(target, after)?;
        match is_same_image(&found.image, image) {
            true => Ok(()),
            false => Err(ClusterError::Replaced {
                host: self.host().to_owned(),
                subject: target.workload.to_string(),
                image: found.image,
            }),
        }
    }

    fn make_conflict(&self, target: &ContainerRef) -> ClusterError {
        ClusterError::Conflict {
            host: self.host().to_owned(),
            subject: target.workload.to_string(),
        }
    }
}

/// Whether two texts name the same image: they are equal, or of one repository with one digest.
pub(super) fn is_same_image(one: &str, other: &str) -> bool {
    let (left, right) = (ImageParts::read(one), ImageParts::read(other));
    one == other
        || (left.name == right.name && left.digest.is_some() && left.digest == right.digest)
}

fn make_patch(
    target: &ContainerRef,
    found: &WorkloadObject,
    current: &FoundContainer,
    image: &str,
    options: &PatchOptions<'_>,
    secrets: &[String],
) -> Value {
    let kind: WorkloadKind = target.workload.kind;
    let list = match current.is_init {
        true => "initContainers",
        false => "containers",
    };
    let mut spec = Map::new();
    spec.insert(
        list.to_owned(),
        json!([{ "name": target.container.as_str(), "image": image }]),
    );
    if !secrets.is_empty() {
        let secrets = secrets.iter().map(|name| json!({ "name": name }));
        spec.insert("imagePullSecrets".to_owned(), secrets.collect());
    }
    let mut metadata = json!({ "resourceVersion": found.metadata.resource_version });
    if let Some(delivery) = options.delivery {
        metadata["annotations"] = json!({ DELIVERY: delivery });
    }
    json!({ "metadata": metadata, "spec": wrap_pod_spec(kind, Value::Object(spec)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(kind: WorkloadKind, container: &str) -> ContainerRef {
        ContainerRef {
            workload: super::super::WorkloadRef {
                namespace: "web".parse().expect("a name"),
                kind,
                name: "api".parse().expect("a name"),
            },
            container: container.parse().expect("a name"),
        }
    }

    fn object(value: Value) -> WorkloadObject {
        serde_json::from_value(value).expect("an object")
    }

    #[test]
    fn a_patch_names_one_container_and_the_version_that_was_read() {
        let pods = json!({"spec": {
            "initContainers": [{"name": "migrate", "image": "m:1"}],
            "containers": [{"name": "app", "image": "a:1"}, {"name": "side", "image": "s:1"}],
        }});
        let deployment = object(json!({
            "metadata": {"resourceVersion": "7"},
            "spec": {"template": pods},
        }));
        let app = target(WorkloadKind::Deployment, "app");
        let found = find_container_in(&app, &deployment).expect("it is there");
        assert_eq!(found.image, "a:1");
        let options = PatchOptions {
            delivery: Some("d1"),
            ..PatchOptions::default()
        };
        assert_eq!(
            make_patch(&app, &deployment, &found, "a:2", &options, &[]),
            json!({
                "metadata": {"resourceVersion": "7", "annotations": {"wharf/delivery": "d1"}},
                "spec": {"template": {"spec": {"containers": [{"name": "app", "image": "a:2"}]}}},
            })
        );
        let job = object(json!({
            "metadata": {"resourceVersion": "8"},
            "spec": {"jobTemplate": {"spec": {"template": pods}}},
        }));
        let migrate = target(WorkloadKind::CronJob, "migrate");
        let found = find_container_in(&migrate, &job).expect("it is there");
        let secrets = ["of-account".to_owned(), "wharf-pull".to_owned()];
        let options = PatchOptions::default();
        assert_eq!(
            make_patch(&migrate, &job, &found, "m:2", &options, &secrets),
            json!({
                "metadata": {"resourceVersion": "8"},
                "spec": {"jobTemplate": {"spec": {"template": {"spec": {
                    "initContainers": [{"name": "migrate", "image": "m:2"}],
                    "imagePullSecrets": [{"name": "of-account"}, {"name": "wharf-pull"}],
                }}}}},
            })
        );
    }

    #[test]
    fn images_are_the_same_by_text_or_by_digest() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let pinned = |tag: &str| format!("reg.example/app:{tag}@{digest}");
        assert!(is_same_image("nginx:1", "nginx:1"));
        assert!(is_same_image(&pinned("v1"), &pinned("v2")));
        assert!(!is_same_image("nginx:1", "nginx:2"));
        assert!(!is_same_image(&pinned("v1"), "reg.example/app:v1"));
    }

    #[test]
    fn an_image_that_an_admission_hook_replaced_is_not_taken_for_ours() {
        let policy = wharf_egress::Policy::server([]);
        let egress = wharf_egress::Egress::new(wharf_egress::EgressSettings::new(policy));
        let access = super::super::ClusterAccess::by_token("https://api.example", None, "hush");
        let (access, egress) = (access.expect("an access"), egress.expect("an egress"));
        let cluster = Cluster::open(&access, &egress).expect("a cluster");
        let app = target(WorkloadKind::DaemonSet, "app");
        let after = object(json!({"spec": {"template": {"spec": {
            "containers": [{"name": "app", "image": "mirror.example/a:2"}],
        }}}}));
        assert!(
            cluster
                .check_taken(&app, &after, "mirror.example/a:2")
                .is_ok()
        );
        let error = cluster.check_taken(&app, &after, "reg.example/a:2");
        let error = error.expect_err("it is another one");
        assert!(
            matches!(&error, ClusterError::Replaced { image, .. } if image == "mirror.example/a:2")
        );
        assert!(!error.is_transient() && error.hint().is_some());
    }
}
