//! What a code host delivers: believed with its signature, taken once, handed on.
//!
//! The order is the point: the place in line, the secret, the signature over the raw bytes; only then is anything parsed.
//! An id that does not exist, one of another kind and a wrong signature are one answer, after the same work.

use super::{Webhook, place_of};
use crate::{App, Error, rules::ReportedUpdate};
use bytes::Bytes;
use http::HeaderMap;
use std::{net::IpAddr, time::Duration};
use wharf_db::{
    Durability,
    hook_deliveries::{self, Arrival, Delivery as Row},
    webhooks,
};
use wharf_integrations::{
    Secret,
    forge::delivery::{
        Delivery, DeliveryContent, HookKind, PushedRef, Rejection, read_delivery, verify_delivery,
    },
};
use wharf_model::{DeliveryId, SecretText, SourceKind, WebhookId, builds::BuildCause};

/// After this long a delivery that was begun and never finished may be taken again: whoever took it is gone.
const UNFINISHED: Duration = Duration::from_secs(120);

/// What a UUID has.
const ID_LENGTH: usize = 36;

/// One delivery as it came in.
pub struct IncomingDelivery<'a> {
    /// `github`, `gitlab`, `gitea` or `git`, as the path says.
    pub kind: &'a str,
    /// The webhook, as the path says.
    pub id: &'a str,
    /// The client's address, behind trusted proxies.
    pub address: IpAddr,
    /// All headers.
    pub headers: &'a HeaderMap,
    /// The body, as it is.
    pub body: Bytes,
}

/// What became of a delivery that was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryOutcome {
    /// It told of pushes, and they were looked at: how many builds were queued.
    Taken(usize),
    /// It starts nothing; why, in a few words.
    Ignored(String),
    /// It came before.
    Repeated,
}

/// Why a delivery is not looked at.
#[derive(Debug, thiserror::Error)]
pub enum HookRefusal {
    /// No such webhook, or not signed with its secret: nobody is told which.
    #[error("the delivery is not signed with the secret of this webhook")]
    Unsigned,
    /// Larger than any host sends.
    #[error("the delivery is too large")]
    TooLarge,
    /// Signed, but not in the form of its host.
    #[error("the delivery cannot be read: {0}")]
    Malformed(String),
    /// Too many wrong signatures.
    #[error("too many deliveries with a wrong signature")]
    TooMany(Duration),
    /// Something of ours failed; the host may send it again.
    #[error(transparent)]
    App(#[from] Error),
}

impl App {
    /// Takes a delivery of a code host: verified before parsing, taken once however often it is sent, then handed to the
    /// rules of the repository.
    pub async fn handle_delivery(
        &self,
        incoming: IncomingDelivery<'_>,
    ) -> Result<DeliveryOutcome, HookRefusal> {
        // As much of it as an id has: whoever makes them up fills no memory.
        let key: String = incoming.id.chars().take(ID_LENGTH).collect();
        let attempt = self
            .hooks
            .rejections
            .admit(&key, incoming.address)
            .await
            .map_err(|error| match error {
                Error::TooManyAttempts { retry_after } => HookRefusal::TooMany(retry_after),
                other => HookRefusal::App(other),
            })?;
        let kind: Option<HookKind> = incoming.kind.parse().ok();
        let known = self.find_receiver(kind, incoming.id).await?;
        let secret = match &known {
            Some((_, secret)) => Secret::new(secret.expose()),
            // Nobody knows it, and checking it takes as long.
            None => Secret::new(hex::encode(self.keys.memory)),
        };
        let verified = verify_delivery(
            kind.unwrap_or(HookKind::GitHub),
            incoming.headers,
            incoming.body,
            &[secret],
            self.clock.now(),
        );
        let (webhook, verified) = match (known, verified) {
            (_, Err(Rejection::TooLarge)) => return Err(HookRefusal::TooLarge),
            (Some((webhook, _)), Ok(verified)) => (webhook, verified),
            (known, _) => {
                attempt.fail();
                if let Some((webhook, _)) = known {
                    self.count_rejection(webhook.id).await?;
                }
                count("rejected");
                return Err(HookRefusal::Unsigned);
            }
        };
        attempt.forgive();
        let delivery = read_delivery(&verified).map_err(|error| {
            count("malformed");
            HookRefusal::Malformed(error.to_string())
        })?;
        let outcome = self.take_delivery(&webhook, delivery).await?;
        count(match &outcome {
            DeliveryOutcome::Taken(_) => "taken",
            DeliveryOutcome::Ignored(_) => "ignored",
            DeliveryOutcome::Repeated => "repeated",
        });
        Ok(outcome)
    }

