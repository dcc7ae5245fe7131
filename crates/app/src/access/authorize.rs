//! Names become granted rights: the facts are found (in memory, else in rows), the decision is `wharf_model::decide`.

use crate::{App, Error};
use wharf_db::{accounts, repositories};
use wharf_model::{
    Actions, Caller, Facts, Granted, NamespaceFacts, NamespaceId, Right, decide, decide_namespace,
    rights::{CreateRepository, Push},
};
use wharf_oci::{ErrorCode, RegistryError, RepositoryName};

impl App {
    /// What decisions need of a repository, if it exists.
    pub(crate) async fn find_facts(&self, name: &RepositoryName) -> Result<Option<Facts>, Error> {
        let wanted = name.clone();
        let load = self
            .db
            .look_up(move |tx| repositories::find_facts(tx, &wanted));
        let load = async { load.await.map_err(Error::from) };
        self.memory.repositories.get_or_load(name, load).await
    }

    /// A namespace's id, if it exists.
    pub(crate) async fn find_namespace(&self, name: &str) -> Result<Option<NamespaceId>, Error> {
        let name = name.to_owned();
        let found = self
            .db
            .look_up(move |tx| accounts::find_namespace(tx, &name))
            .await;
        found.map_err(Error::from)
    }

    /// Decides a right on a repository.
    ///
    /// A repository that does not exist is [`Error::NotFound`], as a hidden one is; only who may see its namespace
    /// hears `NAME_UNKNOWN`.
    pub async fn authorize<R: Right<Subject = Facts>>(
        &self,
        caller: &Caller,
        name: &RepositoryName,
    ) -> Result<Granted<R>, Error> {
        match self.find_facts(name).await? {
            Some(facts) => Ok(decide::<R>(caller, &facts)?),
            None => Err(self.explain_missing(caller, name).await?),
        }
    }

    async fn explain_missing(
        &self,
        caller: &Caller,
        name: &RepositoryName,
    ) -> Result<Error, Error> {
        // Who carries no pull hears of a hidden repository that there is none, so it hears no more of a missing one.
        let known = if !caller.actions.contains(Actions::PULL) {
            false
        } else if caller.admin {
            true
        } else if caller.roles.is_empty() {
            false
        } else {
            let namespace = self.find_namespace(name.namespace()).await?;
            namespace.is_some_and(|id| caller.role(id).is_some())
        };
        if !known {
            return Ok(Error::NotFound);
        }
        let detail = serde_json::json!({ "name": name.as_str() });
        let error = RegistryError::new(
            ErrorCode::NameUnknown,
            "this repository does not exist; a push creates it",
        );
        Ok(error.with_detail(detail).into())
    }

    /// Whether a push to `name` would be allowed, without creating anything: the token service asks.
    pub(crate) async fn may_push(
        &self,
        caller: &Caller,
        name: &RepositoryName,
    ) -> Result<bool, Error> {
        if let Some(facts) = self.find_facts(name).await? {
            return Ok(decide::<Push>(caller, &facts).is_ok());
        }
        let namespace = self.find_namespace(name.namespace()).await?;
        Ok(match namespace {
            Some(namespace) => decide_creation(caller, namespace, name).is_ok(),
            None => caller.admin && caller.actions.contains(Actions::PUSH),
        })
    }
}

pub(crate) fn decide_creation(
    caller: &Caller,
    namespace: NamespaceId,
    name: &RepositoryName,
) -> Result<Granted<CreateRepository>, Error> {
    let facts = NamespaceFacts {
        namespace,
        repository: Some(name.clone()),
    };
    Ok(decide_namespace::<CreateRepository>(caller, &facts)?)
}
