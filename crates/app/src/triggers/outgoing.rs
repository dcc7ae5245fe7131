//! One attempt at a webhook, a message or a mail.

use super::{
    definition::{ActionSecret, ActionSpec},
    exchange::{to_json, with_exchange},
    facts::read_facts,
    load::{Loaded, load_action},
    reasons,
    render::render,
    settle::{Settled, Verdict, Why, clip_detail},
};
use crate::{App, Error};
use wharf_db::triggers::{attempts::Attempt, deliveries::Claimed};
use wharf_integrations::target::{Exchange, Outcome, ReasonWord};
use wharf_model::{
    Timestamp,
    triggers::{ActionKind, DeliveryState},
};

/// Sends a claimed delivery once. The claim is looked at again just before.
pub(super) async fn attempt(
    app: &App,
    claimed: &Claimed,
    started: Timestamp,
) -> Result<Settled, Error> {
    let (vault, delivery) = (app.vault.clone(), claimed.delivery.clone());
    let claim = claimed.claim;
    let loaded = app
        .db
        .look_up(move |tx| load_action(tx, &vault, claim, &delivery, false));
    let (spec, secret) = match loaded.await? {
        Loaded::Ready { spec, secret } => (spec, secret),
        Loaded::Over(verdict) => return Ok(verdict.into()),
    };
    let Some(facts) = read_facts(&claimed.facts) else {
        return Ok(Verdict::failed(reasons::UNREADABLE, "").into());
    };
    let secret = match (spec.kind(), secret) {
        (ActionKind::Mail, _) => {
            if let Some(full) = take_postage(app, claimed, started) {
                return Ok(full.into());
            }
            ActionSecret::default()
        }
        (_, Some(secret)) => secret,
        (_, None) => return Ok(Verdict::failed(reasons::SECRET_MISSING, "").into()),
    };
    Ok(send(app, claimed, &spec, &secret, &facts, started).await)
}

/// Takes one of the mails that the namespace has within the hour, where there is a server to hand it to; what is to become of
/// the delivery when none is left.
fn take_postage(app: &App, claimed: &Claimed, now: Timestamp) -> Option<Verdict> {
    let live = app.configuration.live();
    live.mail.as_ref()?;
    let most = live.triggers.mails_per_hour;
    let namespace = claimed.delivery.namespace;
    let wait = app.triggers.postage.take(namespace, most, now).err()?;
    let why = Why::new(reasons::MAILS_PER_HOUR, most);
    Some(Verdict::Again(why, Some(wait)))
}

async fn send(
    app: &App,
    claimed: &Claimed,
    spec: &ActionSpec,
    secret: &ActionSecret,
    facts: &wharf_model::triggers::EventFacts,
    started: Timestamp,
) -> Settled {
    let id = claimed.delivery.id.to_string();
    let live = app.configuration.live();
    let rendered = match render(spec, secret, live.mail.as_ref(), facts, &id, started) {
        Ok(rendered) => rendered,
        Err(why) => {
            let attempt = Attempt {
                outcome: "refused".into(),
                reason: Some(why.reason.clone()),
                detail: why.detail.clone(),
                ..start_attempt(claimed, started, app.clock.now())
            };
            // A mail server that comes tomorrow is none that was there today.
            return Settled {
                verdict: Verdict::End(DeliveryState::Failed, Some(why)),
                attempt: Some(attempt),
            };
        }
    };
    let exchange = rendered.send(&app.egress).await;
    let (verdict, outcome) = judge(&exchange.outcome);
    Settled {
        attempt: Some(describe(
            claimed,
            &exchange,
            outcome,
            started,
            app.clock.now(),
        )),
        verdict,
    }
}

fn judge(outcome: &Outcome) -> (Verdict, &'static str) {
    let why =
        |reason: &wharf_integrations::target::Reason| Why::new(reason.word.as_str(), &reason.said);
    match outcome {
        Outcome::Delivered => (Verdict::End(DeliveryState::Succeeded, None), "delivered"),
        Outcome::Retry { reason, after } => (Verdict::Again(why(reason), *after), "retry"),
        Outcome::Refused { reason } => (
            Verdict::End(DeliveryState::Failed, Some(why(reason))),
            "refused",
        ),
        Outcome::Gone => (Verdict::Gone(Why::new(reasons::GONE, "410")), "gone"),
    }
}

/// An attempt at a claimed delivery of which nothing is known yet.
pub(super) fn start_attempt(claimed: &Claimed, started: Timestamp, ended: Timestamp) -> Attempt {
    Attempt {
        delivery: claimed.delivery.id,
        number: claimed.delivery.attempts,
        started_at: started,
        ended_at: ended,
        outcome: String::new(),
        status: None,
        reason: None,
        detail: String::new(),
        timings: to_json(&super::exchange::TimingsText::default()),
        request: None,
        response: None,
    }
}

fn describe(
    claimed: &Claimed,
    exchange: &Exchange,
    outcome: &str,
    started: Timestamp,
    ended: Timestamp,
) -> Attempt {
    let reason = match &exchange.outcome {
        Outcome::Delivered | Outcome::Gone => None,
        Outcome::Retry { reason, .. } | Outcome::Refused { reason } => Some(reason),
    };
    // The time would tell whether the guard asked a name server first.
    let ended = match reason {
        Some(reason) if reason.word == ReasonWord::NotAllowed => started,
        _ => ended,
    };
    let attempt = Attempt {
        outcome: outcome.to_owned(),
        reason: reason.map(|reason| reason.word.as_str().to_owned()),
        detail: reason
            .map(|reason| clip_detail(&reason.said))
            .unwrap_or_default(),
        ..start_attempt(claimed, started, ended)
    };
    let (request, response) = (&exchange.request, exchange.response.as_ref());
    with_exchange(attempt, request, response, exchange.timings)
}
