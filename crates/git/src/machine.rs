//! What git's sandbox has of this machine: programs, their libraries, certificates. Nothing that is anybody's own.

use std::fs;
use std::path::{Path, PathBuf};

use wharf_sandbox::Mount;

/// Programs and libraries of every usual distribution, and where their certificates and the linker's list are. Folders
/// that hold private keys (`/etc/ssl/private`, `/etc/pki/tls/private`) are not among them.
const PATHS: [&str; 22] = [
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/nix/store",
    "/gnu/store",
    "/run/current-system",
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/crypto-policies",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/pki/ca-trust",
    "/etc/pki/tls/cert.pem",
    "/etc/pki/tls/certs",
    "/etc/ssl/cert.pem",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
];

/// Where git, its shell and ssh are looked for.
pub(crate) const SEARCH_PATH: &str =
    "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin:/run/current-system/sw/bin";

/// Files in which distributions keep all authorities that are believed.
const BUNDLES: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// The largest bundle that is read. Distributions' have 250 KiB.
const LARGEST_BUNDLE: u64 = 8 << 20;

/// A path of this machine, as the sandbox gets it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// `/bin` is a link to `usr/bin` in most distributions.
    Link { path: PathBuf, to: PathBuf },
    /// Mounted as it is.
    Mount(PathBuf),
}

/// What of [`PATHS`] is here.
pub(crate) fn find_parts() -> Vec<Part> {
    PATHS
        .iter()
        .map(Path::new)
        .filter_map(|path| {
            let kind = fs::symlink_metadata(path).ok()?.file_type();
            // A link in a folder that is mounted whole comes with it; the others lead within what is mounted.
            Some(match fs::read_link(path) {
                Ok(to) if kind.is_symlink() => Part::Link {
                    path: path.to_owned(),
                    to,
                },
                _ => Part::Mount(path.to_owned()),
            })
        })
        .collect()
}

/// The mounts among the parts.
pub(crate) fn list_mounts(parts: &[Part]) -> Vec<Mount> {
    parts
        .iter()
        .filter_map(|part| match part {
            Part::Mount(path) => Some(Mount::Machine {
                path: path.clone(),
                target: path.to_string_lossy().into_owned(),
            }),
            Part::Link { .. } => None,
        })
        .collect()
}

/// The authorities that this machine believes, in PEM form; nothing where there are none.
pub(crate) fn read_authorities() -> Vec<u8> {
    use std::io::Read;
    BUNDLES
        .iter()
        .find_map(|path| {
            let mut text = Vec::new();
            let file = fs::File::open(path).ok()?;
            file.take(LARGEST_BUNDLE).read_to_end(&mut text).ok()?;
            (!text.is_empty()).then_some(text)
        })
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_among_the_parts_and_homes_and_secrets_are_not() {
        let parts = find_parts();
        assert!(parts.contains(&Part::Mount("/usr".into())), "{parts:?}");
        let private = [
            "/etc/shadow",
            "/etc/ssl/private",
            "/root",
            "/home",
            "/var/lib",
            "/etc/ssh",
        ];
        for part in &parts {
            let (Part::Mount(path) | Part::Link { path, .. }) = part;
            assert!(
                private
                    .iter()
                    .all(|other| !Path::new(other).starts_with(path)),
                "{path:?}"
            );
        }
    }
}
