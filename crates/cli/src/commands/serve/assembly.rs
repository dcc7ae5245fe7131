//! The server put together from its settings: parts, listeners, work beside requests, orderly end.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::unix::fs::OpenOptionsExt;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinSet;
use wharf_app::builds::{BuildSettings, CannotBuild};
use wharf_app::configuration::StoredSetting;
use wharf_app::triggers::PodPlace;
use wharf_app::{App, FirstStart, Settings, StartOptions, SystemClock};
use wharf_egress::Egress;
use wharf_git::Git;
use wharf_integrations::target::mail::MailServer;
use wharf_server::net::tls::{Certificate, CertificateFiles};
use wharf_server::net::{ConnectionLimits, Listener, serve};
use wharf_server::{Addresses, Metrics, Server, ServerSettings, install_metrics};

use super::builds::open_builds;
use super::configuration::ServeConfiguration;
use super::git::open_git;
use super::logging::start_logging;
use super::mail::read_mail_server;
use super::signals::EndSignals;
use crate::allocator;
use crate::commands::host::database_url;
use crate::config::Config;
use crate::failure::Failure;
use crate::images::open_server_egress;
use crate::session::Session;
use crate::welcome::Welcome;

/// What registry tokens and challenges call this service. Clients only repeat it.
const SERVICE: &str = "wharf";

/// How often the certificate's files are looked at.
const FOLLOW_CERTIFICATE: Duration = Duration::from_secs(5);

/// How often memory that a burst left behind is given back. Seldom enough that a busy server does not notice.
const GIVE_MEMORY_BACK: Duration = Duration::from_secs(60);

/// Serves until a signal ends it.
pub(super) fn run_server(
    config: &Config,
    configuration: ServeConfiguration,
    session: &Session,
) -> Result<(), Failure> {
    start_logging(session)?;
    // Everything made from here on is the server's own: databases, keys, blobs (0600, folders 0700).
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    raise_descriptor_limit();
    let failed = |error: std::io::Error| failed(config, session, &error);
    let reads = Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(failed)?;
    let changes = build_change_runtime().map_err(failed)?;
    let ended = reads.block_on(serve_until_ended(
        config,
        configuration,
        session,
        changes.handle(),
    ));
    // Blocking work that is still running holds nothing that was promised.
    changes.shutdown_timeout(Duration::from_secs(1));
    reads.shutdown_timeout(Duration::from_secs(1));
    ended
}

/// Where requests that change something run. They write into the page cache in place, and a disk that falls behind
/// holds such a write up for as long as 200 ms: with threads of their own, and some to spare, no read waits for it.
fn build_change_runtime() -> std::io::Result<Runtime> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Builder::new_multi_thread()
        .worker_threads((2 * cores).max(4))
        .thread_name("change")
        .enable_all()
        .build()
}

/// A download holds two descriptors, and the usual soft limit of 1024 would end a pull storm early.
fn raise_descriptor_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, "the limit of open files could not be raised");
    }
}

