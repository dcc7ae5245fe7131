//! Actions that were checked, written with their secrets in the transaction of the change.

use super::{
    checking::CheckedAction,
    definition::{ActionSecret, ActionSpec},
    load::secret_place,
    looking::WorkloadWarning,
    page::TriggerPage,
    reasons,
};
use crate::{Error, vault::Vault};
use wharf_db::{
    Tx,
    triggers::{
        actions::{self, TriggerAction},
        clusters,
        deliveries::{Whose, cancel_deliveries},
        grants,
    },
};
use wharf_model::{
    ActionId, NamespaceId, SecretText, Timestamp, TriggerId,
    triggers::{ActionKind, ActionState},
};

/// What is secret about an action; empty where there is nothing.
pub(super) fn open_secret(
    tx: &mut Tx<'_>,
    vault: &Vault,
    action: ActionId,
) -> Result<ActionSecret, Error> {
    let text = vault.open(tx, &secret_place(action))?;
    Ok(text
        .and_then(|text| ActionSecret::read(&text))
        .unwrap_or_default())
}

/// A secret that was made for an action, to be told once.
#[derive(Debug, Clone)]
pub struct MadeSecret {
    /// The action.
    pub action: ActionId,
    /// The secret.
    pub secret: SecretText,
}

/// A trigger that was saved.
#[derive(Debug, Clone)]
pub struct SavedTrigger {
    /// As it is now.
    pub page: TriggerPage,
    /// Secrets that were made for it, to be told once.
    pub made: Vec<MadeSecret>,
    /// Why actions may come to nothing all the same.
    pub warnings: Vec<(ActionId, WorkloadWarning)>,
}

/// Whose actions are written, by whom and when.
pub(super) struct Keeper<'a> {
    pub(super) vault: &'a Vault,
    pub(super) namespace: NamespaceId,
    pub(super) trigger: TriggerId,
    pub(super) by: &'a str,
    pub(super) now: Timestamp,
}

impl Keeper<'_> {
    /// Makes these the actions of the trigger: those of before that are not among them go with their secrets, and what
    /// waits for them is called off.
    pub(super) fn put_actions(
        &self,
        tx: &mut Tx<'_>,
        checked: &[CheckedAction],
        before: Option<&TriggerPage>,
    ) -> Result<(), Error> {
        let before = before.map_or(&[][..], |page| &page.actions);
        for old in before {
            if checked.iter().all(|action| action.id != old.action.id) {
                actions::delete_action(tx, old.action.id)?;
                let whose = Whose::Action(old.action.id);
                cancel_deliveries(tx, whose, "action_deleted", self.by, self.now)?;
            }
        }
        for (place, action) in checked.iter().enumerate() {
            self.put_action(tx, place, action)?;
        }
        Ok(())
    }

    fn put_action(
        &self,
        tx: &mut Tx<'_>,
        place: usize,
        checked: &CheckedAction,
    ) -> Result<(), Error> {
        let mut spec = checked.spec.clone();
        self.find_cluster(tx, place, &mut spec)?;
        // As it is now: a receiver may have switched it off since the edit was read.
        let old = actions::find_action(tx, checked.id)?;
        let mut row = TriggerAction {
            id: checked.id,
            trigger: self.trigger,
            position: place as i64,
            kind: spec.kind(),
            label: spec.label(),
            lane: spec.lane(),
            target: spec.target(checked.id),
            cluster: spec.cluster(),
            state: ActionState::Active,
            problem: None,
            problem_detail: String::new(),
            state_since: self.now,
            definition: spec.to_text(),
            backlog_from: None,
        };
        // The lane of a host does not say which port.
        let is_sent_to_host = matches!(row.kind, ActionKind::Webhook | ActionKind::Message);
        // What its receiver switched off stays so, until somebody switches it on or names another receiver.
        if let Some(old) = &old
            && old.lane == row.lane
            && (!is_sent_to_host || old.label == row.label)
        {
            row.state = old.state;
            row.problem = old.problem.clone();
            row.problem_detail = old.problem_detail.clone();
            row.state_since = old.state_since;
        }
        // What waits for one container never goes to another. A request follows its action to the new address: that is how
        // one is corrected.
        if old.is_some_and(|old| old.target != row.target) {
            let whose = Whose::Action(row.id);
            cancel_deliveries(tx, whose, reasons::ACTION_CHANGED, self.by, self.now)?;
        }
        actions::put_action(tx, &row)?;
        if let Some(secret) = &checked.secret {
            let place = secret_place(checked.id);
            self.vault.seal(tx, &place, &secret.to_text(), self.now)?;
        }
        Ok(())
    }

    /// The cluster by its name. One that is not there, and one of which this namespace was granted nothing or something
    /// else, are one answer.
    fn find_cluster(
        &self,
        tx: &mut Tx<'_>,
        place: usize,
        spec: &mut ActionSpec,
    ) -> Result<(), Error> {
        let ActionSpec::Workload(spec) = spec else {
            return Ok(());
        };
        let found = clusters::find_cluster(tx, &spec.cluster_name)?;
        let granted = match &found {
            Some(cluster) => grants::is_granted(tx, cluster.id, self.namespace, &spec.namespace)?,
            None => false,
        };
        match found.filter(|_| granted) {
            Some(cluster) => {
                spec.cluster = cluster.id.to_string();
                Ok(())
            }
            None => Err(Error::refused(
                format!("actions[{place}].cluster"),
                "no_such_cluster",
                "",
            )),
        }
    }
}
