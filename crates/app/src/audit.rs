//! The audit log: who did what to what, from where. Written by every change, read by administrators and owners.

use crate::{
    App, Context, Error, Listed, PageRequest,
    places::{Bounds, Place, Tally},
};
use wharf_db::{
    DbError, Tx,
    audit::{self, AuditFilter, Readable},
};
use wharf_model::{
    AuditAction, AuditId, NamespaceId, Timestamp, decide_system, rights::EditNamespace,
};

pub use wharf_db::audit::Entry as AuditEntry;

/// Logs that are read from the newest line to the oldest at once. Each page is a long read: with more, one person keeps the
/// database busy; with fewer, who asks for two namespaces is refused.
const EXPORTS: Bounds = Bounds {
    each: 2,
    robots: 2,
    // Nobody reads the log without signing in.
    network: 0,
    anonymous: 0,
    all: 16,
};

/// Who reads how many audit logs from end to end.
pub(crate) struct AuditExports(Tally);

impl Default for AuditExports {
    fn default() -> Self {
        Self(Tally::new(EXPORTS))
    }
}

/// Writes a line of the audit log in the transaction of the change itself.
pub(crate) fn record_audit(
    tx: &mut Tx<'_>,
    context: &Context,
    now: Timestamp,
    action: AuditAction,
    target: &str,
    namespace: Option<NamespaceId>,
    details: &serde_json::Value,
) -> Result<(), DbError> {
    audit::insert_entry(
        tx,
        &audit::NewEntry {
            at: now,
            actor: &context.caller.name,
            actor_kind: context.caller.kind.as_str(),
            action,
            target,
            namespace,
            address: &context.address.to_string(),
            request: &context.request.to_string(),
            details: &details.to_string(),
        },
    )
}

/// Writes a line for each of many targets to which the same was done.
pub(crate) fn record_audit_of_many(
    tx: &mut Tx<'_>,
    context: &Context,
    now: Timestamp,
    action: AuditAction,
    targets: &[String],
    namespace: Option<NamespaceId>,
) -> Result<(), DbError> {
    let new = audit::NewEntry {
        at: now,
        actor: &context.caller.name,
        actor_kind: context.caller.kind.as_str(),
        action,
        target: "",
        namespace,
        address: &context.address.to_string(),
        request: &context.request.to_string(),
        details: "{}",
    };
    audit::insert_entries(tx, &new, targets)
}

/// Which lines are wanted; each condition is met exactly.
#[derive(Debug, Clone, Default)]
pub struct AuditQuery {
    /// In which namespace; its owners must say so.
    pub namespace: Option<String>,
    /// By whom.
    pub actor: Option<String>,
    /// What was done.
    pub action: Option<AuditAction>,
    /// To what.
    pub target: Option<String>,
    /// Not before.
    pub since: Option<Timestamp>,
    /// Not after.
    pub until: Option<Timestamp>,
}

impl App {
    /// A place for whoever reads the log page by page, until the last one.
    ///
    /// # Errors
    /// [`Error::Crowded`] when the caller reads as many as one may, or everybody together does.
    pub fn begin_audit_export(&self, context: &Context) -> Result<Place, Error> {
        self.audit_exports.0.enter(context).ok_or(Error::Crowded)
    }

    /// One page of the audit log, newest first: all of it for administrators, a namespace's part for its owners.
    pub async fn list_audit(
        &self,
        context: &Context,
        query: AuditQuery,
        page: PageRequest,
    ) -> Result<Listed<AuditEntry>, Error> {
        let readable = self
            .decide_reading(context, query.namespace.as_deref())
            .await?;
        let before = match &page.after {
            Some(key) => Some(parse_key(key).ok_or(Error::invalid("after", "not_a_cursor"))?),
            None => None,
        };
        let filter = AuditFilter {
            id: None,
            actor: query.actor,
            action: query.action,
            target: query.target,
            since: query.since,
            until: query.until,
        };
        let fetch = page.fetch();
        let found = self
            .db
            .read(move |tx| audit::list_entries(tx, &readable, &filter, before, fetch));
        let found = found.await.map_err(Error::from)?;
        Ok(page.cut(found, |entry| {
            format!("{}:{}", entry.at.as_micros(), entry.id)
        }))
    }

    /// One line of the audit log, for those who may read that part of it: all of it, or one namespace's.
    pub async fn show_audit_entry(
        &self,
        context: &Context,
        namespace: Option<&str>,
        entry: &str,
    ) -> Result<AuditEntry, Error> {
        let readable = self.decide_reading(context, namespace).await?;
        let filter = AuditFilter {
            id: Some(entry.parse().map_err(|_| Error::NotFound)?),
            ..AuditFilter::default()
        };
        let found = self
            .db
            .read(move |tx| audit::list_entries(tx, &readable, &filter, None, 1));
        let found = found.await.map_err(Error::from)?;
        found.into_iter().next().ok_or(Error::NotFound)
    }

    async fn decide_reading(
        &self,
        context: &Context,
        namespace: Option<&str>,
    ) -> Result<Readable, Error> {
        let caller = &context.caller;
        match namespace {
            // An administrator owns every namespace.
            Some(name) => {
                let right = self.authorize_namespace::<EditNamespace>(caller, name);
                Ok(Readable::Namespace(right.await?))
            }
            None => Ok(Readable::Everything(decide_system(caller)?)),
        }
    }
}

fn parse_key(key: &str) -> Option<(Timestamp, AuditId)> {
    let (micros, id) = key.split_once(':')?;
    let at = Timestamp::from_micros(micros.parse().ok()?);
    Some((at, id.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_the_log_survives_its_text() {
        let (at, id) = (
            Timestamp::from_micros(1_900_000_000_000_001),
            AuditId::new(),
        );
        assert_eq!(
            parse_key(&format!("{}:{id}", at.as_micros())),
            Some((at, id))
        );
        assert_eq!(parse_key("1:2"), None);
    }
}
