//! Single actions switched off and on again, with what was given up meanwhile.

use super::{
    create::audit,
    page::{TriggerPage, find_page},
    place::TriggerPlace,
    reasons::SWITCHED_OFF,
};
use crate::{App, Context, Error};
use wharf_db::{
    Durability,
    triggers::{actions, deliveries},
};
use wharf_model::{ActionId, AuditAction, Timestamp, triggers::ActionState};

impl App {
    /// Switches an action on; what it missed since it was switched off is sent again when `redeliver` says so.
    pub async fn enable_action(
        &self,
        context: &Context,
        place: &TriggerPlace,
        trigger: &str,
        action: &str,
        redeliver: bool,
    ) -> Result<TriggerPage, Error> {
        let right = self.authorize_change_of(context, place).await?;
        let id: ActionId = action.parse().map_err(|_| Error::NotFound)?;
        let (context, name, now) = (context.clone(), trigger.to_owned(), self.clock.now());
        let give_up_at = now.plus(self.configuration.live().triggers.retry);
        let write = self.db.write(Durability::Durable, move |tx| {
            let since = require_action(&find_page(tx, right.view, &name)?, id)?;
            actions::set_action_state(tx, id, ActionState::Active, None, "", now)?;
            if redeliver {
                let namespace = right.namespace;
                deliveries::redeliver_dead_of_action(tx, namespace, id, since, now, give_up_at)?;
            }
            let page = find_page(tx, right.view, &name)?;
            audit(
                tx,
                &context,
                &right,
                AuditAction::TriggerEnableAction,
                &page,
                now,
            )?;
            Ok::<_, Error>(page)
        });
        let page = write.await?;
        self.triggers.rests.end(id);
        self.triggers.tell_due();
        Ok(page)
    }

    /// Switches an action off: what waits for it becomes dead letters, and so does what comes. A rollout that is under way is
    /// followed to its end.
    pub async fn disable_action(
        &self,
        context: &Context,
        place: &TriggerPlace,
        trigger: &str,
        action: &str,
    ) -> Result<TriggerPage, Error> {
        let right = self.authorize_change_of(context, place).await?;
        let id: ActionId = action.parse().map_err(|_| Error::NotFound)?;
        let (context, name, now) = (context.clone(), trigger.to_owned(), self.clock.now());
        let write = self.db.write(Durability::Durable, move |tx| {
            require_action(&find_page(tx, right.view, &name)?, id)?;
            let (off, by) = (ActionState::Disabled, &context.caller.name);
            actions::set_action_state(tx, id, off, Some(SWITCHED_OFF), by, now)?;
            deliveries::fail_waiting_of_action(tx, id, SWITCHED_OFF, now)?;
            let page = find_page(tx, right.view, &name)?;
            audit(
                tx,
                &context,
                &right,
                AuditAction::TriggerDisableAction,
                &page,
                now,
            )?;
            Ok::<_, Error>(page)
        });
        let page = write.await?;
        // What it misses becomes dead letters too.
        self.triggers.tell_event();
        Ok(page)
    }
}

/// Since when the action of a trigger stands as it does.
fn require_action(page: &TriggerPage, id: ActionId) -> Result<Timestamp, Error> {
    let mut actions = page.actions.iter();
    let found = actions.find(|action| action.action.id == id);
    found
        .map(|action| action.action.state_since)
        .ok_or(Error::NotFound)
}
