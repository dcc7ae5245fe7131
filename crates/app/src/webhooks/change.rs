//! Webhooks as the owner of their source sees and mends them.

use super::{Delivery, HookAttempt, Webhook, make_secret, place_of};
use crate::{
    App, Context, Error, Listed, PageRequest, accounts::require_manager, audit::record_audit,
    sources::HostFailure,
};
use serde_json::json;
use wharf_db::{Durability, Tx, hook_deliveries, sources, webhooks};
use wharf_integrations::forge::WebhookId as HostWebhookId;
use wharf_model::{AuditAction, SecretText, SourceId, SourceKind, UserId, WebhookId};

/// What somebody puts into a repository's `post-receive` hook.
#[derive(Debug, Clone)]
pub struct NudgeLine {
    /// The whole line, its secret included; shown this once.
    pub line: SecretText,
    /// Where it sends to.
    pub url: String,
}

impl App {
    /// One page of the webhooks of one of the caller's own sources.
    pub async fn list_webhooks(
        &self,
        context: &Context,
        source: SourceId,
        page: PageRequest,
    ) -> Result<Listed<Webhook>, Error> {
        let owner = require_manager(&context.caller)?;
        let (after, fetch) = (page.key(), page.fetch());
        let found = self.db.read(move |tx| {
            require_own(tx, owner, source)?;
            Ok::<_, Error>(webhooks::list_webhooks(tx, source, &after, fetch)?)
        });
        Ok(page.cut(found.await?, |webhook| webhook.remote.to_string()))
    }

    /// One webhook of one of the caller's own sources.
    pub async fn show_webhook(
        &self,
        context: &Context,
        source: SourceId,
        id: WebhookId,
    ) -> Result<Webhook, Error> {
        let owner = require_manager(&context.caller)?;
        self.db
            .read(move |tx| find_own(tx, owner, source, id))
            .await
    }

    /// What came in by a webhook, newest first.
    pub async fn list_deliveries(
        &self,
        context: &Context,
        source: SourceId,
        id: WebhookId,
        page: PageRequest,
    ) -> Result<Listed<Delivery>, Error> {
        let owner = require_manager(&context.caller)?;
        let (before, fetch) = (page.key(), page.fetch());
        let found = self.db.read(move |tx| {
            find_own(tx, owner, source, id)?;
            Ok::<_, Error>(hook_deliveries::list_deliveries(tx, id, &before, fetch)?)
        });
        Ok(page.cut(found.await?, |delivery| delivery.id.to_string()))
    }

    /// What the host says about its last attempts to deliver, newest first; none where its API does not tell.
    pub async fn list_delivery_attempts(
        &self,
        context: &Context,
        source: SourceId,
        id: WebhookId,
    ) -> Result<Option<Vec<HookAttempt>>, Error> {
        let webhook = self.show_webhook(context, source, id).await?;
        let Some(host_id) = webhook.host_id.filter(|_| webhook.kind.has_api()) else {
            return Ok(None);
        };
        let forge = self.open_source(source).await?.forge()?;
        let path = webhook.remote.as_str().parse().map_err(HostFailure::from)?;
        let asked = forge
            .list_attempts(&path, &HostWebhookId::new(host_id))
            .await;
        Ok(asked.map_err(HostFailure::from)?)
    }

    /// Has a webhook compared with what it should be and mended, at once; answers it as it is afterwards.
    pub async fn repair_webhook(
        &self,
        context: &Context,
        source: SourceId,
        id: WebhookId,
    ) -> Result<Webhook, Error> {
        let owner = require_manager(&context.caller)?;
        let (context_copy, now) = (context.clone(), self.clock.now());
        let due = self.db.write(Durability::Durable, move |tx| {
            let found = find_own(tx, owner, source, id)?;
            // Written again even if it looks right: what secret the host has it does not tell.
            webhooks::forget_url(tx, id, now)?;
            let (target, details) = (found.remote.as_str(), json!({}));
            record_audit(
                tx,
                &context_copy,
                now,
                AuditAction::WebhookRepair,
                target,
                None,
                &details,
            )?;
            find_own(tx, owner, source, id)
        });
        self.tend_webhook(due.await?).await?;
        self.show_webhook(context, source, id).await
    }

    /// Gives a webhook another secret; the old one ends at once, and the host is told the new one. For plain git the
    /// answer is the line for the repository's own hook.
    pub async fn rotate_webhook_secret(
        &self,
        context: &Context,
        source: SourceId,
        id: WebhookId,
    ) -> Result<(Webhook, Option<NudgeLine>), Error> {
        let owner = require_manager(&context.caller)?;
        let secret = make_secret();
        let (vault, now) = (self.vault.clone(), self.clock.now());
        let (kept, context_copy) = (secret.clone(), context.clone());
        let webhook = self.db.write(Durability::Durable, move |tx| {
            let webhook = find_own(tx, owner, source, id)?;
            vault.seal(tx, &place_of(id), &kept, now)?;
            // Also when the host cannot be told now: whoever looks after it next writes it again.
            webhooks::forget_url(tx, id, now)?;
            let target = webhook.remote.as_str();
            let details = json!({ "kind": webhook.kind.as_str() });
            let action = AuditAction::WebhookRotateSecret;
            record_audit(tx, &context_copy, now, action, target, None, &details)?;
            Ok::<_, Error>(webhook)
        });
        let webhook = webhook.await?;
        if webhook.kind != SourceKind::Git {
            let due = self.show_webhook(context, source, id).await?;
            self.tend_webhook(due).await?;
            return Ok((self.show_webhook(context, source, id).await?, None));
        }
        let settings = &self.settings;
        let base = settings.public_url.as_ref().unwrap_or(&settings.local_url);
        let url = format!("{base}/hooks/git/{id}");
        let line = write_nudge(&url, &secret);
        Ok((webhook, Some(NudgeLine { line, url })))
    }
}

/// Git gives a `post-receive` hook its lines on standard input (githooks(5)), and they are the body. A server that cannot
/// be reached holds up nobody's push for long.
fn write_nudge(url: &str, secret: &SecretText) -> SecretText {
    SecretText::new(format!(
        "curl -fsS -m 10 -o /dev/null -H 'Authorization: Bearer {}' -H 'Content-Type: text/plain' --data-binary @- {url}",
        secret.expose()
    ))
}

fn require_own(tx: &mut Tx<'_>, owner: UserId, source: SourceId) -> Result<(), Error> {
    let found = sources::find_own_source(tx, owner, source)?;
    found.map(drop).ok_or(Error::NotFound)
}

fn find_own(
    tx: &mut Tx<'_>,
    owner: UserId,
    source: SourceId,
    id: WebhookId,
) -> Result<Webhook, Error> {
    require_own(tx, owner, source)?;
    let found = webhooks::find_webhook(tx, id)?;
    found
        .filter(|webhook| webhook.source == source)
        .ok_or(Error::NotFound)
}
