//! Which authorities the client trusts: the system's, and for one host those that docker trusts for it.

use std::fs;
use std::path::Path;

use reqwest::Certificate;

/// Where docker looks for the authorities of a registry (`HOST/*.crt`): who made docker work has made wharf work.
const DOCKER_CERTIFICATES: &str = "/etc/docker/certs.d";

/// The authorities that docker is told to trust for `host`; unreadable files are passed over, as docker does.
pub(super) fn find_docker_authorities(host: &str) -> Vec<Certificate> {
    read_authorities(&Path::new(DOCKER_CERTIFICATES).join(host))
}

fn read_authorities(directory: &Path) -> Vec<Certificate> {
    let Ok(entries) = fs::read_dir(directory) else {
        return Vec::new();
    };
    entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "crt"))
        .filter_map(|path| fs::read(path).ok())
        .filter_map(|text| Certificate::from_pem_bundle(&text).ok())
        .flatten()
        .collect()
}
