//! The loop that delivers: what is due is claimed, sent, and settled. A dead host takes its own places only, a tag that waits
//! holds up nothing else, and what a dead server was at is taken up again under the same id.

use super::{
    outgoing, reasons,
    rests::Rests,
    settle::{Settled, Verdict, Why},
    workload,
};
use crate::{
    App, Error,
    lanes::{LaneBounds, Lanes},
    leases::{Leases, RENEW},
};
use std::{
    collections::HashMap,
    sync::atomic::Ordering,
    time::{Duration, Instant},
};
use tokio::time::{MissedTickBehavior, interval};
use wharf_db::{
    DbError, Durability, Order, Tx,
    triggers::{
        attempts::{Attempt, insert_attempt},
        deliveries::{self, Claim, Claimed, Full, PutOff},
    },
};
use wharf_model::{
    ActionId, NamespaceId, Timestamp, TriggerDeliveryId,
    triggers::{ActionKind, DeliveryState},
};

/// How often it is looked for what became due by time alone.
const LOOK: Duration = Duration::from_millis(500);

/// Deliveries that are sent at once. One is a request with a limit to its time; with fewer in all, some dead hosts would hold
/// up everybody, with fewer at one host a busy one falls behind.
const BOUNDS: LaneBounds = LaneBounds {
    in_all: 128,
    per_host: 4,
};

/// Deliveries of one namespace that are sent at once. With more, eight namespaces with slow receivers at many hosts would take
/// all places; with fewer, a namespace with many receivers is held up by some slow ones of its own.
const PER_NAMESPACE: usize = 16;

/// Deliveries of one action that are sent at once. With more, one path of a host that never answers takes all places of the
/// host; with fewer, a receiver that is well gets one after the other.
const PER_ACTION: usize = 2;

/// Heads of lines that are woken at once.
const WAKE: usize = 500;

/// Deliveries that are put off at once. With more, a push waits for it on SQLite; with fewer, there are more commits.
const PUT_OFF: usize = 30;

/// What is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct UnderWay {
    delivery: TriggerDeliveryId,
    namespace: NamespaceId,
    action: ActionId,
}

/// How much namespaces and actions have under way.
#[derive(Default)]
struct Counts {
    namespaces: HashMap<NamespaceId, usize>,
    actions: HashMap<ActionId, usize>,
}

impl Counts {
    fn of(lanes: &Lanes<UnderWay>) -> Self {
        let mut counts = Self::default();
        lanes.keys().for_each(|one| counts.add(one));
        counts
    }

    fn add(&mut self, one: &UnderWay) {
        *self.namespaces.entry(one.namespace).or_default() += 1;
        *self.actions.entry(one.action).or_default() += 1;
    }

    fn takes(&self, one: &UnderWay, rests: &Rests) -> bool {
        let count = self.namespaces.get(&one.namespace);
        count.is_none_or(|count| *count < PER_NAMESPACE) && !self.is_full(one.action, rests)
    }

    fn is_full(&self, action: ActionId, rests: &Rests) -> bool {
        let most = match rests.is_doubtful(action) {
            true => 1,
            false => PER_ACTION,
        };
        let count = self.actions.get(&action);
        count.is_some_and(|count| *count >= most)
    }

    /// What takes nothing more, with the lanes that do not and the actions that rest.
    fn list_full(&self, lanes: Vec<String>, rests: &Rests, now: Timestamp) -> Full {
        let namespaces = self
            .namespaces
            .iter()
            .filter(|(_, count)| **count >= PER_NAMESPACE);
        let actions = self.actions.keys().copied();
        let mut actions: Vec<_> = actions
            .filter(|action| self.is_full(*action, rests))
            .collect();
        actions.extend(rests.list(now));
        Full {
            namespaces: namespaces.map(|(namespace, _)| *namespace).collect(),
            actions,
            lanes,
        }
    }
}

