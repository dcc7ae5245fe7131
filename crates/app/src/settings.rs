//! What an operator may set about the rules; values arrive parsed.

use crate::{accounts::OidcSettings, triggers::PodPlace};
use jiff::tz::TimeZone;
use std::time::Duration;
use wharf_integrations::target::mail::MailServer;
use wharf_model::{SecretText, SourceAddress};

/// Rules that differ between installations.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whether an image manifest may name blobs that are not there.
    pub allow_missing_blobs: bool,
    /// Open upload sessions of one principal.
    pub upload_sessions_per_principal: u64,
    /// An upload session that nobody touched for this long is given up.
    pub upload_lifetime: Duration,
    /// Wrong passwords per account and address before further attempts are refused.
    pub login_failures: u32,
    /// For how long wrong passwords are remembered.
    pub login_window: Duration,
    /// What registry tokens name as their service and audience.
    pub service: String,
    /// Scheme, host and port by which others reach this server, without a slash at the end; none when nobody said.
    pub public_url: Option<String>,
    /// The same for this machine itself, which needs nobody to say it.
    pub local_url: String,
    /// The OAuth apps that people sign in to code hosts with by device code.
    pub oauth_apps: Vec<OauthApp>,
    /// Where the times in images' names are told.
    pub zone: TimeZone,
    /// How often the refs of a remote repository are asked for that tells us nothing by itself.
    pub poll_interval: Duration,
    /// How many builds of one namespace may wait at once; what comes beyond is refused, waits elsewhere, or is recorded
    /// as skipped.
    pub namespace_queue: u64,
    /// Bytes of uploaded contexts of one namespace, those of its waiting and running builds included.
    pub context_bytes: u64,
    /// Of triggers and what they sent.
    pub triggers: TriggerSettings,
    /// Whom mails of triggers are given to; none when the operator named no server.
    pub mail: Option<MailServer>,
    /// Where people sign in instead of here; none when the operator named no provider.
    pub oidc: Option<OidcSettings>,
    /// Where a pod finds the cluster that it runs in.
    pub pod: PodPlace,
}

/// Bounds of triggers.
#[derive(Debug, Clone, Copy)]
pub struct TriggerSettings {
    /// How many one repository may have.
    pub per_repository: u64,
    /// How many one namespace may have of its own.
    pub per_namespace: u64,
    /// How many mails of one namespace are handed to the mail server within an hour; more wait.
    pub mails_per_hour: u64,
    /// For how long bodies of what was sent and answered are kept.
    pub keep_log: Duration,
    /// For how long a delivery is tried before it is a dead letter.
    pub retry: Duration,
}

impl Default for TriggerSettings {
    fn default() -> Self {
        Self {
            per_repository: 10,
            per_namespace: 50,
            mails_per_hour: 200,
            keep_log: Duration::from_secs(90 * 24 * 3600),
            retry: Duration::from_secs(24 * 3600),
        }
    }
}

/// An app that the administrator registered at a code host.
#[derive(Debug, Clone)]
pub struct OauthApp {
    /// The host it is registered at.
    pub address: SourceAddress,
    /// Its client id.
    pub client_id: String,
    /// Its client secret; apps that only use the device flow need none.
    pub client_secret: Option<SecretText>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            allow_missing_blobs: false,
            upload_sessions_per_principal: 1000,
            upload_lifetime: Duration::from_secs(24 * 3600),
            login_failures: 10,
            login_window: Duration::from_secs(15 * 60),
            service: "wharf".into(),
            public_url: None,
            local_url: "http://localhost:5000".into(),
            oauth_apps: Vec::new(),
            zone: TimeZone::UTC,
            poll_interval: Duration::from_secs(60),
            namespace_queue: 200,
            context_bytes: 8 << 30,
            triggers: TriggerSettings::default(),
            mail: None,
            oidc: None,
            pod: PodPlace::default(),
        }
    }
}
