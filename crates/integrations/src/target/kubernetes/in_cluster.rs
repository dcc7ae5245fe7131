//! Access by the service account of the pod that this server runs in.
//!
//! Reads the files that the kubelet puts there (kubernetes.io, "Accessing the Kubernetes API from a Pod"), and nothing
//! else. The token is replaced about every hour, so the caller reads anew each time before it opens the cluster; nothing
//! of it is stored.

use super::access::{Authority, ClusterAccess, ClusterCredential, ClusterServer};
use super::error::{ClusterError, Result};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Where the kubelet puts them.
pub const SERVICE_ACCOUNT_FOLDER: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// The largest file that is read: tokens have one or two KiB, authorities some more.
const LARGEST_FILE: u64 = 64 * 1024;

/// Reads the account in `folder`; `host` and `port` are what the environment calls `KUBERNETES_SERVICE_HOST` and
/// `KUBERNETES_SERVICE_PORT`. Blocks for three small files.
///
/// # Errors
/// [`ClusterError::InCluster`] when this is no pod, or one without an account.
pub fn read_in_cluster(
    folder: &Path,
    host: Option<&str>,
    port: Option<&str>,
) -> Result<ClusterAccess> {
    let fail = |what| ClusterError::InCluster { what };
    let host = host
        .filter(|host| !host.is_empty())
        .ok_or(fail("KUBERNETES_SERVICE_HOST"))?;
    let host = match host.contains(':') {
        true => format!("[{host}]"),
        false => host.to_owned(),
    };
    let port: u16 = port
        .and_then(|port| port.parse().ok())
        .ok_or(fail("KUBERNETES_SERVICE_PORT"))?;
    let token = read_file(folder, "token").ok_or(fail("the token"))?;
    let ca = read_file(folder, "ca.crt").ok_or(fail("the authority"))?;
    let namespace = read_file(folder, "namespace");
    Ok(ClusterAccess {
        server: ClusterServer::read(&format!("https://{host}:{port}"))?,
        ca: Some(Authority::read(&ca)?),
        namespace: namespace.and_then(|name| name.trim().parse().ok()),
        credential: ClusterCredential::read_token(&token)?,
    })
}

fn read_file(folder: &Path, name: &str) -> Option<String> {
    let mut text = String::new();
    let file = File::open(folder.join(name)).ok()?;
    file.take(LARGEST_FILE).read_to_string(&mut text).ok()?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CA: &str = "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n";

    #[test]
    fn the_account_of_the_pod_is_read_anew_each_time() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            std::fs::write(folder.path().join(name), text).expect("written");
        };
        let read = |host, port| read_in_cluster(folder.path(), host, port);
        write("ca.crt", CA);
        write("namespace", "tools\n");
        let error = read(Some("10.96.0.1"), Some("443")).expect_err("there is no token");
        assert!(matches!(
            error,
            ClusterError::InCluster { what: "the token" }
        ));
        for token in ["first", "second"] {
            write("token", token);
            let access = read(Some("10.96.0.1"), Some("443")).expect("an account");
            assert_eq!(
                access.credential,
                ClusterCredential::read_token(token).expect(token)
            );
            assert_eq!(access.namespace.expect("a namespace").as_str(), "tools");
            assert_eq!(access.server.host(), "10.96.0.1:443");
        }
        let access = read(Some("fd12::1"), Some("6443")).expect("an account");
        assert_eq!(access.server.to_string(), "https://[fd12::1]:6443");
        for (host, port) in [
            (None, Some("443")),
            (Some(""), Some("443")),
            (Some("h"), None),
        ] {
            assert!(read(host, port).is_err());
        }
    }
}
