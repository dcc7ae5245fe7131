//! Reads a kubeconfig that somebody pasted, as text and nothing more.
//!
//! Refuses by name whatever would run a program, read a file of this server, send requests elsewhere or weaken the
//! connection. Only the chosen context counts; what else is in the file is neither used nor kept. The fields are those of
//! `client-go/tools/clientcmd/api/v1/types.go`. YAML is read with bounds and without anchors, which no tool writes there
//! and which can make much of little.

mod refused;

use super::access::{Authority, ClusterAccess, ClusterCredential, ClusterServer, read_base64};
use super::error::{ClusterError, Result};
use refused::{check_cluster, check_user};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Largest kubeconfig. One of a person with fifty clusters has some 300 KiB.
const LARGEST_TEXT: usize = 1024 * 1024;

/// Most nodes in it, and most bytes of text: what fits in [`LARGEST_TEXT`] anyway, so that nothing is multiplied.
const MOST_NODES: usize = 100_000;

/// Deepest nesting. A kubeconfig has six levels, extensions perhaps some more.
const DEEPEST: usize = 32;

#[derive(Deserialize)]
struct Kubeconfig {
    #[serde(rename = "current-context", default)]
    current_context: Option<String>,
    #[serde(default, deserialize_with = "null_is_empty")]
    contexts: Vec<NamedContext>,
    #[serde(default, deserialize_with = "null_is_empty")]
    clusters: Vec<NamedCluster>,
    #[serde(default, deserialize_with = "null_is_empty")]
    users: Vec<NamedUser>,
}

#[derive(Deserialize)]
struct NamedContext {
    name: String,
    #[serde(default)]
    context: Option<Context>,
}

#[derive(Deserialize)]
struct Context {
    cluster: String,
    #[serde(default)]
    user: Option<String>,
    #[serde(default)]
    namespace: Option<String>,
}

#[derive(Deserialize)]
struct NamedCluster {
    name: String,
    #[serde(default)]
    cluster: Option<Value>,
}

#[derive(Deserialize)]
struct NamedUser {
    name: String,
    #[serde(default)]
    user: Option<Value>,
}

/// Reads the context called `context`, or the current one.
///
/// # Errors
/// [`ClusterError::RefusedField`] names what is refused, [`ClusterError::Kubeconfig`] what is missing or malformed.
/// Neither repeats a value.
pub fn read_kubeconfig(text: &str, context: Option<&str>) -> Result<ClusterAccess> {
    let config = parse(text)?;
    let wanted = context
        .or(config.current_context.as_deref())
        .filter(|name| !name.is_empty());
    let context = match (wanted, config.contexts.as_slice()) {
        (Some(name), contexts) => contexts.iter().find(|one| one.name == name),
        (None, [only]) => Some(only),
        (None, _) => return Err(refuse("it has no current context: name one")),
    };
    let context = context
        .and_then(|named| named.context.as_ref())
        .ok_or_else(|| refuse("it has no such context"))?;
    let cluster = config
        .clusters
        .iter()
        .find(|one| one.name == context.cluster);
    let cluster = cluster
        .and_then(|named| named.cluster.as_ref())
        .ok_or_else(|| refuse("the cluster of its context is not in it"))?;
    check_cluster(cluster)?;
    let user = config
        .users
        .iter()
        .find(|one| Some(&one.name) == context.user.as_ref());
    let user = user
        .and_then(|named| named.user.as_ref())
        .ok_or_else(|| refuse("the user of its context is not in it"))?;
    check_user(user)?;
    let namespace = match context.namespace.as_deref() {
        Some(name) if !name.is_empty() => Some(name.parse()?),
        _ => None,
    };
    Ok(ClusterAccess {
        server: ClusterServer::read(
            find_text(cluster, "server")?.ok_or_else(|| refuse("its cluster has no server"))?,
        )?,
        ca: find_text(cluster, "certificate-authority-data")?
            .map(Authority::read)
            .transpose()?,
        namespace,
        credential: read_user(user)?,
    })
}

/// The contexts that can be chosen, for a form.
///
/// # Errors
/// [`ClusterError::Kubeconfig`] when it cannot be read.
pub fn list_contexts(text: &str) -> Result<Vec<String>> {
    let config = parse(text)?;
    Ok(config.contexts.into_iter().map(|one| one.name).collect())
}

