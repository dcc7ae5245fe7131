//! The client of registries as the settings and the environment want it.

use std::path::Path;
use std::sync::Arc;

use wharf_client::{Client, ClientSettings, DockerConfig};
use wharf_egress::{Egress, EgressSettings, Policy, ProxySettings};

use crate::config::Config;
use crate::failure::Failure;
use crate::session::Session;

/// A client with docker's logins.
///
/// `egress` comes from [`open_egress`] with the same settings.
pub(crate) fn open_client(session: &Session, config: &Config, egress: Egress) -> Client {
    let mut settings = ClientSettings::new(egress);
    settings.registries = config.registries.clone();
    if let Some(folder) = find_docker_folder(session) {
        let search_path = session.variable("PATH").unwrap_or_default();
        settings.credentials = Arc::new(DockerConfig::new(Path::new(&folder), search_path));
    }
    Client::new(settings)
}

/// The way out for everything that a command fetches. Whoever runs a command may dial what they like.
///
/// # Errors
/// A certificate file or a proxy that cannot be used.
pub(crate) fn open_egress(session: &Session, config: &Config) -> Result<Egress, Failure> {
    open_with_policy(session, config, Policy::operator())
}

/// The way out for what the server fetches for its users: public addresses, and those of `[egress] allow`.
///
/// # Errors
/// A certificate file or a proxy that cannot be used.
pub(crate) fn open_server_egress(session: &Session, config: &Config) -> Result<Egress, Failure> {
    let policy = Policy::server(config.egress.allow.iter().cloned());
    open_with_policy(session, config, policy)
}

fn open_with_policy(session: &Session, config: &Config, policy: Policy) -> Result<Egress, Failure> {
    let mut settings = EgressSettings::new(policy);
    settings.proxy = read_proxy(session, config)?;
    settings.ca_files = config.egress.ca_file.iter().cloned().collect();
    settings.hosts = config.registries.host_settings();
    Egress::new(settings).map_err(|error| {
        Failure::new(session.text("cli.build.certificates", &[])).caused_by(&error)
    })
}

/// `[egress] proxy`, else the environment's. Lower case wins, as with curl; `HTTP_PROXY` in upper case is taken too, as
/// docker takes it.
fn read_proxy(session: &Session, config: &Config) -> Result<ProxySettings, Failure> {
    let variable = |name: &str| {
        let lower = name.to_ascii_lowercase();
        session
            .variable(&lower)
            .or_else(|| session.variable(name))
            .map(str::to_owned)
    };
    let own = config
        .egress
        .proxy
        .as_ref()
        .map(|url| url.as_str().to_owned());
    let http = own.clone().or_else(|| variable("HTTP_PROXY"));
    let https = own.or_else(|| variable("HTTPS_PROXY"));
    let direct = variable("NO_PROXY");
    ProxySettings::parse(http.as_deref(), https.as_deref(), direct.as_deref())
        .map_err(|error| Failure::new(session.text("cli.build.proxy", &[])).caused_by(&error))
}

/// Where docker's `config.json` is.
pub(crate) fn find_docker_folder(session: &Session) -> Option<String> {
    match session.variable("DOCKER_CONFIG") {
        Some(folder) => Some(folder.to_owned()),
        None => session
            .variable("HOME")
            .map(|home| format!("{home}/.docker")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Sources, load_config};

    fn open(environment: &[(&str, &str)], text: &str) -> Result<Client, Failure> {
        // The program does this first of all.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("wharf.toml");
        std::fs::write(&file, text).expect("a file");
        let loaded = load_config(&Sources {
            file: Some(&file),
            ..Sources::default()
        });
        assert!(!loaded.has_errors());
        let session = Session::for_test(environment);
        let egress = open_egress(&session, &loaded.config)?;
        Ok(open_client(&session, &loaded.config, egress))
    }

    #[test]
    fn a_client_follows_the_settings() {
        let text = "[registries.\"docker.io\"]\nmirrors = [\"mirror.example\"]\n";
        let client = open(&[("HOME", "/nonexistent")], text).expect("a client");
        assert!(format!("{client:?}").contains("mirror.example"));
    }

    #[test]
    fn a_proxy_or_certificate_that_cannot_be_used_is_a_failure() {
        assert!(open(&[("https_proxy", "socks5://p:1")], "").is_err());
        assert!(open(&[], "[egress]\nca_file = \"/nonexistent/ca.pem\"\n").is_err());
        assert!(open(&[("HTTPS_PROXY", "http://p.example:1")], "").is_ok());
    }
}
