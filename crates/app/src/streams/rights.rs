//! What may be followed, asked for when a stream is opened and at each look; and whether the caller may do something else now.

use super::{follow::Stream, topic::Topic};
use crate::{Error, accounts::require_manager};
use std::{collections::HashMap, sync::Arc};
use wharf_model::{
    Actions, Caller, NamespaceId, Role, decide_system,
    rights::{Pull, ReadBuildLogs, View, ViewBuilds, ViewTriggers},
};

/// Whether somebody is an administrator, their roles, and what their credential carries.
pub(super) type Rights = (bool, Arc<HashMap<NamespaceId, Role>>, Actions);

pub(super) fn rights_of(caller: &Caller) -> Rights {
    (caller.admin, caller.roles.clone(), caller.actions)
}

impl Stream {
    /// Refuses a topic that the caller may not follow.
    pub(super) async fn require(&self, caller: &Caller, topic: &Topic) -> Result<(), Error> {
        let app = &self.app;
        let parse = crate::repositories::parse_name;
        match topic {
            Topic::Repository(name) => app.authorize::<Pull>(caller, &parse(name)?).await.map(drop),
            Topic::Builds(name) => {
                let name = parse(name)?;
                app.authorize::<ViewBuilds>(caller, &name).await.map(drop)
            }
            Topic::Log { repository, .. } => {
                let name = parse(repository)?;
                app.authorize::<ReadBuildLogs>(caller, &name)
                    .await
                    .map(drop)
            }
            Topic::Deliveries(name) => {
                let name = parse(name)?;
                app.authorize::<ViewTriggers>(caller, &name).await.map(drop)
            }
            Topic::Rules(name) => {
                let name = parse(name)?;
                app.authorize::<ViewBuilds>(caller, &name).await.map(drop)
            }
            Topic::Namespace(name) => {
                let right = app.authorize_namespace::<View>(caller, name);
                right.await.map(drop)
            }
            Topic::Sources => require_manager(caller).map(drop),
            Topic::Administration => Ok(decide_system(caller).map(drop)?),
            Topic::Queue | Topic::Activity | Topic::Me if caller.is_anonymous() => {
                Err(Error::Unauthenticated)
            }
            Topic::Queue | Topic::Activity | Topic::Me => Ok(()),
        }
    }
}