fn parse(text: &str) -> Result<Kubeconfig> {
    if text.len() > LARGEST_TEXT {
        return Err(refuse("it is too large"));
    }
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_aliases: 0,
            max_anchors: 0,
            max_nodes: MOST_NODES,
            max_events: 4 * MOST_NODES,
            max_total_scalar_bytes: LARGEST_TEXT,
            max_depth: DEEPEST,
            flow_nesting_limit: DEEPEST,
            max_documents: 1,
        },
        with_snippet: false,
    };
    // What the parser says could repeat a token, so only the place is told.
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let line = error
            .location()
            .map(|place| place.line())
            .filter(|line| *line > 0);
        ClusterError::Kubeconfig {
            reason: match line {
                Some(line) => format!("line {line} is not what a kubeconfig has there"),
                None => "it is not one in YAML or JSON".to_owned(),
            },
        }
    })
}

/// The server asks for certificates before tokens, so of both the certificate counts.
fn read_user(user: &Value) -> Result<ClusterCredential> {
    let certificate = find_text(user, "client-certificate-data")?;
    let key = find_text(user, "client-key-data")?;
    let decode = |text: &str| {
        read_base64(text).ok_or_else(|| refuse("its client certificate or key is not base64"))
    };
    match (certificate, key, find_text(user, "token")?) {
        (Some(certificate), Some(key), _) => {
            ClusterCredential::read_certificate(decode(certificate)?, decode(key)?)
        }
        (None, None, Some(token)) => ClusterCredential::read_token(token),
        (None, None, None) => Err(refuse(
            "its user has neither token nor client-certificate-data with client-key-data",
        )),
        _ => Err(refuse(
            "its user has a client certificate without key, or a key without certificate",
        )),
    }
}

fn find_text<'a>(fields: &'a Value, name: &str) -> Result<Option<&'a str>> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(ClusterError::Kubeconfig {
            reason: format!("its {name} is no text"),
        }),
    }
}

fn refuse(reason: &str) -> ClusterError {
    ClusterError::Kubeconfig {
        reason: reason.to_owned(),
    }
}

