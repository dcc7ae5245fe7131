//! A trigger as people see it: what it says and does, without what is secret about it.

use super::{definition::ActionSpec, place::TriggerPlace};
use crate::{App, Context, Error, Listed, PageRequest};
use wharf_db::{
    DbError, Tx,
    triggers::{
        self, Trigger, TriggerEdit, TriggerView,
        actions::{self, TriggerAction},
        deliveries::{self, Delivery},
    },
};
use wharf_model::NamespaceId;

/// A trigger with its actions.
#[derive(Debug, Clone)]
pub struct TriggerPage {
    /// Its row.
    pub trigger: Trigger,
    /// What it does, in order.
    pub actions: Vec<ActionPage>,
    /// Its newest delivery; none before the first, and once the log forgot it.
    pub last: Option<Delivery>,
}

/// An action of a trigger.
#[derive(Debug, Clone)]
pub struct ActionPage {
    /// Its row.
    pub action: TriggerAction,
    /// What it says; none for what a newer program wrote.
    pub spec: Option<ActionSpec>,
}

/// The right to change triggers, and where a change of them is noted.
pub(super) struct EditRight {
    pub(super) edit: TriggerEdit,
    pub(super) view: TriggerView,
    /// For the audit log, and for what is granted of clusters.
    pub(super) namespace: NamespaceId,
    /// The owner's name, for the audit log.
    pub(super) target: String,
}

pub(super) fn load_page(tx: &mut Tx<'_>, trigger: Trigger) -> Result<TriggerPage, DbError> {
    let mut last = deliveries::list_last_deliveries(tx, &[trigger.id])?;
    let last = last.remove(&trigger.id);
    load_page_with(tx, trigger, last)
}

fn load_page_with(
    tx: &mut Tx<'_>,
    trigger: Trigger,
    last: Option<Delivery>,
) -> Result<TriggerPage, DbError> {
    let actions = actions::list_actions(tx, trigger.id)?;
    let actions = actions.into_iter().map(|action| ActionPage {
        spec: ActionSpec::read(&action.definition),
        action,
    });
    Ok(TriggerPage {
        actions: actions.collect(),
        trigger,
        last,
    })
}

pub(super) fn find_page(
    tx: &mut Tx<'_>,
    view: TriggerView,
    name: &str,
) -> Result<TriggerPage, Error> {
    let trigger = triggers::find_trigger(tx, view, name)?.ok_or(Error::NotFound)?;
    Ok(load_page(tx, trigger)?)
}

impl App {
    /// Whether the caller may change triggers there, and see what they change.
    pub(super) async fn authorize_change_of(
        &self,
        context: &Context,
        place: &TriggerPlace,
    ) -> Result<EditRight, Error> {
        let view = self.authorize_view(&context.caller, place).await?;
        Ok(EditRight {
            edit: self.authorize_edit(&context.caller, place).await?,
            view,
            namespace: view.owner().namespace(),
            target: place.as_str().to_owned(),
        })
    }

    /// One page of the triggers of a repository, or of a namespace's own, by name.
    pub async fn list_triggers(
        &self,
        context: &Context,
        place: &TriggerPlace,
        page: PageRequest,
    ) -> Result<Listed<TriggerPage>, Error> {
        let view = self.authorize_view(&context.caller, place).await?;
        let (after, fetch) = (page.key(), page.fetch());
        let found = self.db.read(move |tx| {
            let found = triggers::list_triggers(tx, view, &after, fetch)?;
            let ids: Vec<_> = found.iter().map(|trigger| trigger.id).collect();
            let mut last = deliveries::list_last_deliveries(tx, &ids)?;
            let pages = found.into_iter().map(|trigger| {
                let last = last.remove(&trigger.id);
                load_page_with(tx, trigger, last)
            });
            pages.collect::<Result<Vec<_>, DbError>>()
        });
        let found = found.await.map_err(Error::from)?;
        Ok(page.cut(found, |page| page.trigger.name.to_string()))
    }

    /// One trigger.
    pub async fn show_trigger(
        &self,
        context: &Context,
        place: &TriggerPlace,
        name: &str,
    ) -> Result<TriggerPage, Error> {
        let view = self.authorize_view(&context.caller, place).await?;
        let name = name.to_owned();
        self.db.read(move |tx| find_page(tx, view, &name)).await
    }
}
