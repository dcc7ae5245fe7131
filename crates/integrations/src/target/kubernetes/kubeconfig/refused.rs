//! What is refused in a kubeconfig, by name: whatever would run a program, read a file of this server, send requests
//! elsewhere, or weaken the connection.
//!
//! Pure.

use super::super::error::{ClusterError, Result};
use serde_json::Value;

/// A field that is refused, why, and what to do instead.
type Refusal = (&'static str, &'static str, &'static str);

const FLATTEN: &str =
    "`kubectl config view --raw --flatten --minify` writes files into the kubeconfig itself";
const USE_TOKEN: &str =
    "use the token of a service account: `wharf cluster manifest` prints what makes one";

const REFUSED_OF_CLUSTER: [Refusal; 4] = [
    (
        "certificate-authority",
        "it names a file, and no file of this server is read",
        FLATTEN,
    ),
    (
        "insecure-skip-tls-verify",
        "whoever stands in between would get the credentials",
        "give the authority that signed the server's certificate as certificate-authority-data",
    ),
    (
        "proxy-url",
        "this server's own way out decides where requests go",
        "an operator can set [egress] proxy in wharf.toml",
    ),
    (
        "tls-server-name",
        "the server's certificate has to be made for its address",
        "use an address that is in the certificate",
    ),
];

const REFUSED_OF_USER: [Refusal; 12] = [
    ("exec", "it runs a program", USE_TOKEN),
    ("auth-provider", "it runs a plugin", USE_TOKEN),
    (
        "tokenFile",
        "it names a file, and no file of this server is read",
        FLATTEN,
    ),
    (
        "client-certificate",
        "it names a file, and no file of this server is read",
        FLATTEN,
    ),
    (
        "client-key",
        "it names a file, and no file of this server is read",
        FLATTEN,
    ),
    ("username", "clusters take no passwords any more", USE_TOKEN),
    ("password", "clusters take no passwords any more", USE_TOKEN),
    ("as", "this server acts in nobody else's name", USE_TOKEN),
    (
        "as-uid",
        "this server acts in nobody else's name",
        USE_TOKEN,
    ),
    (
        "as-groups",
        "this server acts in nobody else's name",
        USE_TOKEN,
    ),
    (
        "as-user-extra",
        "this server acts in nobody else's name",
        USE_TOKEN,
    ),
    // As client-go once wrote it.
    (
        "token-file",
        "it names a file, and no file of this server is read",
        FLATTEN,
    ),
];

/// Passes a cluster's fields that say where it is and nothing else.
///
/// # Errors
/// [`ClusterError::RefusedField`].
pub(super) fn check_cluster(fields: &Value) -> Result<()> {
    check_fields(fields, &REFUSED_OF_CLUSTER)
}

/// Passes a user's fields that hold a credential and nothing else.
///
/// # Errors
/// [`ClusterError::RefusedField`].
pub(super) fn check_user(fields: &Value) -> Result<()> {
    check_fields(fields, &REFUSED_OF_USER)
}

fn check_fields(fields: &Value, refused: &[Refusal]) -> Result<()> {
    let set = |value: &Value| match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        _ => true,
    };
    let found = refused
        .iter()
        .find(|(field, ..)| fields.get(field).is_some_and(set));
    match found {
        Some(&(field, reason, hint)) => Err(ClusterError::RefusedField {
            field,
            reason,
            hint,
        }),
        None => Ok(()),
    }
}