fn null_is_empty<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Vec<T>, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;

    const CA: &str = "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n";

    fn encode(text: &str) -> String {
        base64::engine::general_purpose::STANDARD.encode(text)
    }

    fn write(cluster: &str, user: &str) -> String {
        format!(
            r#"
apiVersion: v1
kind: Config
preferences: {{}}
current-context: main
contexts:
- name: main
  context: {{cluster: here, user: me, namespace: web}}
- name: other
  context: {{cluster: there, user: you}}
clusters:
- name: here
  cluster:
    server: https://10.0.0.1:6443
    certificate-authority-data: {ca}
{cluster}
- name: there
  cluster: {{server: "https://there.example"}}
users:
- name: you
  user: {{token: other-token}}
- name: me
  user:
{user}
"#,
            ca = encode(CA),
        )
    }

    #[test]
    fn the_chosen_context_is_read_and_the_others_are_not() {
        let text = write("", "    token: hush");
        let access = read_kubeconfig(&text, None).expect("the current one");
        assert_eq!(access.server.to_string(), "https://10.0.0.1:6443");
        assert_eq!(access.ca.expect("an authority").pem(), CA);
        assert_eq!(access.namespace.expect("a namespace").as_str(), "web");
        assert_eq!(
            access.credential,
            ClusterCredential::read_token("hush").expect("a token")
        );
        let access = read_kubeconfig(&text, Some("other")).expect("the other one");
        assert_eq!(access.server.to_string(), "https://there.example");
        assert_eq!(access.ca, None);
        assert!(read_kubeconfig(&text, Some("none")).is_err());
        assert_eq!(list_contexts(&text).expect("contexts"), ["main", "other"]);
    }

    #[test]
    fn a_client_certificate_counts_before_a_token_and_takes_its_key() {
        let key = "-----BEGIN EC PRIVATE KEY-----\nhush\n-----END EC PRIVATE KEY-----\n";
        let certificate = format!("    client-certificate-data: {}\n", encode(CA));
        let both = format!(
            "{certificate}    client-key-data: {}\n    token: t",
            encode(key)
        );
        let access = read_kubeconfig(&write("", &both), None).expect("a certificate");
        assert!(
            matches!(access.credential, ClusterCredential::Certificate { key: found, .. } if found.expose() == key)
        );
        assert!(read_kubeconfig(&write("", &certificate), None).is_err());
        assert!(read_kubeconfig(&write("", "    {}"), None).is_err());
    }

    #[test]
    fn m108_whatever_runs_programs_reads_files_or_goes_elsewhere_is_refused_by_name() {
        let secret = "    token: hush\n";
        for (name, cluster, user) in [
            (
                "exec",
                "",
                "    exec: {command: /bin/sh, apiVersion: client.authentication.k8s.io/v1}",
            ),
            ("auth-provider", "", "    auth-provider: {name: gcp}"),
            ("tokenFile", "", "    tokenFile: /etc/shadow"),
            (
                "client-certificate",
                "",
                "    client-certificate: /etc/shadow",
            ),
            ("client-key", "", "    client-key: /etc/shadow"),
            ("username", "", "    username: me"),
            ("password", "", "    password: hush"),
            ("as", "", "    as: system:admin"),
            ("as-groups", "", "    as-groups: [\"system:masters\"]"),
            ("as-user-extra", "", "    as-user-extra: {a: [b]}"),
            ("as-uid", "", "    as-uid: \"1\""),
            (
                "certificate-authority",
                "    certificate-authority: /etc/shadow",
                "",
            ),
            (
                "insecure-skip-tls-verify",
                "    insecure-skip-tls-verify: true",
                "",
            ),
            ("proxy-url", "    proxy-url: http://10.0.0.9:3128", ""),
            ("tls-server-name", "    tls-server-name: other.example", ""),
        ] {
            let text = write(cluster, &format!("{secret}{user}"));
            let error = read_kubeconfig(&text, None).expect_err(name);
            assert!(
                matches!(&error, ClusterError::RefusedField { field, .. } if *field == name),
                "{name}: {error:?}"
            );
            assert!(error.hint().is_some() && !format!("{error:?}{error}").contains("hush"));
        }
        let off = write(
            "    insecure-skip-tls-verify: false\n    proxy-url: \"\"",
            "    token: t\n    exec: null",
        );
        assert!(read_kubeconfig(&off, None).is_ok());
    }

    #[test]
    fn bombs_and_other_texts_are_refused_without_repeating_them() {
        let bomb = "a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b]\n";
        let deep = "[".repeat(100_000);
        let large = format!("a: {}", "x".repeat(LARGEST_TEXT));
        let wide = "- a\n".repeat(MOST_NODES + 1);
        for text in [
            bomb,
            &deep,
            &large,
            &wide,
            "",
            "hush",
            "token: hush\n  - x",
            "contexts: hush",
            "\u{0}",
            &format!(
                "{}---\n{}",
                write("", "    token: t"),
                write("", "    token: t")
            ),
        ] {
            let error = read_kubeconfig(text, None).expect_err("no kubeconfig");
            assert!(!format!("{error:?}{error}").contains("hush"), "{error:?}");
        }
        // Each is a good one without its anchor.
        for user in ["    token: &t hush", "    token: t\n    extensions: &e [x]"] {
            assert!(read_kubeconfig(&write("", user), None).is_err(), "{user}");
            let plain = user.replace("&t ", "").replace("&e ", "");
            assert!(read_kubeconfig(&write("", &plain), None).is_ok(), "{plain}");
        }
        let json = r#"{"current-context":"a","contexts":[{"name":"a","context":{"cluster":"a","user":"a"}}],
            "clusters":[{"name":"a","cluster":{"server":"https://a.example"}}],"users":[{"name":"a","user":{"token":"t"}}]}"#;
        assert!(read_kubeconfig(json, None).is_ok());
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[ \\n\\-:a-c{}\\[\\]&*!|>'\"#%@,?0-9~]{0,200}") {
            let _ = read_kubeconfig(&text, None);
            let _ = list_contexts(&text);
        }
    }
}