async fn serve_until_ended(
    config: &Config,
    configuration: ServeConfiguration,
    session: &Session,
    changes: &Handle,
) -> Result<(), Failure> {
    let failed = |error: &dyn std::error::Error| failed(config, session, error);
    let signals = EndSignals::catch().map_err(|error| failed(&error))?;
    let metrics = install_metrics().map_err(|error| failed(&error))?;
    let mut beside = JoinSet::new();
    // All that can go wrong with addresses and certificates goes wrong before the first start makes an account: its
    // password is shown once.
    let listener = bind_listener(config, session, &mut beside).await?;
    let metrics_listener = match config.metrics.listen {
        Some(address) => Some(
            Listener::bind(address)
                .await
                .map_err(|error| failed(&error))?,
        ),
        None => None,
    };
    let address = listener.local_addr();
    let opened = App::open(&config.data_dir, &database_url(config))
        .await
        .map_err(|error| failed(&error))?;
    // With what administrators set; everything that was read until here is not theirs to change.
    let config = &read_all_settings(&configuration, opened.stored());
    let egress = open_server_egress(session, config)?;
    let builds = open_builds(config, session, address);
    let git = open_git(config, &egress);
    let mail = read_mail_server(config).map_err(|unreadable| {
        let file = unreadable.file.display().to_string();
        Failure::new(session.text("cli.serve.smtp_ca", &[("file", &file)]))
            .caused_by(&unreadable.cause)
    })?;
    let options = start_options(config, session, address, egress, builds, git, mail);
    let started = opened.start(options, Some(Arc::new(configuration))).await;
    let (app, first) = started.map_err(|error| failed(&error))?;
    if let Some(own) = metrics_listener {
        beside.spawn(serve_metrics(own, metrics.clone()));
    }
    beside.spawn(metrics.clone().run_folding());
    beside.spawn(app.clone().run_upkeep());
    beside.spawn(app.clone().run_builds());
    beside.spawn(app.clone().run_watching());
    beside.spawn(app.clone().run_counting());
    beside.spawn(app.clone().run_rebuilds());
    beside.spawn(app.clone().run_build_pushes());
    beside.spawn(app.clone().run_build_statuses());
    beside.spawn(app.clone().run_build_sweep());
    beside.spawn(app.clone().run_webhooks());
    beside.spawn(app.clone().run_trigger_events());
    beside.spawn(app.clone().run_deliveries());
    beside.spawn(app.clone().run_trigger_sweep());
    beside.spawn(give_memory_back());
    announce(config, session, &listener, first.as_ref())?;

    let server = Server::new(
        app.clone(),
        server_settings(config),
        metrics,
        changes.clone(),
    );
    let limits = ConnectionLimits {
        header: config.limits.header,
        ..ConnectionLimits::default()
    };
    let answer = move |request, connection| server.clone().respond(request, connection);
    let ending = async {
        signals.wait().await;
        // Streams that would go on for as long as their builds would use up the time that requests have to end.
        app.end_log_streams();
    };
    let drained = serve(vec![listener], limits, answer, ending).await;
    if drained.cut_off > 0 {
        tracing::warn!(
            connections = drained.cut_off,
            "requests were cut off at the end"
        );
    }
    beside.shutdown().await;
    // Their workers ended with what ran them; the next start begins these builds again.
    if let Err(error) = app.release_builds().await {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "running builds were not given back; the next start finds them"
        );
    }
    // Sent again at the next start, under the same ids.
    if let Err(error) = app.release_deliveries().await {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "deliveries under way were not given back; the next start finds them"
        );
    }
    // Numbers on a page: no reason to call an orderly end a failure.
    if let Err(error) = app.write_counts().await {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "the last pulls and bytes were not counted"
        );
    }
    tracing::info!("ended");
    Ok(())
}

/// The main listener, with TLS when there is a certificate; the files of that are followed beside the requests.
async fn bind_listener(
    config: &Config,
    session: &Session,
    beside: &mut JoinSet<()>,
) -> Result<Listener, Failure> {
    let failed = |error: &dyn std::error::Error| failed(config, session, error);
    let listener = Listener::bind(config.server.listen)
        .await
        .map_err(|error| failed(&error))?;
    let Some(files) = &config.server.tls else {
        return Ok(listener);
    };
    let files = CertificateFiles {
        certificate: files.cert_file.clone(),
        key: files.key_file.clone(),
    };
    let certificate = Certificate::load(files).map_err(|error| failed(&error))?;
    let tls = certificate
        .server_config()
        .map_err(|error| failed(&error))?;
    beside.spawn(certificate.follow_files(FOLLOW_CERTIFICATE));
    Ok(listener.with_tls(tls))
}

fn failed(config: &Config, session: &Session, error: &dyn std::error::Error) -> Failure {
    let listen = config.server.listen.to_string();
    Failure::new(session.text("cli.serve.unavailable", &[("address", &listen)])).caused_by(error)
}

async fn give_memory_back() {
    loop {
        tokio::time::sleep(GIVE_MEMORY_BACK).await;
        let _ = tokio::task::spawn_blocking(allocator::give_back).await;
    }
}

async fn serve_metrics(listener: Listener, metrics: Metrics) {
    let answer = move |_, _| std::future::ready(metrics.page());
    serve(
        vec![listener],
        ConnectionLimits::default(),
        answer,
        std::future::pending(),
    )
    .await;
}

