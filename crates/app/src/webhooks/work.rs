//! What runs beside requests: looking after webhooks that are due, removing what is no longer wanted, sweeping.

use super::{Webhook, end::end_unused_webhooks, removals};
use crate::{App, Error, access::Throttle};
use std::time::Duration;
use tokio::{
    sync::Notify,
    task::JoinSet,
    time::{Instant, timeout},
};
use wharf_db::{
    Durability, device_logins, host_removals, registry_credentials, secrets, sources, webhooks,
};

/// How often due webhooks are looked for. A change wakes at once.
const TICK: Duration = Duration::from_secs(5);

/// How often is looked for what a cascade of rows left behind.
const SWEEP: Duration = Duration::from_secs(60);

/// Webhooks that are looked after at once. Each is a few requests to a host.
const AT_ONCE: usize = 4;

/// Deliveries with a wrong signature, of one webhook from one network, before more are refused.
const REJECTIONS: u32 = 30;

/// For how long they are counted.
const REJECTION_WINDOW: Duration = Duration::from_secs(60);

/// What secrets are kept under, and the table whose rows they go with.
const OWNERS: [(&str, &str); 6] = [
    (sources::TABLE, sources::TABLE),
    (device_logins::TABLE, device_logins::TABLE),
    (registry_credentials::TABLE, registry_credentials::TABLE),
    (webhooks::TABLE, webhooks::TABLE),
    (host_removals::TABLE, host_removals::TABLE),
    ("rule_secrets", "rules"),
];

/// What webhooks keep in memory.
pub(crate) struct Hooks {
    wake: Notify,
    pub(super) rejections: Throttle,
}

impl Default for Hooks {
    fn default() -> Self {
        Self {
            wake: Notify::new(),
            rejections: Throttle::new(REJECTIONS, REJECTION_WINDOW),
        }
    }
}

impl App {
    /// Has due webhooks and removals looked after now.
    pub(crate) fn wake_webhooks(&self) {
        self.hooks.wake.notify_one();
    }

    /// Looks after webhooks and removals when their time comes, until it is dropped.
    pub async fn run_webhooks(self) {
        let mut swept: Option<Instant> = None;
        loop {
            if swept.is_none_or(|at| at.elapsed() >= SWEEP) {
                swept = Some(Instant::now());
                report("sweep webhooks and secrets", self.sweep().await.map(drop));
            }
            let tended = self.tend_due().await;
            let tried = self.try_removals().await;
            let busy = matches!(tended, Ok(count) if count > 0)
                || matches!(tried, Ok(count) if count >= removals::AT_ONCE);
            report("look after webhooks", tended.map(drop));
            report("remove webhooks at code hosts", tried.map(drop));
            if !busy {
                let _ = timeout(TICK, self.hooks.wake.notified()).await;
            }
        }
    }

    /// Looks after what is due, some at once; answers how many that were.
    async fn tend_due(&self) -> Result<usize, Error> {
        let now = self.clock.now();
        let due = self
            .db
            .read(move |tx| webhooks::list_due_webhooks(tx, now, AT_ONCE));
        let due: Vec<Webhook> = due.await.map_err(Error::from)?;
        let count = due.len();
        let mut under_way = JoinSet::new();
        for webhook in due {
            let app = self.clone();
            under_way.spawn(async move { app.tend_webhook(webhook).await });
        }
        while let Some(done) = under_way.join_next().await {
            done.map_err(Error::internal)??;
        }
        Ok(count)
    }

    /// Ends webhooks that no rule wants, and what rows that went left behind.
    async fn sweep(&self) -> Result<usize, Error> {
        let (vault, now) = (self.vault.clone(), self.clock.now());
        let swept = self.db.write(Durability::Durable, move |tx| {
            device_logins::delete_expired_logins(tx, now)?;
            for (table, rows) in OWNERS {
                secrets::sweep_secrets(tx, table, rows)?;
            }
            end_unused_webhooks(tx, &vault, now)
        });
        swept.await
    }
}

fn report(what: &str, done: Result<(), Error>) {
    if let Err(error) = done {
        tracing::warn!(error = &error as &dyn std::error::Error, "could not {what}");
    }
}
