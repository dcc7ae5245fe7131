//! The operator's settings while the server runs: what holds and where it comes from, and what administrators change.
//!
//! What a key means and whether a value is right is known to whoever reads the file ([`Configuration`]): values that are
//! stored here pass through the very same reader, below the file and the environment. Here is who may change what, the
//! rows, the seals of secrets, the audit log, and taking effect at once where that is possible.

mod change;
mod page;
mod pairing;
mod stored;
mod trial;

pub use change::SettingsChange;
pub use page::{SettingPage, SettingsPage};
pub use stored::StoredSetting;
pub(crate) use stored::read_stored;
pub use trial::Trial;

use crate::{OauthApp, TriggerSettings, places::Tally};
use arc_swap::ArcSwap;
use std::sync::Arc;
use wharf_egress::Policy;
use wharf_integrations::target::mail::MailServer;

/// What reads the settings, from the file as it was when the server started, the environment, and what is stored.
pub trait Configuration: Send + Sync {
    /// Everything that holds with these stored values.
    fn read(&self, stored: &[StoredSetting]) -> Configured;

    /// How a key can be changed here; none when it cannot be.
    fn describe_change(&self, key: &str) -> Option<Changeable>;
}

/// How a key can be changed at run time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changeable {
    /// Whether its value is kept sealed and never shown.
    pub is_secret: bool,
    /// Whether a change holds at once; else from the next start on.
    pub is_live: bool,
    /// The key of the secret that is sent to where this one leads: with another value it is to be entered anew.
    pub leads: Option<&'static str>,
}

/// What holds.
pub struct Configured {
    /// Every key that there is, in the order of the documented file.
    pub settings: Vec<ConfiguredSetting>,
    /// What is wrong, in the order of the file.
    pub problems: Vec<ConfigurationProblem>,
    /// What can change while the server runs.
    pub live: LiveSettings,
    /// Where the server may go.
    pub policy: Policy,
    /// The identity provider, which the next start has.
    pub issuer: Option<String>,
}

/// One key as it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfiguredSetting {
    /// `section.key`.
    pub key: String,
    /// As it would be written, secrets masked; none when nobody set it and there is no default.
    pub value: Option<String>,
    /// Where it comes from.
    pub origin: Origin,
    /// The line of the file, or the variable; empty for others.
    pub place: String,
    /// What it is, from the documented file.
    pub description: String,
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// `wharf.toml`.
    File,
    /// A variable of the environment.
    Environment,
    /// The command line.
    Flag,
    /// An administrator, at run time.
    Console,
}

impl Origin {
    /// Whether a value that is set at run time is not looked at.
    pub fn is_lock(self) -> bool {
        matches!(self, Self::File | Self::Environment | Self::Flag)
    }
}

/// Something that is wrong with the settings: a key of the message catalogue and its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigurationProblem {
    /// `section.key`, where it is about one.
    pub setting: Option<String>,
    /// The sentence.
    pub key: &'static str,
    /// What it says.
    pub parameters: Vec<(&'static str, String)>,
}

/// What can change while the server runs.
#[derive(Debug, Clone, Default)]
pub struct LiveSettings {
    /// The OAuth apps that people sign in to code hosts with by device code.
    pub oauth_apps: Vec<OauthApp>,
    /// Whom mails of triggers are given to.
    pub mail: Option<MailServer>,
    /// Bounds of triggers.
    pub triggers: TriggerSettings,
}

/// The settings of a running server.
pub(crate) struct ConfigurationDesk {
    live: ArcSwap<LiveSettings>,
    /// None where nothing can be changed: in tests that have no file.
    reader: Option<Arc<dyn Configuration>>,
    /// What was stored when the server started: changes of what is not live wait for the next start.
    started_with: Vec<StoredSetting>,
    /// One change at a time: each is judged against all that is stored.
    changing: tokio::sync::Mutex<()>,
    /// Who tries settings.
    trials: Tally,
}

impl ConfigurationDesk {
    pub(crate) fn new(
        live: LiveSettings,
        reader: Option<Arc<dyn Configuration>>,
        started_with: Vec<StoredSetting>,
    ) -> Self {
        Self {
            live: ArcSwap::from_pointee(live),
            reader,
            started_with,
            changing: tokio::sync::Mutex::default(),
            trials: trial::open_places(),
        }
    }

    /// What holds now.
    pub(crate) fn live(&self) -> Arc<LiveSettings> {
        self.live.load_full()
    }
}
