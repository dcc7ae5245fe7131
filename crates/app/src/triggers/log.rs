//! The log: what triggers did, and behind each line what was sent, what came back, and how a rollout stands.

use super::{
    TriggerPlace,
    exchange::{AnswerText, SentText, TimingsText},
    facts::read_facts,
    progress::Progress,
};
use crate::{App, Context, Error, Listed, PageRequest};
use wharf_db::triggers::{
    self, attempts,
    deliveries::{self, DeliveryFilter},
};
use wharf_model::{
    Timestamp, TriggerDeliveryId,
    triggers::{DeliveryState, EventFacts},
};
use wharf_oci::Tag;

pub use wharf_db::triggers::deliveries::Delivery;

/// Attempts that one page shows, the newest. A day of retries has fewer; one that was sent again for weeks has more.
const ATTEMPTS: usize = 100;

/// Which deliveries are wanted.
#[derive(Debug, Clone, Default)]
pub struct DeliveryQuery {
    /// Only of the trigger of this name.
    pub trigger: Option<String>,
    /// Only those that stand so.
    pub state: Option<DeliveryState>,
    /// Only about this tag.
    pub tag: Option<Tag>,
}

/// A delivery with everything behind it.
#[derive(Debug, Clone)]
pub struct DeliveryDetails {
    /// The line of the log.
    pub delivery: Delivery,
    /// The event; none when it cannot be understood any more.
    pub facts: Option<EventFacts>,
    /// How the rollout stands, of workloads.
    pub progress: Option<Progress>,
    /// The attempts, the newest first.
    pub attempts: Vec<AttemptDetails>,
}

/// One attempt.
#[derive(Debug, Clone)]
pub struct AttemptDetails {
    /// Counted from 1.
    pub number: u32,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// A word: `delivered`, `retry`, `refused`, `gone`, `patched`, `unchanged`, `rolled_back`,
    /// `superseded`, `interrupted`.
    pub outcome: String,
    /// The status of the answer.
    pub status: Option<u32>,
    /// Why it did not succeed: `delivery_reason.…` of the catalogue.
    pub reason: Option<String>,
    /// More about that.
    pub detail: String,
    /// How long it took.
    pub timings: TimingsText,
    /// What was sent; none once the log's days are over.
    pub request: Option<SentText>,
    /// What came back.
    pub response: Option<AnswerText>,
}

impl App {
    /// The log of a repository, or of a namespace with all of its repositories, the newest first.
    pub async fn list_trigger_deliveries(
        &self,
        context: &Context,
        place: &TriggerPlace,
        query: &DeliveryQuery,
        page: &PageRequest,
    ) -> Result<Listed<Delivery>, Error> {
        let view = self.authorize_view(&context.caller, place).await?;
        let before = match &page.after {
            Some(after) => Some(
                after
                    .parse()
                    .map_err(|_| Error::invalid("after", "malformed"))?,
            ),
            None => None,
        };
        let (query, limit) = (query.clone(), page.fetch());
        let found = self.db.read(move |tx| {
            let trigger = match &query.trigger {
                Some(name) => {
                    let trigger = triggers::find_trigger(tx, view, name)?;
                    Some(trigger.ok_or(Error::NotFound)?.id)
                }
                None => None,
            };
            let filter = DeliveryFilter {
                trigger,
                action: None,
                state: query.state,
                tag: query.tag.clone(),
            };
            deliveries::list_deliveries(tx, view, &filter, before, limit).map_err(Error::from)
        });
        Ok(page.cut(found.await?, |delivery| delivery.id.to_string()))
    }

    /// One delivery with its attempts.
    pub async fn find_trigger_delivery(
        &self,
        context: &Context,
        place: &TriggerPlace,
        id: &str,
    ) -> Result<DeliveryDetails, Error> {
        let view = self.authorize_view(&context.caller, place).await?;
        let id: TriggerDeliveryId = id.parse().map_err(|_| Error::NotFound)?;
        let found = self.db.read(move |tx| {
            let delivery = deliveries::find_delivery(tx, view, id)?.ok_or(Error::NotFound)?;
            let details = deliveries::find_details(tx, id)?.ok_or(Error::NotFound)?;
            let attempts = attempts::list_attempts(tx, id, ATTEMPTS)?;
            Ok::<_, Error>((delivery, details, attempts))
        });
        let (delivery, (facts, progress), attempts) = found.await?;
        Ok(DeliveryDetails {
            delivery,
            facts: read_facts(&facts),
            progress: progress.as_deref().and_then(Progress::read),
            attempts: attempts.into_iter().map(describe_attempt).collect(),
        })
    }
}

fn describe_attempt(row: attempts::Attempt) -> AttemptDetails {
    let read = |text: Option<String>| text.and_then(|text| serde_json::from_str(&text).ok());
    AttemptDetails {
        number: row.number,
        started_at: row.started_at,
        ended_at: row.ended_at,
        outcome: row.outcome,
        status: row.status,
        reason: row.reason,
        detail: row.detail,
        timings: serde_json::from_str(&row.timings).unwrap_or_default(),
        request: read(row.request),
        response: row
            .response
            .and_then(|text| serde_json::from_str(&text).ok()),
    }
}
