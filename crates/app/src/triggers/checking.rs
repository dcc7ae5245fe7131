//! What is asked of a trigger before it is kept: that it can be sent, and that whoever keeps it may send it there.
//!
//! Secrets that are left out stay, as long as the address keeps its scheme, host and port: what one receiver was told is
//! never told to another. Whether a host may be dialed is asked here and again at each attempt.

mod forms;

use super::{
    definition::{ActionSecret, ActionSpec},
    draft::{ActionDraft, ActionForm, ConditionText, SigningDraft},
    place::TriggerPlace,
};
use crate::{App, Error, sources::HostFailure};
use forms::{check_chat, check_mail, check_webhook, check_workload};
use wharf_egress::{EgressError, PlainHttp};
use wharf_integrations::{
    Secret,
    target::{TargetError, TargetUrl, webhook::make_signing_secret},
};
use wharf_model::{
    ActionId, SecretText,
    triggers::{EventKind, TagCondition, TriggerName},
};

/// Most actions of a trigger. With more, one event would send more than anybody reads about it.
const MAX_ACTIONS: usize = 10;

/// Most rules that a trigger names: as many as a repository may have.
const MAX_RULES: usize = 100;

/// An action that was checked: what is kept of it.
pub(super) struct CheckedAction {
    pub(super) id: ActionId,
    pub(super) spec: ActionSpec,
    /// None for kinds without secrets.
    pub(super) secret: Option<ActionSecret>,
    /// A secret that was made, to be told once.
    pub(super) made: Option<SecretText>,
}

/// An action as it is before the edit.
pub(super) struct OldAction {
    pub(super) id: ActionId,
    pub(super) spec: Option<ActionSpec>,
    pub(super) secret: ActionSecret,
}

/// A name of a trigger.
pub(super) fn read_name(text: &str) -> Result<TriggerName, Error> {
    text.parse()
        .map_err(|error| Error::told("name", "refused_text", &error))
}

/// A condition that is one, within bounds.
pub(super) fn read_condition(condition: &ConditionText) -> Result<TagCondition, Error> {
    TagCondition::read(condition.kind, &condition.text)
        .map_err(|error| Error::told("condition", "refused_text", &error))
}

/// What a trigger listens to: something, and each once.
pub(super) fn read_events(events: &[EventKind]) -> Result<Vec<EventKind>, Error> {
    if events.is_empty() {
        return Err(Error::invalid("events", "empty"));
    }
    let mut sorted = events.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    Ok(sorted)
}

/// Names of rules make sense for builds alone.
pub(super) fn check_rules(rules: &[String], events: &[EventKind]) -> Result<(), Error> {
    if rules.len() > MAX_RULES {
        return Err(Error::refused("rules", "too_many", MAX_RULES));
    }
    match !rules.is_empty() && !events.iter().any(|event| event.is_build()) {
        true => Err(Error::invalid("rules", "rules_without_builds")),
        false => Ok(()),
    }
}

impl App {
    /// Checks all actions of a trigger, `old` being what it does now. Workloads are checked for what is granted when they
    /// are kept, in that transaction.
    pub(super) async fn check_actions(
        &self,
        owner: &TriggerPlace,
        drafts: Vec<ActionDraft>,
        old: &[OldAction],
        events: &[EventKind],
    ) -> Result<Vec<CheckedAction>, Error> {
        if drafts.is_empty() {
            return Err(Error::invalid("actions", "empty"));
        }
        if drafts.len() > MAX_ACTIONS {
            return Err(Error::refused("actions", "too_many", MAX_ACTIONS));
        }
        let mut checked: Vec<CheckedAction> = Vec::with_capacity(drafts.len());
        for (place, draft) in drafts.into_iter().enumerate() {
            let at = Place(place);
            // Or a tag pushed to any repository of the namespace would run in the container.
            if let (TriggerPlace::Namespace(_), ActionForm::Workload(_)) = (owner, &draft.form) {
                return Err(at.refuse("kind", "workload_of_repository", ""));
            }
            let before = match draft.id {
                None => None,
                Some(id) if checked.iter().any(|other| other.id == id) => {
                    return Err(at.refuse("id", "duplicate", ""));
                }
                Some(id) => Some(
                    old.iter()
                        .find(|action| action.id == id)
                        .ok_or_else(|| at.refuse("id", "no_such_action", ""))?,
                ),
            };
            checked.push(self.check_action(&at, draft.form, before, events).await?);
        }
        Ok(checked)
    }

    async fn check_action(
        &self,
        at: &Place,
        form: ActionForm,
        old: Option<&OldAction>,
        events: &[EventKind],
    ) -> Result<CheckedAction, Error> {
        let id = old.map_or_else(ActionId::new, |old| old.id);
        let (spec, secret, made) = match form {
            ActionForm::Workload(draft) => {
                let spec = check_workload(at, draft, events)?;
                (ActionSpec::Workload(spec), None, None)
            }
            ActionForm::Mail(draft) => {
                let live = self.configuration.live();
                let spec = check_mail(at, draft, events, live.mail.as_ref())?;
                (ActionSpec::Mail(spec), None, None)
            }
            ActionForm::Webhook(draft) => {
                let sending = self.check_sending(at, draft.url.as_ref(), old).await?;
                let (spec, secret, made) = check_webhook(at, draft, sending, events)?;
                (ActionSpec::Webhook(spec), Some(secret), made)
            }
            ActionForm::Message(draft) => {
                let sending = self.check_sending(at, draft.url.as_ref(), old).await?;
                let (spec, secret) = check_chat(at, draft, sending, events)?;
                (ActionSpec::Message(spec), Some(secret), None)
            }
        };
        let before = old.and_then(|old| old.spec.as_ref());
        if before.is_some_and(|before| before.kind() != spec.kind()) {
            return Err(at.refuse("kind", "kind_stays", ""));
        }
        Ok(CheckedAction {
            id,
            spec,
            secret,
            made,
        })
    }