fn start_options(
    config: &Config,
    session: &Session,
    address: SocketAddr,
    egress: Egress,
    builds: BuildSettings,
    git: Result<Git, CannotBuild>,
    mail: Option<MailServer>,
) -> StartOptions {
    StartOptions {
        data_dir: config.data_dir.clone(),
        database: database_url(config),
        settings: Settings {
            allow_missing_blobs: config.registry.allow_missing_blobs,
            upload_sessions_per_principal: config.limits.upload_sessions_per_principal,
            login_failures: u32::try_from(config.limits.login_failures).unwrap_or(u32::MAX),
            login_window: config.limits.login_window,
            service: SERVICE.to_owned(),
            public_url: public_origin(config),
            local_url: show_local_url(config, address),
            oauth_apps: config.code_hosts.clone(),
            zone: config.server.timezone.clone(),
            poll_interval: config.build.poll,
            namespace_queue: config.build.namespace_queue,
            context_bytes: config.build.context_bytes,
            triggers: config.triggers,
            mail,
            oidc: config.oidc.clone(),
            pod: PodPlace {
                host: session
                    .variable("KUBERNETES_SERVICE_HOST")
                    .map(str::to_owned),
                port: session
                    .variable("KUBERNETES_SERVICE_PORT")
                    .map(str::to_owned),
                ..PodPlace::default()
            },
            ..Settings::default()
        },
        clock: Arc::new(SystemClock),
        egress,
        registries: config.registries.clone(),
        builds,
        git,
        admin_password: session.variable("WHARF_ADMIN_PASSWORD").map(str::to_owned),
    }
}

/// The settings with what administrators set at run time. A value that this program cannot use any more is said in the log,
/// and its default stands in: nobody shall have to repair a database to start a server.
fn read_all_settings(configuration: &ServeConfiguration, stored: &[StoredSetting]) -> Config {
    let loaded = configuration.load(stored);
    let of_console = loaded.problems.iter().filter(|problem| {
        let key = problem.setting.as_deref();
        key.is_some_and(|key| stored.iter().any(|one| one.key == key))
    });
    for problem in of_console {
        tracing::warn!(
            problem = problem.render_line(wharf_messages::Language::En),
            "a setting that was changed at run time cannot be used"
        );
    }
    loaded.config
}

/// Scheme, host and port of `[server] public_url`.
fn public_origin(config: &Config) -> Option<String> {
    let url = config.server.public_url.as_ref()?;
    Some(url.origin().ascii_serialization())
}

fn server_settings(config: &Config) -> ServerSettings {
    ServerSettings {
        addresses: Addresses {
            public_url: public_origin(config),
        },
        trusted_proxies: config.server.trusted_proxies.clone(),
        insecure_login: config.server.insecure_login,
        public_images: config.console.public_images,
        console_dir: config.console.dir.clone(),
        body_idle: config.limits.body_idle,
        service: SERVICE.to_owned(),
        metrics_token: config
            .metrics
            .token
            .as_ref()
            .map(|token| token.expose().to_owned()),
    }
}

/// Tells where the server is, and on the first start how to get in.
fn announce(
    config: &Config,
    session: &Session,
    listener: &Listener,
    first: Option<&FirstStart>,
) -> Result<(), Failure> {
    let address = listener.local_addr();
    let listening = format!("{}://{address}", scheme_of(config));
    let url = public_origin(config).unwrap_or_else(|| show_local_url(config, address));
    if let Some(first) = first {
        let mut welcome = Welcome {
            url: &url,
            password: None,
            password_file: None,
            language: session.language,
        };
        let file = config.data_dir.join("admin-password");
        let file_text = file.display().to_string();
        match &first.password {
            Some(password) if session.stderr_is_terminal => welcome.password = Some(password),
            Some(password) => {
                keep_password(&file, password).map_err(|error| failed(config, session, &error))?;
                welcome.password_file = Some(&file_text);
            }
            None => {}
        }
        eprint!("{}", welcome.render());
    }
    // Programs that chose port 0 read the port from here.
    println!("listening on {listening}");
    let _ = std::io::stdout().flush();
    Ok(())
}

fn scheme_of(config: &Config) -> &'static str {
    match config.server.tls {
        Some(_) => "https",
        None => "http",
    }
}

/// Where commands on this host find the server.
fn show_local_url(config: &Config, address: SocketAddr) -> String {
    format!("{}://{}", scheme_of(config), find_reachable(address))
}

/// An address that works in a command on this host: nobody can dial "every address".
fn find_reachable(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}

fn keep_password(file: &std::path::Path, password: &str) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(file)?;
    file.write_all(format!("{password}\n").as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_to_copy_can_be_dialed() {
        for (listening, reachable) in [
            ("0.0.0.0:5000", "127.0.0.1:5000"),
            ("[::]:5000", "[::1]:5000"),
            ("10.0.0.5:5000", "10.0.0.5:5000"),
        ] {
            let found = find_reachable(listening.parse().unwrap());
            assert_eq!(found, reachable.parse().unwrap());
        }
    }
}
