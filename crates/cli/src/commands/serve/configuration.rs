//! The settings of a running server, for the administrators who look at them and change some: the same reader as at the
//! start, over the file and the environment as they were then.

use wharf_app::configuration::{
    Changeable, Configuration, ConfigurationProblem, Configured, ConfiguredSetting, LiveSettings,
    Origin, StoredSetting,
};
use wharf_egress::Policy;

use super::mail::read_mail_server;
use crate::config::{
    ConfigSnapshot, Effective, Loaded, Place, Problem, describe_settings, find_description,
    index_descriptions,
};

/// What administrators can change at run time. `HOST` stands for any code host. Whatever decides on who may reach the
/// server, on its files or on its database is not among them: a wrong value there locks everybody out.
const CHANGEABLE: [(&str, Changeable); 29] = [
    ("build.build_seconds", NEXT_START),
    ("build.concurrency", NEXT_START),
    ("build.context_bytes", NEXT_START),
    ("build.namespace_concurrency", NEXT_START),
    ("build.namespace_queue", NEXT_START),
    ("build.step_cpus", NEXT_START),
    ("build.step_disk", NEXT_START),
    ("build.step_log", NEXT_START),
    ("build.step_memory", NEXT_START),
    ("code_hosts.HOST.client_id", LIVE),
    ("code_hosts.HOST.client_secret", SECRET),
    ("egress.allow", LIVE),
    ("oidc.client_id", OIDC_ADDRESS),
    ("oidc.client_secret", SECRET_AT_START),
    ("oidc.groups_claim", NEXT_START),
    ("oidc.issuer", OIDC_ADDRESS),
    ("oidc.name", NEXT_START),
    ("smtp.from", LIVE),
    ("smtp.host", SMTP_ADDRESS),
    ("smtp.mails_per_hour", LIVE),
    ("smtp.password", SECRET),
    ("smtp.port", SMTP_ADDRESS),
    ("smtp.recipients", LIVE),
    ("smtp.security", SMTP_ADDRESS),
    ("smtp.username", SMTP_ADDRESS),
    ("triggers.log_days", LIVE),
    ("triggers.per_namespace", LIVE),
    ("triggers.per_repository", LIVE),
    ("triggers.retry_hours", LIVE),
];

const LIVE: Changeable = Changeable {
    is_secret: false,
    is_live: true,
    leads: None,
};
const SECRET: Changeable = Changeable {
    is_secret: true,
    is_live: true,
    leads: None,
};
const NEXT_START: Changeable = Changeable {
    is_secret: false,
    is_live: false,
    leads: None,
};
const SECRET_AT_START: Changeable = Changeable {
    is_secret: true,
    is_live: false,
    leads: None,
};

/// Secrets of code hosts need no such thing: their host is part of their own key.
const SMTP_ADDRESS: Changeable = Changeable {
    leads: Some("smtp.password"),
    ..LIVE
};
const OIDC_ADDRESS: Changeable = Changeable {
    leads: Some("oidc.client_secret"),
    ..NEXT_START
};

/// Reads what is stored with the file and the environment of the start.
pub(super) struct ServeConfiguration(pub(super) ConfigSnapshot);

impl ServeConfiguration {
    /// The settings with what is stored.
    pub(super) fn load(&self, stored: &[StoredSetting]) -> Loaded {
        let values = stored
            .iter()
            .map(|one| (one.key.as_str(), one.value.expose()));
        self.0.load(&values.collect::<Vec<_>>())
    }
}

impl Configuration for ServeConfiguration {
    fn read(&self, stored: &[StoredSetting]) -> Configured {
        let loaded = self.load(stored);
        let mut problems: Vec<_> = loaded.problems.iter().map(convert_problem).collect();
        let mail = read_mail_server(&loaded.config).unwrap_or_else(|error| {
            problems.push(ConfigurationProblem {
                setting: Some("smtp.ca_file".to_owned()),
                key: "cli.serve.smtp_ca",
                parameters: vec![("file", error.file.display().to_string())],
            });
            None
        });
        Configured {
            settings: list_settings(&loaded),
            problems,
            issuer: loaded.config.oidc.map(|oidc| oidc.provider.issuer),
            policy: Policy::server(loaded.config.egress.allow.iter().cloned()),
            live: LiveSettings {
                oauth_apps: loaded.config.code_hosts,
                mail,
                triggers: loaded.config.triggers,
            },
        }
    }

    fn describe_change(&self, key: &str) -> Option<Changeable> {
        let named = match key
            .strip_prefix("code_hosts.\"")
            .map(|rest| rest.rsplit_once("\"."))
        {
            Some(Some((host, name))) if is_host(host) => format!("code_hosts.HOST.{name}"),
            Some(_) => return None,
            None => key.to_owned(),
        };
        let mut all = CHANGEABLE.iter();
        all.find(|(known, _)| *known == named).map(|(_, how)| *how)
    }
}

/// Whether it can stand between the quotes of a section's name.
fn is_host(text: &str) -> bool {
    let is_plain = |part: char| part.is_ascii_alphanumeric() || ".-:[]/".contains(part);
    !text.is_empty() && text.chars().all(is_plain)
}

fn convert_problem(problem: &Problem) -> ConfigurationProblem {
    let (key, parameters) = problem.parts();
    ConfigurationProblem {
        setting: problem.setting.clone(),
        key,
        parameters: parameters.to_vec(),
    }
}

/// Every key in the order of the documented file; those of further hosts behind the ones that they are like.
fn list_settings(loaded: &Loaded) -> Vec<ConfiguredSetting> {
    let described = index_descriptions();
    let order: Vec<String> = describe_settings()
        .into_iter()
        .map(|one| one.setting)
        .collect();
    let place_of = |key: &str| {
        let text = find_description(&described, key);
        let like = text.map_or(key, |one| one.setting.as_str());
        order
            .iter()
            .position(|one| one == like)
            .unwrap_or(order.len())
    };
    let mut keys: Vec<&String> = loaded.keys.iter().collect();
    keys.sort_by_key(|key| (place_of(key), *key));
    keys.dedup();
    keys.into_iter()
        .map(|key| {
            let held = loaded.effective.iter().find(|one| one.setting == *key);
            let place = held.and_then(|one| one.place.as_ref());
            let text = find_description(&described, key);
            ConfiguredSetting {
                value: held.map(show_value),
                origin: place.map_or(Origin::Default, name_origin),
                place: match place {
                    Some(Place::Console) | None => String::new(),
                    Some(place) => place.to_string(),
                },
                description: text.map(|one| one.text.clone()).unwrap_or_default(),
                key: key.clone(),
            }
        })
        .collect()
}

fn show_value(held: &Effective) -> String {
    held.value.clone()
}

fn name_origin(place: &Place) -> Origin {
    match place {
        Place::File { .. } => Origin::File,
        Place::Environment(_) => Origin::Environment,
        Place::Flag(_) => Origin::Flag,
        Place::Console => Origin::Console,
    }
}
