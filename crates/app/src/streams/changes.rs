//! What people changed: each change has its line in the audit log, and a stream tells that there is one. Not who, not to what
//! and not how, which is for whoever may read the log.

use super::{
    events::MOST_EVENTS,
    follow::Stream,
    news::{Change, News, Told},
    seen::Fresh,
    topic::Topic,
};
use crate::Error;
use tokio::time::Instant;
use wharf_db::audit::{self, Audible, ChangeLine};
use wharf_model::{
    AuditAction, Caller, NamespaceFacts, NamespaceId, Timestamp, decide_namespace, decide_system,
    rights::{EditNamespace, ManageCredentials, ManageRobots, View, ViewNamespaceTriggers},
};

impl Stream {
    /// Tells what was changed from `from` on.
    pub(super) async fn find_changes(
        &mut self,
        caller: &Caller,
        from: Timestamp,
        told: &mut Vec<Told>,
    ) -> Result<(), Error> {
        let mut heard = Vec::new();
        let mut named = Vec::new();
        for followed in &self.topics {
            match &followed.topic {
                Topic::Administration => heard.push(Audible::Everything(decide_system(caller)?)),
                Topic::Namespace(name) => {
                    let right = self.app.authorize_namespace::<View>(caller, name).await?;
                    named.push((right.subject().namespace, followed.topic.clone()));
                    heard.push(Audible::Namespace(right));
                }
                _ => {}
            }
        }
        if heard.is_empty() {
            return Ok(());
        }
        let found = self
            .app
            .db
            .read(move |tx| audit::list_changes(tx, &heard, from, MOST_EVENTS));
        let found = found.await.map_err(Error::from)?;
        let full = found.len() == MOST_EVENTS;
        let at = Instant::now();
        match self.changes.sort(found, |line| line.id, (full, true), at) {
            Fresh::Each(lines) => {
                for line in &lines {
                    self.tell_change(caller, line, &named, told);
                }
            }
            Fresh::Gap => {
                let any =
                    |topic: &Topic| matches!(topic, Topic::Namespace(_) | Topic::Administration);
                self.tell_all(told, any, &News::Gap);
            }
        }
        Ok(())
    }

    fn tell_change(
        &self,
        caller: &Caller,
        line: &ChangeLine,
        named: &[(NamespaceId, Topic)],
        told: &mut Vec<Told>,
    ) {
        // A word of another version is for nobody who listens here.
        let Ok(action) = line.action.parse() else {
            return;
        };
        let heard = line.namespace.filter(|id| hears(caller, *id, action));
        let is_about = |topic: &Topic| match topic {
            Topic::Administration => true,
            Topic::Namespace(_) => {
                let mut named = named.iter();
                named.any(|(id, other)| heard == Some(*id) && other == topic)
            }
            _ => false,
        };
        self.tell_all(told, is_about, &News::Change(Change::Done(action)));
    }
}

/// Whether the caller hears that this was done in a namespace: whoever may see what was changed does.
fn hears(caller: &Caller, namespace: NamespaceId, action: AuditAction) -> bool {
    use AuditAction as Did;
    let facts = NamespaceFacts {
        namespace,
        repository: None,
    };
    match action {
        Did::MemberSet
        | Did::MemberRemove
        | Did::NamespaceEdit
        | Did::NamespaceDelete
        | Did::RepositoryCreate
        | Did::RepositoryEdit
        | Did::RepositoryDelete => decide_namespace::<View>(caller, &facts).is_ok(),
        Did::RobotCreate | Did::RobotEdit | Did::RobotDelete | Did::RobotRotateSecret => {
            decide_namespace::<ManageRobots>(caller, &facts).is_ok()
        }
        Did::CredentialCreate | Did::CredentialEdit | Did::CredentialDelete => {
            decide_namespace::<ManageCredentials>(caller, &facts).is_ok()
        }
        Did::TriggerCreate
        | Did::TriggerEdit
        | Did::TriggerDelete
        | Did::TriggerEnableAction
        | Did::TriggerDisableAction
        | Did::ClusterGrant
        | Did::ClusterRevoke => decide_namespace::<ViewNamespaceTriggers>(caller, &facts).is_ok(),
        // As for the line itself.
        _ => decide_namespace::<EditNamespace>(caller, &facts).is_ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::HashMap, sync::Arc};
    use wharf_model::{Actions, Identity, Role, UserId};

    #[test]
    fn who_may_see_something_hears_that_it_was_changed() {
        let namespace = NamespaceId::new();
        let heard = |role: Option<Role>| {
            let caller = Caller {
                identity: Identity::User(UserId::new()),
                roles: Arc::new(
                    role.map(|role| (namespace, role))
                        .into_iter()
                        .collect::<HashMap<_, _>>(),
                ),
                actions: Actions::ALL,
                ..Caller::anonymous()
            };
            let all = AuditAction::ALL.iter().copied();
            let heard = all.filter(|action| hears(&caller, namespace, *action));
            heard.collect::<Vec<_>>()
        };
        assert_eq!(heard(None), []);
        let reader = heard(Some(Role::Reader));
        assert!(reader.contains(&AuditAction::MemberSet));
        for hidden in [
            AuditAction::RobotCreate,
            AuditAction::TriggerEdit,
            AuditAction::CredentialCreate,
            AuditAction::RuleSetSecret,
        ] {
            assert!(!reader.contains(&hidden), "{hidden}");
        }
        let maintainer = heard(Some(Role::Maintainer));
        assert!(maintainer.contains(&AuditAction::RobotCreate));
        assert!(!maintainer.contains(&AuditAction::CredentialCreate));
        assert_eq!(heard(Some(Role::Owner)), AuditAction::ALL);
    }
}
