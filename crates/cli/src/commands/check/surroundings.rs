//! What settings name outside themselves: folders, files, certificates, addresses.
//!
//! Only looks. It opens no database and writes nothing; a socket that is bound to see whether an address is free is
//! closed at once.

use std::fs;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::{Config, DatabaseLocation, Problem, ServerConfig, TlsFiles};

/// Everything that would keep a server with these settings from working well on this host.
pub(super) fn find_problems(config: &Config) -> Vec<Problem> {
    let mut problems = Vec::new();
    problems.extend(check_folder(&config.data_dir, "config.data_dir_unusable"));
    if let DatabaseLocation::Sqlite(path) = &config.database {
        problems.extend(check_sqlite(path, &config.data_dir));
    }
    if let Some(files) = &config.server.tls {
        problems.extend(check_certificate(files));
    }
    problems.extend(check_listener("server.listen", config.server.listen));
    if let Some(listen) = config.metrics.listen {
        problems.extend(check_listener("metrics.listen", listen));
    }
    problems.extend(check_exposure(&config.server));
    problems
}

/// A folder that exists must be one and be writable; one that does not needs a folder to be made in.
fn check_folder(path: &Path, key: &'static str) -> Option<Problem> {
    let mut existing = path;
    let metadata = loop {
        match fs::metadata(existing) {
            Ok(metadata) => break metadata,
            Err(error) if error.kind() == ErrorKind::NotFound => match existing.parent() {
                Some(parent) if parent.as_os_str().is_empty() => existing = Path::new("."),
                Some(parent) => existing = parent,
                None => return None,
            },
            Err(error) => return Some(describe_path(key, path, &error.to_string())),
        }
    };
    if !metadata.is_dir() {
        let cause = std::io::Error::from(ErrorKind::NotADirectory).to_string();
        return Some(describe_path(key, existing, &cause));
    }
    match rustix::fs::access(existing, rustix::fs::Access::WRITE_OK) {
        Ok(()) => None,
        Err(error) => Some(describe_path(key, existing, &error.to_string())),
    }
}

/// The database's folder is only made for it when it is the data folder.
fn check_sqlite(path: &Path, data_dir: &Path) -> Option<Problem> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if folder == data_dir {
        return None;
    }
    if !folder.is_dir() {
        let cause = std::io::Error::from(ErrorKind::NotFound).to_string();
        return Some(describe_path("config.sqlite_folder", folder, &cause).about("database.url"));
    }
    check_folder(folder, "config.sqlite_folder").map(|problem| problem.about("database.url"))
}

fn describe_path(key: &'static str, path: &Path, cause: &str) -> Problem {
    Problem::error(key)
        .with("path", path.display().to_string())
        .with("cause", cause)
}

/// Both files must be readable PEM, and the key must be the certificate's.
fn check_certificate(files: &TlsFiles) -> Vec<Problem> {
    let mut problems = Vec::new();
    let chain = CertificateDer::pem_file_iter(&files.cert_file)
        .and_then(|certificates| certificates.collect::<Result<Vec<_>, _>>());
    let chain = match chain {
        Ok(chain) if !chain.is_empty() => Some(chain),
        Ok(_) => {
            let problem = Problem::error("config.certificate_missing");
            let path = files.cert_file.display().to_string();
            problems.push(problem.about("server.tls_cert_file").with("path", path));
            None
        }
        Err(error) => {
            let problem = describe_path(
                "config.certificate_unreadable",
                &files.cert_file,
                &error.to_string(),
            );
            problems.push(problem.about("server.tls_cert_file"));
            None
        }
    };
    let key = match PrivateKeyDer::from_pem_file(&files.key_file) {
        Ok(key) => Some(key),
        Err(error) => {
            let cause = error.to_string();
            let problem = describe_path("config.key_unreadable", &files.key_file, &cause);
            problems.push(problem.about("server.tls_key_file"));
            None
        }
    };
    if let (Some(chain), Some(key)) = (chain, key) {
        let pair = rustls::ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(chain, key);
        if let Err(error) = pair {
            let problem = Problem::error("config.certificate_pair");
            problems.push(
                problem
                    .about("server.tls_key_file")
                    .with("cause", error.to_string()),
            );
        }
    }
    problems
}

/// An address in use is only a warning: the running server may be the one that is being checked.
fn check_listener(setting: &'static str, address: SocketAddr) -> Option<Problem> {
    let error = TcpListener::bind(address).err()?;
    let problem = match error.kind() {
        ErrorKind::AddrInUse => Problem::warning("config.address_in_use"),
        _ => Problem::error("config.address_unusable").with("cause", error.to_string()),
    };
    Some(problem.about(setting).with("address", address.to_string()))
}

/// Docker refuses plain HTTP from other machines, and passwords would travel in the open.
fn check_exposure(server: &ServerConfig) -> Option<Problem> {
    let is_public = !server.listen.ip().is_loopback();
    let has_tls = server.tls.is_some()
        || server
            .public_url
            .as_ref()
            .is_some_and(|url| url.scheme() == "https");
    (is_public && !has_tls && !server.insecure_login).then(|| {
        Problem::warning("config.no_tls")
            .about("server.listen")
            .with("address", server.listen.to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use wharf_messages::Language;

    #[test]
    fn a_folder_that_can_be_made_is_fine_and_a_file_in_its_place_is_not() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(
            check_folder(&root.path().join("a/b"), "config.data_dir_unusable"),
            None
        );
        let file = root.path().join("file");
        fs::write(&file, "").unwrap();
        for path in [file.clone(), file.join("below")] {
            let problem = check_folder(&path, "config.data_dir_unusable").unwrap();
            assert!(problem.render_message(Language::En).contains("file"));
        }
    }

    #[test]
    fn an_address_in_use_is_a_warning() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let problem = check_listener("server.listen", address).unwrap();
        assert_eq!(problem.code(), "address_in_use");
        drop(listener);
    }

    #[test]
    fn files_that_are_no_certificate_are_each_reported() {
        let root = tempfile::tempdir().unwrap();
        let cert_file = root.path().join("cert.pem");
        fs::write(&cert_file, "nothing in here").unwrap();
        let problems = check_certificate(&TlsFiles {
            cert_file,
            key_file: root.path().join("missing.pem"),
        });
        let codes: Vec<_> = problems.iter().map(Problem::code).collect();
        assert_eq!(codes, ["certificate_missing", "key_unreadable"]);
    }
}
