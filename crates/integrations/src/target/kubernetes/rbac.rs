//! The smallest manifest that lets wharf do its work in the granted namespaces of a cluster, and nothing elsewhere.
//!
//! Pure: printed for an administrator of the cluster to read and apply. Every verb in it is used; what is not granted
//! here is not needed.

use super::account::KubeAccount;
use super::name::{KubeNamespace, ObjectName};
use super::rights::{ClusterGrant, RULES};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Whom the manifest grants what is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RbacSubject {
    /// An account that the manifest makes, with a token to read.
    New(KubeAccount),
    /// One that is there, such as that of the pod that wharf runs in: the manifest leaves it as it is.
    Existing(KubeAccount),
}

/// Writes YAML: the account where it is a new one, and in each granted namespace a role and its binding.
pub fn render_rbac(grants: &[ClusterGrant], subject: &RbacSubject) -> String {
    let mut secrets: BTreeMap<&KubeNamespace, Vec<&ObjectName>> = BTreeMap::new();
    for grant in grants {
        let names = secrets.entry(&grant.namespace).or_default();
        names.extend(&grant.pull_secret);
        names.sort();
        names.dedup();
    }
    let mut text = String::from(
        "\
# What wharf may do in this cluster: read and patch workloads, and see their pods and events, in the namespaces named here.
# Of secrets it may read and write only its own pull secrets, by name. Apply it with `kubectl apply -f`.
",
    );
    let account = match subject {
        RbacSubject::New(account) => {
            text.push_str(&render_account(account));
            account
        }
        RbacSubject::Existing(account) => account,
    };
    for (namespace, secrets) in secrets {
        text.push_str(&render_role(namespace, &secrets, account));
    }
    text
}

fn render_account(account: &KubeAccount) -> String {
    let KubeAccount { namespace, name } = account;
    format!(
        "\
# Then read the token:
#   kubectl -n {namespace} get secret {name}-token -o jsonpath='{{.data.token}}' | base64 -d
# and the authority that signed the API server's certificate:
#   kubectl -n {namespace} get secret {name}-token -o jsonpath='{{.data.ca\\.crt}}' | base64 -d
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: \"{name}\"
  namespace: \"{namespace}\"
automountServiceAccountToken: false
---
apiVersion: v1
kind: Secret
type: kubernetes.io/service-account-token
metadata:
  name: \"{name}-token\"
  namespace: \"{namespace}\"
  annotations:
    kubernetes.io/service-account.name: \"{name}\"
"
    )
}

fn render_role(
    namespace: &KubeNamespace,
    secrets: &[&ObjectName],
    account: &KubeAccount,
) -> String {
    let KubeAccount {
        namespace: home,
        name,
    } = account;
    let mut text = format!(
        "\
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: \"{name}\"
  namespace: \"{namespace}\"
rules:
"
    );
    for (group, resource, verbs, _) in RULES {
        if resource == "secrets" && secrets.is_empty() {
            continue;
        }
        // Writing to a String does not fail.
        let _ = write!(
            text,
            "  - apiGroups: [\"{group}\"]\n    resources: [\"{resource}\"]\n    verbs: [{}]\n",
            quote_all(verbs)
        );
        if resource == "secrets" {
            let _ = writeln!(text, "    resourceNames: [{}]", quote_all(secrets));
        }
    }
    let _ = write!(
        text,
        "\
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: \"{name}\"
  namespace: \"{namespace}\"
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: \"{name}\"
subjects:
  - kind: ServiceAccount
    name: \"{name}\"
    namespace: \"{home}\"
"
    );
    text
}

fn quote_all<T: std::fmt::Display>(words: &[T]) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("\"{word}\"")).collect();
    quoted.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn grant(namespace: &str, secret: Option<&str>) -> ClusterGrant {
        ClusterGrant {
            namespace: namespace.parse().expect("a name"),
            pull_secret: secret.map(|name| name.parse().expect("a name")),
        }
    }

    #[test]
    fn each_namespace_has_one_role_and_secrets_are_named() {
        let grants = [
            grant("web", Some("wharf-pull-a")),
            grant("web", Some("wharf-pull-b")),
            grant("jobs", None),
        ];
        let account = KubeAccount {
            namespace: "tools".parse().expect("a name"),
            name: "wharf".parse().expect("a name"),
        };
        let text = render_rbac(&grants, &RbacSubject::New(account.clone()));
        let objects: Vec<Value> = serde_saphyr::from_multiple(&text).expect("YAML");
        let kinds: Vec<_> = objects
            .iter()
            .map(|object| {
                let namespace = object["metadata"]["namespace"].as_str().unwrap_or_default();
                format!(
                    "{} {namespace}",
                    object["kind"].as_str().unwrap_or_default()
                )
            })
            .collect();
        assert_eq!(
            kinds,
            [
                "ServiceAccount tools",
                "Secret tools",
                "Role jobs",
                "RoleBinding jobs",
                "Role web",
                "RoleBinding web",
            ]
        );
        let existing = render_rbac(&grants, &RbacSubject::Existing(account));
        let kept: Vec<Value> = serde_saphyr::from_multiple(&existing).expect("YAML");
        assert_eq!(kept, objects[2..], "the account of a pod is left as it is");
        let secrets_of = |role: &Value| {
            let rules = role["rules"].as_array().expect("rules").clone();
            let found = rules
                .into_iter()
                .find(|rule| rule["resources"][0] == "secrets");
            found.map(|rule| rule["resourceNames"].clone())
        };
        assert_eq!(secrets_of(&objects[2]), None);
        assert_eq!(
            secrets_of(&objects[4]),
            Some(serde_json::json!(["wharf-pull-a", "wharf-pull-b"]))
        );
        assert!(!text.contains('*') && !text.contains("ClusterRole"));
    }
}
