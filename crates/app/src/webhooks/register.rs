//! Wanting a webhook, and looking after it: registered when it is not, inspected when it is, repaired when it is wrong.

use super::{
    Webhook, WebhookState, make_secret, place_of,
    reach::{Unreachable, find_url},
};
use crate::{
    App, Error,
    sources::{HostFailure, OpenSource},
};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;
use wharf_db::{
    Durability, Tx, sources,
    webhooks::{self, WebhookFinding},
};
use wharf_integrations::{
    Secret,
    forge::{
        Forge, ForgeError, RepositoryPath, WebhookFault, WebhookId as HostWebhookId, WebhookReport,
        WebhookSpec,
    },
};
use wharf_model::{RemotePath, SecretText, SourceId, SourceKind, Timestamp, WebhookId};

/// How long one look after a webhook may take before another may begin.
const LEASE: Duration = Duration::from_secs(300);

/// How long a look may take: a few calls, each as long as a host may take for one. Within the lease.
const PATIENCE: Duration = Duration::from_secs(120);

/// How often a webhook that works is compared with what it should be: often enough to notice within a working day that
/// somebody changed it, seldom enough to cost no host anything.
const INSPECT_EVERY: Duration = Duration::from_secs(6 * 3600);

/// The first wait after a failure that may pass; it doubles each time.
const FIRST_WAIT: Duration = Duration::from_secs(30);

/// The longest wait after failures.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// Pages of a repository's webhooks that are looked through for one of ours.
const MOST_PAGES: usize = 10;

impl App {
    /// Wants a webhook for a repository of a source; it is registered soon. Answers the row, which all rules of the
    /// repository share.
    pub(crate) async fn want_webhook_of(
        &self,
        source: SourceId,
        remote: &RemotePath,
    ) -> Result<Webhook, Error> {
        let (remote, now) = (remote.clone(), self.clock.now());
        let wanted = self.db.write(Durability::Durable, move |tx| {
            want_webhook(tx, source, &remote, now)
        });
        let webhook = wanted.await?;
        self.wake_webhooks();
        Ok(webhook)
    }
}

/// Wants a webhook for a repository of a source, in the transaction of the rule that needs it; who calls this wakes the
/// webhooks afterwards.
pub(crate) fn want_webhook(
    tx: &mut Tx<'_>,
    source: SourceId,
    remote: &RemotePath,
    now: Timestamp,
) -> Result<Webhook, Error> {
    let gone = Error::Conflict {
        what: "source_gone",
    };
    let source = sources::find_source(tx, source)?.ok_or(gone)?;
    let new = Webhook {
        id: WebhookId::new(),
        source: source.id,
        kind: source.kind,
        remote: remote.clone(),
        host_id: None,
        url: None,
        state: match source.kind {
            SourceKind::Git => WebhookState::Manual,
            _ => WebhookState::Pending,
        },
        problem: None,
        problem_detail: String::new(),
        state_since: now,
        checked_at: None,
        next_at: now,
        attempts: 0,
        rejected_count: 0,
        rejected_at: None,
        delivered_at: None,
        missed_at: None,
        created_at: now,
    };
    Ok(webhooks::find_or_insert_webhook(tx, &new)?.0)
}

impl App {
    /// Looks after one webhook: afterwards its row says how it is and when to look again.
    pub(super) async fn tend_webhook(&self, webhook: Webhook) -> Result<(), Error> {
        let (id, seen, now) = (webhook.id, webhook.next_at, self.clock.now());
        let lease = now.plus(LEASE);
        let claimed = self
            .db
            .write(Durability::Relaxed, move |tx| {
                webhooks::claim_webhook(tx, id, seen, lease)
            })
            .await
            .map_err(Error::from)?;
        if !claimed {
            return Ok(());
        }
        let found = match timeout(PATIENCE, self.find_out(&webhook)).await {
            Ok(found) => found?,
            Err(_) => self.failed(
                &webhook,
                &HostFailure::too_slow(webhook.kind.as_str(), PATIENCE),
            ),
        };
        let now = self.clock.now();
        let recorded = self.db.write(Durability::Durable, move |tx| {
            webhooks::record_finding(tx, id, lease, &found, now).map(drop)
        });
        recorded.await.map_err(Error::from)
    }

    async fn find_out(&self, webhook: &Webhook) -> Result<WebhookFinding, Error> {
        if webhook.kind == SourceKind::Git {
            return Ok(self.finding(webhook, WebhookState::Manual, None, "", INSPECT_EVERY));
        }
        let open = match self.open_source(webhook.source).await {
            Ok(open) => open,
            Err(Error::Conflict { what }) => {
                return Ok(self.finding(
                    webhook,
                    WebhookState::Failing,
                    Some(what),
                    "",
                    LONGEST_WAIT,
                ));
            }
            Err(other) => return Err(other),
        };
        let public_url = self.settings.public_url.as_deref();
        let url = match find_url(public_url, webhook.kind, &open.source.address, webhook.id) {
            Ok(url) => url,
            Err(why) => return Ok(self.unreachable(webhook, why)),
        };
        let secret = self.find_or_make_secret(webhook.id).await?;
        let spec = WebhookSpec {
            url,
            secret: Secret::new(secret.expose()),
        };
        match self.bring_about(webhook, &open, &spec).await {
            Ok(found) => Ok(found),
            Err(Error::Upstream(failure)) => {
                self.note_source(webhook.source, Some(&failure)).await?;
                Ok(self.failed(webhook, &failure))
            }
            Err(other) => Err(other),
        }
    }

