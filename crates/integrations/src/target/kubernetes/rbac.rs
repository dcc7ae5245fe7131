//! The smallest manifest that lets wharf do its work in the granted namespaces of a cluster, and nothing elsewhere.
//!
//! Pure: printed for an administrator of the cluster to read and apply. Every verb in it is used; what is not granted
//! here is not needed.

use super::name::{KubeNamespace, ObjectName};
use super::rights::{ClusterGrant, RULES};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Writes YAML: a service account and its token in `home`, and in each granted namespace a role and its binding.
pub fn render_rbac(grants: &[ClusterGrant], home: &KubeNamespace, name: &ObjectName) -> String {
    let mut secrets: BTreeMap<&KubeNamespace, Vec<&ObjectName>> = BTreeMap::new();
    for grant in grants {
        let names = secrets.entry(&grant.namespace).or_default();
        names.extend(&grant.pull_secret);
        names.sort();
        names.dedup();
    }
    let mut text = format!(
        "\
# What wharf may do in this cluster: read and patch workloads, and see their pods and events, in the namespaces named here.
# Of secrets it may read and write only its own pull secrets, by name. Apply it with `kubectl apply -f`, then read the token:
#   kubectl -n {home} get secret {name}-token -o jsonpath='{{.data.token}}' | base64 -d
# and the authority that signed the API server's certificate:
#   kubectl -n {home} get secret {name}-token -o jsonpath='{{.data.ca\\.crt}}' | base64 -d
apiVersion: v1
kind: ServiceAccount
metadata:
  name: \"{name}\"
  namespace: \"{home}\"
automountServiceAccountToken: false
---
apiVersion: v1
kind: Secret
type: kubernetes.io/service-account-token
metadata:
  name: \"{name}-token\"
  namespace: \"{home}\"
  annotations:
    kubernetes.io/service-account.name: \"{name}\"
"
    );
    for (namespace, secrets) in secrets {
        text.push_str(&render_role(namespace, &secrets, home, name));
    }
    text
}

fn render_role(
    namespace: &KubeNamespace,
    secrets: &[&ObjectName],
    home: &KubeNamespace,
    name: &ObjectName,
) -> String {
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
        let (home, name) = (
            "tools".parse().expect("a name"),
            "wharf".parse().expect("a name"),
        );
        let text = render_rbac(&grants, &home, &name);
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
