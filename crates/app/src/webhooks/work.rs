//! What runs beside requests: looking after webhooks that are due, removing what is no longer wanted, sweeping.

use super::end::end_unused_webhooks;
use crate::{
    App, Error,
    access::Throttle,
    lanes::{LaneBounds, Lanes},
};
use std::time::Duration;
use tokio::{
    sync::Notify,
    time::{Instant, sleep},
};
use wharf_db::{
    Durability, device_logins, host_removals, registry_credentials, secrets, sources,
    triggers::{actions, clusters},
    webhooks,
};

/// How often due webhooks are looked for. A change wakes at once.
const TICK: Duration = Duration::from_secs(5);

/// How often is looked for what a cascade of rows left behind.
const SWEEP: Duration = Duration::from_secs(60);

/// Webhooks that are looked after, and removals that are tried, at once. Each is a few requests to a host.
pub(super) const BOUNDS: LaneBounds = LaneBounds {
    in_all: 16,
    per_host: 3,
};

/// Deliveries with a wrong signature, of one webhook from one network, before more are refused.
const REJECTIONS: u32 = 30;

/// For how long they are counted.
const REJECTION_WINDOW: Duration = Duration::from_secs(60);

/// What secrets are kept under, and the table whose rows they go with.
const OWNERS: [(&str, &str); 8] = [
    (sources::TABLE, sources::TABLE),
    (device_logins::TABLE, device_logins::TABLE),
    (registry_credentials::TABLE, registry_credentials::TABLE),
    (webhooks::TABLE, webhooks::TABLE),
    (host_removals::TABLE, host_removals::TABLE),
    ("rule_secrets", "rules"),
    (clusters::SECRET_TABLE, clusters::SECRET_TABLE),
    (actions::SECRET_TABLE, actions::SECRET_TABLE),
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
        let mut lanes = Lanes::new(BOUNDS);
        loop {
            if swept.is_none_or(|at| at.elapsed() >= SWEEP) {
                swept = Some(Instant::now());
                report("sweep webhooks and secrets", self.sweep().await.map(drop));
            }
            // Both have a share of the same lanes: what is new at a host matters no less than what is to go there.
            report(
                "find webhooks that are due",
                self.tend_due(&mut lanes).await,
            );
            report("find removals that are due", self.try_due(&mut lanes).await);
            tokio::select! {
                () = lanes.end_one() => {}
                () = self.hooks.wake.notified() => {}
                () = sleep(TICK) => {}
            }
        }
    }

    /// Begins to look after webhooks that are due, as much as there is room for.
    pub(super) async fn tend_due(&self, lanes: &mut Lanes<String>) -> Result<(), Error> {
        loop {
            let (now, full, room) = (self.clock.now(), lanes.full_hosts(), lanes.room());
            if room == 0 {
                return Ok(());
            }
            let due = self
                .db
                .read(move |tx| webhooks::list_due_webhooks(tx, now, &full, room));
            let mut begun = false;
            for (host, webhook) in due.await.map_err(Error::from)? {
                let (app, key) = (self.clone(), webhook.id.to_string());
                begun |= lanes.start(&host, key, async move {
                    report("look after a webhook", app.tend_webhook(webhook).await);
                });
            }
            if !begun {
                return Ok(());
            }
        }
    }

    /// Begins to try removals that are due, as much as there is room for.
    async fn try_due(&self, lanes: &mut Lanes<String>) -> Result<(), Error> {
        loop {
            let (now, full, room) = (self.clock.now(), lanes.full_hosts(), lanes.room());
            if room == 0 {
                return Ok(());
            }
            let due = self
                .db
                .read(move |tx| host_removals::list_due_removals(tx, now, &full, room));
            let mut begun = false;
            for removal in due.await.map_err(Error::from)? {
                let (app, key) = (self.clone(), removal.id.to_string());
                let host = removal.address.to_string();
                begun |= lanes.start(&host, key, async move {
                    let tried = app.try_removal(removal).await;
                    report("note what became of a removal", tried);
                });
            }
            if !begun {
                return Ok(());
            }
        }
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