impl App {
    /// Delivers until it is dropped; then [`App::release_deliveries`] gives back what was under way.
    pub async fn run_deliveries(self) {
        let mut due = self.triggers.listen_for_due();
        // Before anything is claimed: later, what is under this installation's name is this process's own.
        while let Err(error) = self.recover_own_deliveries().await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "deliveries of an earlier process could not be taken up; trying again"
            );
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut recover = interval(RENEW);
        recover.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut lanes = Lanes::new(BOUNDS);
        let mut leases = Leases::default();
        loop {
            let done = tokio::select! {
                _ = recover.tick() => self.look_after_deliveries(&lanes, &mut leases).await,
                _ = look.tick() => Ok(()),
                _ = due.changed() => Ok(()),
                () = lanes.end_one() => Ok(()),
            };
            let begun = match done {
                Ok(()) => self.begin_deliveries(&mut lanes).await,
                Err(error) => Err(error),
            };
            if let Err(error) = begun {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "could not look after deliveries of triggers"
                );
            }
        }
    }

    /// Begins what is due, as much as there is room for.
    async fn begin_deliveries(&self, lanes: &mut Lanes<UnderWay>) -> Result<(), Error> {
        loop {
            let (now, room) = (self.clock.now(), lanes.room());
            if room == 0 {
                return Ok(());
            }
            let mut counts = Counts::of(lanes);
            let rests = &self.triggers.rests;
            let full = counts.list_full(lanes.full_hosts(), rests, now);
            let db = self.db.in_background();
            let due = db.read(move |tx| deliveries::list_due(tx, now, &full, room));
            let mut begun = false;
            for one in due.await.map_err(Error::from)? {
                let (app, id) = (self.clone(), one.delivery);
                let key = UnderWay {
                    delivery: id,
                    namespace: one.namespace,
                    action: one.action,
                };
                if counts.takes(&key, rests)
                    && lanes.start(&one.lane, key, async move { app.deliver(id).await })
                {
                    counts.add(&key);
                    begun = true;
                }
            }
            if !begun {
                return Ok(());
            }
        }
    }

    /// How much begins of what is due as long as nothing ends.
    #[cfg(test)]
    pub(super) async fn count_begun(&self) -> usize {
        let mut lanes = Lanes::new(BOUNDS);
        self.begin_deliveries(&mut lanes).await.unwrap();
        lanes.keys().count()
    }

    /// One attempt, or one look at a rollout: claimed, done, settled.
    pub(super) async fn deliver(&self, id: TriggerDeliveryId) {
        let done = async {
            let Some(claimed) = self.claim_delivery(id).await? else {
                return Ok(());
            };
            wharf_blobs::failpoint("before-trigger-send");
            let settled = self.attempt_delivery(&claimed).await?;
            wharf_blobs::failpoint("after-trigger-send");
            let (delivery, seen) = (claimed.delivery.clone(), settled.clone());
            self.settle_delivery(claimed, settled).await?;
            match delivery.action_kind {
                ActionKind::Workload => Ok(()),
                _ => self.let_rest(delivery.action, &seen).await,
            }
        };
        let done: Result<(), Error> = done.await;
        if let Err(error) = done {
            // The claim ends with its lease, and the delivery is sent again.
            tracing::warn!(
                delivery.id = %id, error = &error as &dyn std::error::Error,
                "a delivery of a trigger broke off"
            );
        }
    }

    async fn claim_delivery(&self, id: TriggerDeliveryId) -> Result<Option<Claimed>, Error> {
        let (owner, now) = (self.builds.owner.clone(), self.clock.now());
        let ending = self.triggers.ending.clone();
        let db = self.db.in_background();
        let claimed = db.write(Durability::Relaxed, move |tx| {
            match ending.load(Ordering::Relaxed) {
                true => Ok(None),
                false => deliveries::claim_delivery(tx, id, &owner, now),
            }
        });
        claimed.await.map_err(Error::from)
    }

    async fn attempt_delivery(&self, claimed: &Claimed) -> Result<Settled, Error> {
        let started = self.clock.now();
        match claimed.delivery.action_kind {
            ActionKind::Workload => workload::attempt(self, claimed, started).await,
            ActionKind::Webhook | ActionKind::Message | ActionKind::Mail => {
                outgoing::attempt(self, claimed, started).await
            }
        }
    }

    /// Notes what became of a claim, unless somebody else has the delivery by now.
    async fn settle_delivery(&self, claimed: Claimed, settled: Settled) -> Result<(), Error> {
        let Settled { verdict, attempt } = settled;
        if matches!(verdict, Verdict::Lost) {
            return Ok(());
        }
        let chance = rand::random();
        // What was not dialed took no time, so that nobody reads from it what the guard did.
        let hidden = attempt
            .as_ref()
            .filter(|one| one.started_at == one.ended_at);
        let now = hidden.map_or_else(|| self.clock.now(), |one| one.ended_at);
        let delivery = claimed.delivery.clone();
        // Each statement names the fence: nothing can come between that would have to be run again.
        let order = Order::Statements;
        let db = self.db.in_background();
        let noted = db.write_in_order(Durability::Relaxed, order, move |tx| {
            if !deliveries::holds_lease(tx, claimed.claim)? {
                return Ok(false);
            }
            if let Some(attempt) = &attempt {
                insert_attempt(tx, attempt)?;
            }
            verdict.note(tx, &claimed, chance, now)?;
            Ok::<_, DbError>(true)
        });
        if noted.await.map_err(Error::from)? {
            // There may be room for what an action misses.
            self.triggers.tell_event();
            let found = self
                .db
                .look_up(move |tx| deliveries::find_delivery_by_id(tx, delivery.id));
            if let Some(after) = found.await.map_err(Error::from)? {
                super::metrics::count_settled(&after, now);
            }
        }
        Ok(())
    }

    /// Has an action rest whose receiver was not reached again and again, until it is.
    async fn let_rest(&self, action: ActionId, settled: &Settled) -> Result<(), Error> {
        let (rests, now) = (&self.triggers.rests, self.clock.now());
        let unreached = match &settled.verdict {
            Verdict::Again(why, _) if reasons::is_unreached(&why.reason) => why,
            verdict => {
                let answered = settled.attempt.as_ref();
                let answered = answered.is_some_and(|attempt| attempt.status.is_some());
                if answered || matches!(verdict, Verdict::End(DeliveryState::Succeeded, _)) {
                    rests.end(action);
                }
                return Ok(());
            }
        };
        let Some(until) = rests.note_failure(action, now) else {
            return Ok(());
        };
        let Why { reason, detail } = unreached.clone();
        let put_off = PutOff {
            action,
            until,
            reason,
            detail,
            gave_up: reasons::GAVE_UP,
            at: now,
        };
        loop {
            let (db, put_off) = (self.db.in_background(), put_off.clone());
            let more = db.write(Durability::Relaxed, move |tx| {
                deliveries::put_off_deliveries(tx, &put_off, PUT_OFF)
            });
            if !more.await.map_err(Error::from)? {
                return Ok(());
            }
        }
    }

    /// Takes up what earlier processes of this installation were at: the lock on the data folder says that they are gone.
    pub(super) async fn recover_own_deliveries(&self) -> Result<(), Error> {
        self.release_owned(self.builds.installation.clone()).await
    }

    /// Gives back what this process was at, so that the next one sends it again at once. Called at the end of the process.
    pub async fn release_deliveries(&self) -> Result<(), Error> {
        self.triggers.ending.store(true, Ordering::Relaxed);
        self.release_owned(self.builds.owner.clone()).await
    }

    async fn release_owned(&self, owner: String) -> Result<(), Error> {
        let now = self.clock.now();
        let released = self.db.write(Durability::Relaxed, move |tx| {
            let left = deliveries::list_owned(tx, &owner)?;
            left.iter().try_for_each(|claim| give_back(tx, *claim, now))
        });
        released.await.map_err(Error::from)
    }

    async fn look_after_deliveries(
        &self,
        lanes: &Lanes<UnderWay>,
        leases: &mut Leases<Claim>,
    ) -> Result<(), Error> {
        self.recover_deliveries(lanes, leases).await?;
        self.wake_deliveries().await
    }

    /// Wakes the heads of lines whose earlier ones ended in one go with others.
    pub(super) async fn wake_deliveries(&self) -> Result<(), Error> {
        let db = self.db.in_background();
        let asleep = db.read(|tx| deliveries::list_asleep(tx, WAKE)).await;
        let asleep = asleep.map_err(Error::from)?;
        if asleep.is_empty() {
            return Ok(());
        }
        let woken = db.write(Durability::Relaxed, move |tx| deliveries::wake(tx, &asleep));
        woken.await.map_err(Error::from)?;
        self.triggers.tell_due();
        Ok(())
    }

    /// Says that this process is at what it is at, and takes up what servers left that say nothing any more.
    async fn recover_deliveries(
        &self,
        lanes: &Lanes<UnderWay>,
        leases: &mut Leases<Claim>,
    ) -> Result<(), Error> {
        let owner = self.builds.owner.clone();
        let own = lanes.keys().map(|one| one.delivery).collect();
        let renewed = self.db.write(Durability::Relaxed, move |tx| {
            let own: &Vec<_> = &own;
            deliveries::renew_leases(tx, &owner, own)
        });
        renewed.await.map_err(Error::from)?;
        let running = self.db.read(deliveries::list_leases).await;
        let running = running.map_err(Error::from)?;
        let silent = leases.find_silent(&running, Instant::now());
        if silent.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        let recovered = self.db.write(Durability::Relaxed, move |tx| {
            // Whoever said something since the look keeps it.
            let running_now = deliveries::list_leases(tx)?;
            for claim in &silent {
                let before = running.iter().find(|(one, _)| one == claim);
                if before.is_some_and(|lease| running_now.contains(lease)) {
                    give_back(tx, *claim, now)?;
                }
            }
            Ok::<_, DbError>(())
        });
        recovered.await.map_err(Error::from)?;
        self.triggers.tell_due();
        Ok(())
    }
}

/// Makes a delivery due again whose server is gone; an attempt that it was at is in the log.
fn give_back(tx: &mut Tx<'_>, claim: Claim, now: Timestamp) -> Result<(), DbError> {
    let Some(delivery) = deliveries::release_delivery(tx, claim, now)? else {
        return Ok(());
    };
    tracing::warn!(delivery.id = %delivery.id, "took up a delivery whose server had ended");
    if delivery.patched_at.is_some() {
        return Ok(());
    }
    let attempt = Attempt {
        delivery: delivery.id,
        number: delivery.attempts,
        started_at: now,
        ended_at: now,
        outcome: reasons::INTERRUPTED.into(),
        status: None,
        reason: Some(reasons::INTERRUPTED.into()),
        detail: String::new(),
        timings: "{}".into(),
        request: None,
        response: None,
    };
    insert_attempt(tx, &attempt)
}
