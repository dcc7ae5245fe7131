//! Whether a private image can be pulled, and the secret for it.
//!
//! A pod pulls with the pull secrets of its template and, where that has none, with those of its service account
//! (kubernetes.io, "Configure Service Accounts for Pods"). wharf writes one secret of a name of its own; a workload gets
//! it in the same change as its image ([`PatchOptions`](super::PatchOptions)), so that pods restart once, and no service
//! account is changed, because that one belongs to other workloads too.

use super::cluster::{Call, Cluster};
use super::error::Result;
use super::image::check_image_host;
use super::name::{KubeNamespace, ObjectName};
use super::wire::{Named, PodSpec, SecretObject, ServiceAccount};
use super::workload::{ContainerRef, pod_spec};
use crate::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use wharf_oci::{Algorithm, Digest};

/// The type of a secret that a node pulls with.
const DOCKER_CONFIG: &str = "kubernetes.io/dockerconfigjson";

/// Before the name of an account that could not be read.
const ACCOUNT: &str = "serviceaccount/";

/// Before the scope in the name of a secret that wharf writes.
const PREFIX: &str = "wharf-pull-";

/// The longest scope that is written out; with the prefix and a digest's beginning a name stays readable and short.
const LONGEST_SCOPE: usize = 40;

/// What is known about pulling from a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PullAnswer {
    /// This secret is for the registry.
    Found { secret: String },
    /// No secret that pods of the workload pull with is for the registry. These were looked at.
    Missing { looked_at: Vec<String> },
    /// These secrets, or the service account, may not be read: perhaps one of them is for the registry.
    Unknown { unread: Vec<String> },
}

/// How pods of a workload will pull a private image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PullChoice {
    /// They have a secret for the registry, or may have one that cannot be seen.
    AsIs,
    /// They get this secret, which is there and is for the registry.
    Attach(ObjectName),
    /// They have none, and there is none to give them.
    Missing,
}

/// A pull secret to write.
#[derive(Debug, Clone)]
pub struct PullSecret {
    pub name: ObjectName,
    /// The registry as nodes reach it.
    pub host: String,
    pub username: String,
    pub password: Secret,
}

/// The name of the secret that serves a namespace of this registry: one each, so that two namespaces that may use the same
/// one of a cluster do not overwrite each other's.
pub fn pull_secret_name(scope: &str) -> ObjectName {
    let fits = scope.len() <= LONGEST_SCOPE;
    let name = fits
        .then(|| format!("{PREFIX}{scope}").parse().ok())
        .flatten();
    name.unwrap_or_else(|| {
        let digest = Digest::of(Algorithm::Sha256, scope.as_bytes()).hex();
        let plain: String = scope
            .bytes()
            .take(LONGEST_SCOPE)
            .map(
                |byte| match byte.is_ascii_lowercase() || byte.is_ascii_digit() {
                    true => char::from(byte),
                    false => '-',
                },
            )
            .collect();
        let name = format!("{PREFIX}{}-{}", plain.trim_matches('-'), &digest[..10]);
        name.parse()
            .expect("letters, digits and `-` between them are a name")
    })
}

