//! How the server builds: its limits, its names in FROM lines, and what runs builds on this machine.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use wharf_app::builds::{BuildLauncher, BuildSettings, CannotBuild};
use wharf_egress::AllowEntry;
use wharf_sandbox::Allowed;
use wharf_worker::{Launcher, LauncherSettings};

use crate::commands::check::find_git;
use crate::config::{AllowedNet, BuildConfig, Config};
use crate::session::Session;

/// Where leases of id ranges are kept when the machine has one place for that: whatever else here runs wharf sees them.
const MACHINE_LEASES: &str = "/run/wharf";

/// The settings of builds, for a server that listens on `address`. Without what builds need the server starts all the
/// same: it says once what is missing, and builds wait with that reason.
pub(super) fn open_builds(
    config: &Config,
    session: &Session,
    address: SocketAddr,
) -> BuildSettings {
    let launcher = open_launcher(config, session);
    if let Err(why) = &launcher {
        tracing::warn!(
            problem = why.problem,
            hint = why.hint.as_deref().unwrap_or_default(),
            "this machine cannot build; builds will wait"
        );
    }
    let mut settings = BuildSettings::with_launcher(launcher);
    let build = &config.build;
    settings.slots = build.slots;
    settings.keep_logs = build.keep_logs;
    settings.base_images = build.base_image_bytes;
    settings.keep_contexts = build.keep_contexts;
    settings.keep_decisions = build.keep_decisions;
    settings.hosts = name_hosts(config, address);
    settings.allowed = build.allow_net.iter().map(convert_entry).collect();
    let (bounds, limits) = (&mut settings.bounds, &build.limits);
    bounds.timeout = limits.build_timeout.unwrap_or(bounds.timeout);
    bounds.cpu_millis = limits.cpu_millis.unwrap_or(bounds.cpu_millis);
    bounds.memory = limits.memory.unwrap_or(bounds.memory);
    bounds.disk = limits.disk.unwrap_or(bounds.disk);
    bounds.log = limits.log_bytes.unwrap_or(bounds.log);
    settings
}

fn open_launcher(
    config: &Config,
    session: &Session,
) -> Result<Arc<dyn BuildLauncher>, CannotBuild> {
    // Rules build from git repositories, which git itself fetches.
    find_git(session.variable("PATH").unwrap_or_default()).ok_or_else(|| CannotBuild {
        problem: session.text("config.no_git", &[]).into_owned(),
        hint: None,
    })?;
    let launcher = Launcher::new(launcher_settings(config)).map_err(|error| CannotBuild {
        problem: describe(&error),
        hint: error.hint(),
    })?;
    for problem in launcher.problems() {
        let why = CannotBuild {
            problem: problem.text,
            hint: Some(problem.hint),
        };
        if problem.is_fatal {
            return Err(why);
        }
        tracing::info!(
            problem = why.problem,
            hint = why.hint,
            "builds run, but this machine could do more for them"
        );
    }
    Ok(Arc::new(launcher))
}

fn launcher_settings(config: &Config) -> LauncherSettings {
    let BuildConfig {
        allow_net,
        cache_bytes,
        ..
    } = &config.build;
    LauncherSettings {
        state: config.data_dir.join("builder"),
        data: config.data_dir.clone(),
        leases: find_leases(&config.data_dir),
        allowed_networks: allow_net.iter().map(convert_net).collect(),
        cache_bytes: Some(*cache_bytes),
        authorities: config.egress.ca_file.iter().cloned().collect(),
        cleaning: wharf_worker::CLEANING,
    }
}

/// One folder for the machine where its owner may have one there, else beside the data: nobody else gives out the ids of
/// somebody who is not root.
fn find_leases(data: &Path) -> PathBuf {
    match rustix::process::geteuid().is_root() {
        true => PathBuf::from(MACHINE_LEASES),
        false => data.join("builder-leases"),
    }
}

fn convert_entry(net: &AllowedNet) -> AllowEntry {
    let network = net.network;
    match net.port {
        Some(port) => AllowEntry::Port { network, port },
        None => AllowEntry::Network(network),
    }
}

fn convert_net(net: &AllowedNet) -> Allowed {
    Allowed {
        address: net.network.addr(),
        prefix: net.network.prefix_len(),
        port: net.port,
    }
}

/// The hosts that mean this registry. Without a public URL, the address that it shows when it starts.
fn name_hosts(config: &Config, address: SocketAddr) -> Vec<String> {
    let mut hosts = config.server.aliases.clone();
    match &config.server.public_url {
        Some(url) => {
            let host = url.host_str().unwrap_or_default();
            hosts.push(match url.port() {
                Some(port) => format!("{host}:{port}"),
                None => host.to_owned(),
            });
        }
        None => {
            hosts.push(address.to_string());
            hosts.push(format!("localhost:{}", address.port()));
        }
    }
    hosts
}

fn describe(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", describe(source)),
        None => error.to_string(),
    }
}