    async fn find_receiver(
        &self,
        kind: Option<HookKind>,
        id: &str,
    ) -> Result<Option<(Webhook, SecretText)>, Error> {
        let (Some(kind), Ok(id)) = (kind, id.parse::<WebhookId>()) else {
            return Ok(None);
        };
        let vault = self.vault.clone();
        self.db
            .look_up(move |tx| {
                let Some(webhook) = webhooks::find_webhook(tx, id)? else {
                    return Ok(None);
                };
                if webhook.kind.as_str() != kind.as_str() {
                    return Ok(None);
                }
                let secret = vault.open(tx, &place_of(id))?;
                Ok(secret.map(|secret| (webhook, secret)))
            })
            .await
    }

    async fn count_rejection(&self, id: WebhookId) -> Result<(), Error> {
        let now = self.clock.now();
        let counted = self.db.write(Durability::Relaxed, move |tx| {
            webhooks::count_rejection(tx, id, now)
        });
        counted.await.map_err(Error::from)
    }

    async fn take_delivery(
        &self,
        webhook: &Webhook,
        delivery: Delivery,
    ) -> Result<DeliveryOutcome, Error> {
        let now = self.clock.now();
        let id = DeliveryId::new();
        let row = Row {
            id,
            // A nudge has no name and is never the same.
            delivery: delivery.id.clone().unwrap_or_else(|| id.to_string()),
            event: delivery.event.clone(),
            outcome: "received".to_owned(),
            detail: String::new(),
            at: now,
        };
        let (hook, name) = (webhook.id, row.delivery.clone());
        let arrival = self.db.write(Durability::Durable, move |tx| {
            hook_deliveries::insert_delivery(tx, hook, &row, UNFINISHED)
        });
        if arrival.await.map_err(Error::from)? == Arrival::Repeated {
            return Ok(DeliveryOutcome::Repeated);
        }
        let handed = self.hand_over(webhook, &delivery).await;
        let (outcome, detail) = match &handed {
            Ok(DeliveryOutcome::Ignored(why)) => ("ignored", why.clone()),
            Ok(DeliveryOutcome::Taken(builds)) => ("taken", format!("{builds} builds")),
            Ok(DeliveryOutcome::Repeated) => ("ignored", String::new()),
            // The host is told that it failed, and what it sends again is no repetition.
            Err(error) => ("failed", error.to_string()),
        };
        let finished = self.db.write(Durability::Durable, move |tx| {
            hook_deliveries::finish_delivery(tx, hook, &name, outcome, &detail)
        });
        finished.await.map_err(Error::from)?;
        handed
    }

    async fn hand_over(
        &self,
        webhook: &Webhook,
        delivery: &Delivery,
    ) -> Result<DeliveryOutcome, Error> {
        let pushed = match &delivery.content {
            DeliveryContent::Ping => return Ok(DeliveryOutcome::Ignored("ping".to_owned())),
            DeliveryContent::Ignored(reason) => {
                return Ok(DeliveryOutcome::Ignored(reason.to_string()));
            }
            DeliveryContent::Nudge => None,
            DeliveryContent::RefUpdates(pushed) => Some(pushed),
        };
        let (source, remote) = (webhook.source, &webhook.remote);
        let Some(pushed) = pushed.filter(|_| names_remote(webhook, delivery)) else {
            // What it says is not believed, or it says nothing: the repository itself is asked.
            self.nudge_remote(source, remote).await?;
            return Ok(DeliveryOutcome::Taken(0));
        };
        let mut updates: Vec<_> = pushed.iter().map(report_update).collect();
        if webhook.kind == SourceKind::Git {
            self.complete_updates(source, remote, &mut updates).await;
        }
        let origin = delivery.id.as_deref().unwrap_or_default();
        let outcome = self.record_pushes(source, remote, updates, BuildCause::Push, origin);
        Ok(DeliveryOutcome::Taken(outcome.await?.builds.len()))
    }
}

/// Whether the payload is about the repository that the webhook is for. One that was renamed there, or whose webhook
/// somebody moved, is another.
fn names_remote(webhook: &Webhook, delivery: &Delivery) -> bool {
    let Some(path) = delivery.repository.as_ref().and_then(|it| it.path.as_ref()) else {
        return true;
    };
    let own = webhook.remote.as_str().trim_end_matches(".git");
    path.as_str().eq_ignore_ascii_case(own)
}

fn report_update(pushed: &PushedRef) -> ReportedUpdate {
    let head = pushed.head.as_ref();
    ReportedUpdate {
        reference: pushed.reference.clone(),
        old: pushed.before.clone(),
        new: pushed.after.clone(),
        commit: pushed.commit.clone(),
        message: head.map(|head| head.message.clone()),
        author: head.and_then(|head| head.author.clone()),
    }
}

fn count(outcome: &'static str) {
    metrics::counter!("wharf_hook_deliveries_total", "outcome" => outcome).increment(1);
}