impl Cluster {
    /// Whether pods of a workload have a secret for pulling from `host`.
    ///
    /// # Errors
    /// When the cluster cannot be reached or denies reading the workload.
    pub async fn find_pull_problem(&self, target: &ContainerRef, host: &str) -> Result<PullAnswer> {
        let object = self.read_workload(target).await?;
        let spec = pod_spec(target.workload.kind, &object);
        let namespace = &target.workload.namespace;
        let mut names: Vec<_> = spec
            .image_pull_secrets
            .iter()
            .map(|one| one.name.clone())
            .collect();
        let mut unread = Vec::new();
        if names.is_empty() {
            let account = name_account(spec);
            match self.read_service_account(namespace, account).await {
                Ok(found) => names.extend(found.image_pull_secrets.into_iter().map(|one| one.name)),
                Err(error) if error.is_forbidden() => unread.push(format!("{ACCOUNT}{account}")),
                Err(error) if error.is_not_found() => {}
                Err(error) => return Err(error),
            }
        }
        for name in &names {
            match self.read_secret(namespace, name).await {
                Ok(found) if is_for_host(&found, host) => {
                    return Ok(PullAnswer::Found {
                        secret: name.clone(),
                    });
                }
                Ok(_) => {}
                Err(error) if error.is_forbidden() => unread.push(name.clone()),
                Err(error) if error.is_not_found() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(match unread.is_empty() {
            true => PullAnswer::Missing { looked_at: names },
            false => PullAnswer::Unknown { unread },
        })
    }

    /// What to do so that pods of a workload can pull a private image from `host`: `ours` is the secret that wharf writes.
    ///
    /// # Errors
    /// As [`Cluster::find_pull_problem`].
    pub async fn choose_pull_secret(
        &self,
        target: &ContainerRef,
        host: &str,
        ours: &ObjectName,
    ) -> Result<PullChoice> {
        let answer = self.find_pull_problem(target, host).await?;
        let is_missing = match &answer {
            PullAnswer::Found { .. } => return Ok(PullChoice::AsIs),
            PullAnswer::Missing { .. } => true,
            // Pods take their account's secrets only while they have none of their own: ours could take those away.
            PullAnswer::Unknown { unread } if unread.iter().any(|one| one.starts_with(ACCOUNT)) => {
                return Ok(PullChoice::AsIs);
            }
            PullAnswer::Unknown { .. } => false,
        };
        match self
            .read_secret(&target.workload.namespace, ours.as_str())
            .await
        {
            Ok(found) if is_for_host(&found, host) => Ok(PullChoice::Attach(ours.clone())),
            Err(error) if !error.is_not_found() && !error.is_forbidden() => Err(error),
            _ if is_missing => Ok(PullChoice::Missing),
            _ => Ok(PullChoice::AsIs),
        }
    }

    /// The secrets that pods of a workload have from their account because the template names none: whoever gives the
    /// template one has to name these too.
    pub(super) async fn list_account_secrets(
        &self,
        target: &ContainerRef,
        spec: &PodSpec,
    ) -> Result<Vec<String>> {
        if !spec.image_pull_secrets.is_empty() {
            return Ok(Vec::new());
        }
        let namespace = &target.workload.namespace;
        match self
            .read_service_account(namespace, name_account(spec))
            .await
        {
            Ok(found) => Ok(found
                .image_pull_secrets
                .into_iter()
                .map(|one| one.name)
                .collect()),
            Err(error) if error.is_forbidden() || error.is_not_found() => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Writes the secret, whether it was there or not.
    ///
    /// # Errors
    /// [`ClusterError::Image`](super::ClusterError::Image) for a host that no node can pull from; else as the cluster says. No error shows the
    /// password.
    pub async fn write_pull_secret(
        &self,
        namespace: &KubeNamespace,
        secret: &PullSecret,
    ) -> Result<()> {
        check_image_host(&secret.host)?;
        let call = Call::apply(
            secret_path(namespace, secret.name.as_str()),
            format!("the pull secret {} in {namespace}", secret.name),
            make_secret(namespace, secret),
        )
        .hidden();
        self.read::<Named>(call).await.map(drop)
    }

    async fn read_service_account(
        &self,
        namespace: &KubeNamespace,
        name: &str,
    ) -> Result<ServiceAccount> {
        let name: ObjectName = name.parse()?;
        let path = format!("/api/v1/namespaces/{namespace}/serviceaccounts/{name}");
        self.read(Call::get(
            path,
            format!("the service account {name} in {namespace}"),
        ))
        .await
    }

    async fn read_secret(&self, namespace: &KubeNamespace, name: &str) -> Result<SecretObject> {
        let name: ObjectName = name.parse()?;
        let path = secret_path(namespace, name.as_str());
        let call = Call::get(path, format!("the secret {name} in {namespace}"));
        self.read(call.hidden()).await
    }
}

/// The account that pods run as.
fn name_account(spec: &PodSpec) -> &str {
    match spec.service_account_name.as_str() {
        "" => "default",
        name => name,
    }
}

fn secret_path(namespace: &KubeNamespace, name: &str) -> String {
    format!("/api/v1/namespaces/{namespace}/secrets/{name}")
}

fn make_secret(namespace: &KubeNamespace, secret: &PullSecret) -> Value {
    let pair = format!("{}:{}", secret.username, secret.password.expose());
    let config = json!({ "auths": { &secret.host: {
        "username": secret.username,
        "password": secret.password.expose(),
        "auth": STANDARD.encode(pair),
    } } });
    json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": secret.name.as_str(),
            "namespace": namespace.as_str(),
            "labels": { "app.kubernetes.io/managed-by": "wharf" },
        },
        "type": DOCKER_CONFIG,
        "data": { ".dockerconfigjson": STANDARD.encode(config.to_string()) },
    })
}

/// Keys are hosts, perhaps with a scheme before and a path behind (kubernetes.io, "Images", "Interpretation of
/// config.json").
fn is_for_host(secret: &SecretObject, host: &str) -> bool {
    let (field, has_auths) = match secret.kind.as_str() {
        DOCKER_CONFIG => (".dockerconfigjson", true),
        "kubernetes.io/dockercfg" => (".dockercfg", false),
        _ => return false,
    };
    let config = secret
        .data
        .get(field)
        .and_then(|text| STANDARD.decode(text).ok());
    let config: Value = config
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default();
    let auths = match has_auths {
        true => &config["auths"],
        false => &config,
    };
    let hosts = auths.as_object().into_iter().flat_map(|auths| auths.keys());
    hosts.into_iter().any(|key| {
        let bare = key.split_once("://").map_or(key.as_str(), |(_, rest)| rest);
        bare.split('/').next() == Some(host)
    })
}

impl PullAnswer {
    /// Whether people should be warned.
    pub fn is_problem(&self) -> bool {
        matches!(self, PullAnswer::Missing { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(kind: &str, field: &str, config: &str) -> SecretObject {
        let config = STANDARD.encode(config);
        serde_json::from_value(json!({"type": kind, "data": {field: config}})).expect("a secret")
    }

    #[test]
    fn a_secret_is_for_a_host_however_its_key_is_written() {
        for (config, is_ours) in [
            (r#"{"auths":{"reg.example:5000":{}}}"#, true),
            (r#"{"auths":{"https://reg.example:5000/v2/":{}}}"#, true),
            (r#"{"auths":{"reg.example:5000/team":{}}}"#, true),
            (r#"{"auths":{"reg.example":{}}}"#, false),
            (r#"{"auths":{"other.example":{}}}"#, false),
            (r#"{"auths":[]}"#, false),
            ("no json", false),
        ] {
            let found = secret(DOCKER_CONFIG, ".dockerconfigjson", config);
            assert_eq!(is_for_host(&found, "reg.example:5000"), is_ours, "{config}");
        }
        let old = secret(
            "kubernetes.io/dockercfg",
            ".dockercfg",
            r#"{"reg.example":{}}"#,
        );
        assert!(is_for_host(&old, "reg.example"));
        assert!(!is_for_host(
            &secret("Opaque", ".dockercfg", r#"{"reg.example":{}}"#),
            "reg.example"
        ));
    }

    #[test]
    fn what_is_written_is_for_its_host_and_debug_does_not_show_it() {
        let secret = PullSecret {
            name: pull_secret_name("team"),
            host: "reg.example:5000".to_owned(),
            username: "robot$team".to_owned(),
            password: Secret::new("hush"),
        };
        assert!(!format!("{secret:?}").contains("hush"));
        let made = make_secret(&"web".parse().expect("a name"), &secret);
        let read: SecretObject = serde_json::from_value(made).expect("a secret");
        assert!(is_for_host(&read, "reg.example:5000"));
    }

    #[test]
    fn each_scope_has_a_name_of_its_own() {
        let name = |scope: &str| pull_secret_name(scope).to_string();
        assert_eq!(name("team"), "wharf-pull-team");
        assert_eq!(name("team.a-b"), "wharf-pull-team.a-b");
        let odd = [
            "team_a",
            "team__a",
            "team-a",
            &"x".repeat(200),
            &"x".repeat(201),
            "é",
        ];
        let mut names: Vec<_> = odd.iter().map(|scope| name(scope)).collect();
        assert!(names.iter().all(|name| name.len() <= 63), "{names:?}");
        names.sort();
        names.dedup();
        assert_eq!(names.len(), odd.len());
    }
}