    /// Where something is sent, and which secrets of before may be kept for it.
    async fn check_sending(
        &self,
        at: &Place,
        given: Option<&SecretText>,
        old: Option<&OldAction>,
    ) -> Result<Sending, Error> {
        let parse = |text: &str| {
            TargetUrl::parse(&Secret::new(text)).map_err(|error| at.refuse_target("url", &error))
        };
        let before = old.map(|old| &old.secret).filter(|old| !old.url.is_empty());
        let text = match (given, before) {
            (Some(given), _) => given.expose(),
            (None, Some(before)) => &before.url,
            (None, None) => return Err(at.refuse("url", "required", "")),
        };
        let url = parse(text)?;
        let kept = match before {
            Some(before) if parse(&before.url)?.has_same_origin(&url) => Kept::Same(before.clone()),
            Some(before) => Kept::OtherHost(before.clone()),
            None => Kept::Nothing,
        };
        self.check_host(at, text).await?;
        Ok(Sending {
            text: text.to_owned(),
            url,
            kept,
        })
    }

    /// Refuses what could not be dialed now, before a delivery finds out.
    async fn check_host(&self, at: &Place, text: &str) -> Result<(), Error> {
        let parsed = url::Url::parse(text).map_err(Error::internal)?;
        let Err(error) = self.egress.check_url(&parsed, PlainHttp::Listed).await else {
            return Ok(());
        };
        match error {
            EgressError::PlainHttp { .. } => Err(HostFailure::from(error).into()),
            EgressError::Refused { .. } | EgressError::Unresolved { .. } => {
                // One answer for what is private and for what is not there: names inside are nobody's business.
                let port = parsed.port_or_known_default().unwrap_or_default();
                let named = format!("{}:{port}", parsed.host_str().unwrap_or_default());
                Err(HostFailure::not_allowed(named).into())
            }
            error => Err(at.refuse("url", "refused_text", crate::sources::tell_story(&error))),
        }
    }
}

/// A place among the actions, for what is said about a field.
struct Place(usize);

impl Place {
    fn refuse(&self, field: &str, reason: &'static str, detail: impl std::fmt::Display) -> Error {
        Error::refused(format!("actions[{}].{field}", self.0), reason, detail)
    }

    /// What a target says about itself, with what to do about it.
    fn refuse_target(&self, field: &str, error: &TargetError) -> Error {
        let text = match error.hint() {
            Some(hint) => format!("{error}; {hint}"),
            None => error.to_string(),
        };
        let field = match error {
            TargetError::Header { .. } => "headers",
            TargetError::SigningSecret { .. } => "secret",
            TargetError::Template { .. } => "template",
            TargetError::Unsupported { .. } => "payload",
            _ => field,
        };
        self.refuse(field, "refused_text", text)
    }
}

/// An address that may be dialed.
struct Sending {
    url: TargetUrl,
    text: String,
    kept: Kept,
}

/// What is stored about the receiver.
enum Kept {
    Nothing,
    /// For this very host.
    Same(ActionSecret),
    /// For another host, which this one is not told.
    OtherHost(ActionSecret),
}

impl Kept {
    fn header(&self, at: &Place, place: usize, name: &str) -> Result<String, Error> {
        let field = format!("headers[{place}].value");
        let find = |secret: &ActionSecret| {
            let mut all = secret.headers.iter();
            all.find(|(own, _)| own.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.clone())
        };
        match self {
            Kept::Same(secret) => find(secret).ok_or_else(|| at.refuse(&field, "required", "")),
            Kept::OtherHost(secret) if find(secret).is_some() => {
                Err(at.refuse(&field, "new_host_needs_secret", ""))
            }
            _ => Err(at.refuse(&field, "required", "")),
        }
    }

    /// What signs from now on, and whether it was made just now.
    fn signing(&self, at: &Place, draft: SigningDraft) -> Result<(Option<String>, bool), Error> {
        Ok(match draft {
            SigningDraft::Give(secret) => (Some(secret.expose().to_owned()), false),
            SigningDraft::Unsigned => (None, false),
            SigningDraft::Make => {
                let secret = make_signing_secret(&rand::random());
                (Some(secret.expose().to_owned()), true)
            }
            SigningDraft::Keep => match self {
                Kept::Same(secret) => (secret.signing.clone(), false),
                Kept::OtherHost(secret) if secret.signing.is_some() => {
                    return Err(at.refuse("secret", "new_host_needs_secret", ""));
                }
                _ => (None, false),
            },
        })
    }
}
