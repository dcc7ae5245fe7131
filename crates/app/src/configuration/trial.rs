//! Trying settings before somebody depends on them: a mail over the mail server, a look at the identity provider.
//!
//! What is tried is what would hold if a change were made now, judged as the change itself is: a stored secret goes nowhere
//! that it was not entered for. Nothing is stored but a line of the audit log, which has no value and no address.

use super::{
    Configured, SettingsChange,
    change::{Say, Wanted, check_size},
};
use crate::{
    App, Context, Error,
    audit::record_audit,
    places::{Bounds, Place, Tally},
    sources::{HostFailure, HostProblem, tell_story},
};
use serde_json::json;
use wharf_db::{DbError, Durability};
use wharf_integrations::{
    oidc::{OidcError, check_provider},
    target::{
        Language, Outcome, TargetError,
        mail::{MailServer, Recipient, render_test_mail, send_mail},
    },
};
use wharf_model::{AuditAction, Granted, decide_system, rights::Administer};

/// Trials that are under way. Each holds a connection for up to half a minute; with more, the button is a way to knock at
/// doors.
const BOUNDS: Bounds = Bounds {
    each: 1,
    // None of them is an administrator.
    robots: 0,
    network: 1,
    anonymous: 1,
    all: 2,
};

pub(super) fn open_places() -> Tally {
    Tally::new(BOUNDS)
}

/// What came of a trial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// The address that the mail went to, or the issuer.
    pub about: String,
    /// The other side: `host`, or `host:port`.
    pub host: String,
    /// What is wrong, as a word; none when all is well.
    pub problem: Option<&'static str>,
    /// The cause as it was heard, without secrets.
    pub detail: String,
    /// What `[egress] allow` would have to name.
    pub allow: Option<String>,
}

impl App {
    /// Sends a mail by the settings as they are with `draft`, to `recipient` or the caller's own address. That it was not
    /// taken is the trial's outcome, and no error of this call.
    ///
    /// Refused as the change would be; `recipient` also where there is none, and where the operator lets no mail go there.
    /// [`Error::Crowded`] while another trial of the caller is under way.
    pub async fn try_mail(
        &self,
        context: &Context,
        draft: SettingsChange,
        recipient: Option<String>,
        language: Language,
        say: Say<'_>,
    ) -> Result<Trial, Error> {
        let right = decide_system(&context.caller)?;
        let configured = self.read_draft(context, draft.clone(), say).await?;
        let server = configured.live.mail;
        let server = server.ok_or(Error::invalid("smtp.host", "required"))?;
        let about = match recipient {
            Some(typed) => typed,
            None => self.show_own_user(context).await?.email,
        };
        if about.is_empty() {
            return Err(Error::invalid("recipient", "required"));
        }
        let (id, now) = (context.request.to_string(), self.clock.now());
        let refuse = |error: TargetError| Error::refused("recipient", "refused_text", error);
        let to = Recipient::parse(&about).map_err(refuse)?;
        let name = context.caller.name.to_string();
        let mail = render_test_mail(&server, to, language, &name, &id, now).map_err(refuse)?;
        let _place = self.begin_trial(&right, context, "smtp", &draft).await?;
        let exchange = send_mail(&self.egress, &server, &mail).await;
        let (problem, detail) = match exchange.outcome {
            Outcome::Delivered => (None, String::new()),
            Outcome::Retry { reason, .. } | Outcome::Refused { reason } => {
                (Some(reason.word.as_str()), reason.said)
            }
            Outcome::Gone => (Some("gone"), String::new()),
        };
        Ok(Trial {
            about,
            host: MailServer::lane(&server),
            problem,
            detail,
            allow: None,
        })
    }

    /// Asks the identity provider of the settings as they are with `draft` for its configuration and its keys. What is wrong
    /// with them is the trial's outcome, and no error of this call.
    ///
    /// Refused as the change would be. [`Error::Crowded`] while another trial of the caller is under way.
    pub async fn try_provider(
        &self,
        context: &Context,
        draft: SettingsChange,
        say: Say<'_>,
    ) -> Result<Trial, Error> {
        let right = decide_system(&context.caller)?;
        let configured = self.read_draft(context, draft.clone(), say).await?;
        let issuer = configured.issuer;
        let issuer = issuer.ok_or(Error::invalid("oidc.issuer", "required"))?;
        let _place = self.begin_trial(&right, context, "oidc", &draft).await?;
        let checked = check_provider(&self.egress, &issuer).await;
        Ok(describe_check(issuer, checked))
    }

    /// What would hold if the change were made now.
    async fn read_draft(
        &self,
        context: &Context,
        draft: SettingsChange,
        say: Say<'_>,
    ) -> Result<Configured, Error> {
        let reader = self.find_configuration()?;
        check_size(&draft)?;
        let stored = self.read_stored_settings().await?;
        let wanted = Wanted {
            reader: &*reader,
            stored: &stored,
            who: &context.caller.name,
            now: self.clock.now(),
        };
        Ok(wanted.judge(draft, say)?.configured)
    }

    /// Takes a place and notes it, before anybody is asked.
    async fn begin_trial(
        &self,
        _granted: &Granted<Administer>,
        context: &Context,
        section: &'static str,
        draft: &SettingsChange,
    ) -> Result<Place, Error> {
        let place = self.configuration.trials.enter(context);
        let place = place.ok_or(Error::Crowded)?;
        let (context, now) = (context.clone(), self.clock.now());
        let changed: Vec<_> = draft.keys().cloned().collect();
        let noted = self.db.write(Durability::Durable, move |tx| {
            let details = json!({ "changed": changed });
            let action = AuditAction::SettingsTest;
            record_audit(tx, &context, now, action, section, None, &details)
        });
        let noted: Result<(), DbError> = noted.await;
        noted?;
        Ok(place)
    }
}

fn describe_check(issuer: String, checked: Result<usize, OidcError>) -> Trial {
    let trial = |problem, host, detail, allow| Trial {
        about: issuer.clone(),
        host,
        problem,
        detail,
        allow,
    };
    match checked {
        Ok(_) => trial(None, issuer.clone(), String::new(), None),
        Err(error) => match &error {
            OidcError::Egress(cause) => {
                let failure = HostFailure::of_egress(cause, &error);
                let host = match failure.host.is_empty() {
                    true => issuer.clone(),
                    false => failure.host,
                };
                trial(
                    Some(failure.problem.as_str()),
                    host,
                    failure.detail,
                    failure.allow,
                )
            }
            _ => {
                let problem = HostProblem::BadAnswer.as_str();
                trial(Some(problem), issuer.clone(), tell_story(&error), None)
            }
        },
    }
}