    /// Makes the host have the webhook as it should be.
    async fn bring_about(
        &self,
        webhook: &Webhook,
        open: &OpenSource,
        spec: &WebhookSpec,
    ) -> Result<WebhookFinding, Error> {
        let forge = open.forge()?;
        let path: RepositoryPath = webhook.remote.as_str().parse().map_err(HostFailure::from)?;
        let noted = webhook.host_id.clone().map(HostWebhookId::new);
        let mut inspected = match noted {
            Some(id) => inspect(&forge, &path, spec, id).await?,
            None => None,
        };
        // Found there by its URL, or given another secret since: what secret the host has nobody knows.
        let mut is_doubtful = webhook.url.is_none();
        if inspected.is_none()
            && let Some(id) = find_ours(&forge, &path, spec).await?
        {
            inspected = inspect(&forge, &path, spec, id).await?;
            is_doubtful = true;
        }
        let (host_id, faults) = match inspected {
            None => (register(&forge, &path, spec).await?, Vec::new()),
            Some((id, report)) if is_doubtful || needs_repair(&report.faults) => {
                let repaired = forge.repair_webhook(&path, &id, spec).await;
                (repaired.map_err(HostFailure::from)?.id, Vec::new())
            }
            Some((id, report)) => (id, report.faults),
        };
        let mut found = match faults.first() {
            Some(WebhookFault::LastAttemptFailed { status, outcome }) => {
                let detail = match status {
                    Some(status) => format!("it was answered {status} {outcome}"),
                    None => outcome.clone(),
                };
                let (state, why) = (WebhookState::Failing, Some("delivery_failed"));
                self.finding(webhook, state, why, &detail, LONGEST_WAIT)
            }
            _ => self.finding(webhook, WebhookState::Active, None, "", INSPECT_EVERY),
        };
        found.host_id = Some(host_id.as_str().to_owned());
        found.url = Some(spec.url.to_string());
        Ok(found)
    }

    /// The secret of a webhook; made when there is none.
    pub(super) async fn find_or_make_secret(&self, id: WebhookId) -> Result<SecretText, Error> {
        let (vault, now) = (self.vault.clone(), self.clock.now());
        self.db
            .write(Durability::Durable, move |tx| {
                if let Some(found) = vault.open(tx, &place_of(id))? {
                    return Ok(found);
                }
                let made = make_secret();
                vault.seal(tx, &place_of(id), &made, now)?;
                Ok(made)
            })
            .await
    }

    fn finding(
        &self,
        webhook: &Webhook,
        state: WebhookState,
        problem: Option<&str>,
        detail: &str,
        wait: Duration,
    ) -> WebhookFinding {
        WebhookFinding {
            host_id: webhook.host_id.clone(),
            url: webhook.url.clone(),
            state,
            problem: problem.map(str::to_owned),
            problem_detail: detail.to_owned(),
            attempts: 0,
            next_at: self.clock.now().plus(wait),
        }
    }

    fn unreachable(&self, webhook: &Webhook, why: Unreachable) -> WebhookFinding {
        let state = WebhookState::Polling;
        self.finding(webhook, state, Some(why.as_str()), "", LONGEST_WAIT)
    }

    fn failed(&self, webhook: &Webhook, failure: &HostFailure) -> WebhookFinding {
        let wait = match failure.is_transient {
            true => FIRST_WAIT
                .saturating_mul(1 << webhook.attempts.min(16))
                .max(failure.retry_after.unwrap_or_default())
                .min(LONGEST_WAIT),
            false => LONGEST_WAIT,
        };
        let (problem, detail) = failure.as_state();
        let mut found = self.finding(webhook, WebhookState::Failing, problem, detail, wait);
        found.attempts = webhook.attempts + 1;
        found
    }
}

/// What the host says of a webhook; `None` where somebody removed it.
async fn inspect(
    forge: &Arc<dyn Forge>,
    path: &RepositoryPath,
    spec: &WebhookSpec,
    id: HostWebhookId,
) -> Result<Option<(HostWebhookId, WebhookReport)>, Error> {
    match forge.inspect_webhook(path, &id, spec).await {
        Ok(report) => Ok(Some((id, report))),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(HostFailure::from(error).into()),
    }
}

/// A webhook of ours that was registered before this process could write it down, or that its host knows by another number
/// since it came back from a backup. Its URL holds an id that is nobody else's.
async fn find_ours(
    forge: &Arc<dyn Forge>,
    path: &RepositoryPath,
    spec: &WebhookSpec,
) -> Result<Option<HostWebhookId>, Error> {
    let mut after = None;
    for _ in 0..MOST_PAGES {
        let page = forge.list_webhooks(path, after.as_ref()).await;
        let page = page.map_err(HostFailure::from)?;
        let ours = page
            .items
            .into_iter()
            .find(|webhook| webhook.url == spec.url.as_str());
        match (ours, page.next) {
            (Some(ours), _) => return Ok(Some(ours.id)),
            (None, Some(next)) => after = Some(next),
            (None, None) => break,
        }
    }
    Ok(None)
}

async fn register(
    forge: &Arc<dyn Forge>,
    path: &RepositoryPath,
    spec: &WebhookSpec,
) -> Result<HostWebhookId, Error> {
    let made: Result<_, ForgeError> = forge.register_webhook(path, spec).await;
    Ok(made.map_err(HostFailure::from)?.id)
}

/// A failed attempt alone is not mended by writing the same again; events that only cost are.
fn needs_repair(faults: &[WebhookFault]) -> bool {
    faults
        .iter()
        .any(|fault| !matches!(fault, WebhookFault::LastAttemptFailed { .. }))
}
