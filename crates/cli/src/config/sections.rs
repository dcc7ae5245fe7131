//! The sections of `wharf.toml`, one typed struct each, and what may be in their keys.
//!
//! Each file reads one section: type, default, and every reason for which a value cannot be used. A section that is
//! not here does not exist, and neither does a key.

mod build;
mod code_hosts;
mod console;
mod database;
mod egress;
mod limits;
mod metrics;
mod oidc;
mod registries;
mod registry;
mod server;
mod smtp;
mod triggers;

use std::fmt;
use std::path::PathBuf;

pub(crate) use build::{AllowedNet, BuildConfig};
pub(crate) use console::ConsoleConfig;
pub(crate) use database::DatabaseLocation;
pub(crate) use egress::EgressConfig;
pub(crate) use limits::LimitsConfig;
pub(crate) use metrics::MetricsConfig;
pub(crate) use registry::RegistryConfig;
pub(crate) use server::{ServerConfig, TlsFiles};
pub(crate) use smtp::SmtpConfig;

use wharf_app::accounts::OidcSettings;
use wharf_app::{OauthApp, TriggerSettings};
use wharf_client::Registries;

use super::problem::Problem;
use super::reader::Reader;

/// Everything wharf is told.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// `--data-dir`: blobs, and the SQLite database unless `[database] url` names another place.
    pub(crate) data_dir: PathBuf,
    pub(crate) server: ServerConfig,
    pub(crate) console: ConsoleConfig,
    pub(crate) database: DatabaseLocation,
    pub(crate) registry: RegistryConfig,
    pub(crate) metrics: MetricsConfig,
    pub(crate) limits: LimitsConfig,
    pub(crate) registries: Registries,
    /// The OAuth apps that this installation is at code hosts.
    pub(crate) code_hosts: Vec<OauthApp>,
    pub(crate) egress: EgressConfig,
    pub(crate) oidc: Option<OidcSettings>,
    pub(crate) build: BuildConfig,
    pub(crate) triggers: TriggerSettings,
    pub(crate) smtp: SmtpConfig,
}

/// A value that no log, table or debug print shows.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    pub(crate) fn new(value: impl Into<String>) -> Self {
        Secret(value.into())
    }

    /// The value itself, for the one place that needs it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(MASK)
    }
}

/// What stands where a secret is.
const MASK: &str = "********";

pub(super) fn read_config(data_dir: PathBuf, reader: &mut Reader) -> Config {
    let server = server::read_server(reader);
    let console = console::read_console(reader);
    let database = database::read_database(reader, &data_dir);
    let registry = registry::read_registry(reader);
    let metrics = metrics::read_metrics(reader);
    let limits = limits::read_limits(reader);
    let registries = registries::read_registries(reader);
    let code_hosts = code_hosts::read_code_hosts(reader);
    let egress = egress::read_egress(reader);
    let oidc = oidc::read_oidc(reader);
    let build = build::read_build(reader);
    let triggers = triggers::read_triggers(reader);
    let smtp = smtp::read_smtp(reader);
    if metrics.listen == Some(server.listen) && server.listen.port() != 0 {
        reader.report(
            Problem::error("config.metrics_same_address")
                .about("metrics.listen")
                .with("address", server.listen.to_string()),
        );
    }
    Config {
        data_dir,
        server,
        console,
        database,
        registry,
        metrics,
        limits,
        registries,
        code_hosts,
        egress,
        oidc,
        build,
        triggers,
        smtp,
    }
}
