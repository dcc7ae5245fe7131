//! A push by someone who may creates the repository; an administrator's push also creates the namespace.

use super::authorize::decide_creation;
use crate::{
    App, Context, Error,
    accounts::{check_reserved, parse_namespace_name},
    audit::record_audit,
};
use serde_json::json;
use wharf_db::{
    Durability, accounts,
    repositories::{self, NewRepository},
};
use wharf_model::{
    Actions, AuditAction, Caller, Facts, Granted, NamespaceId, RepositoryId, decide, rights::Push,
};
use wharf_oci::{ErrorCode, RegistryError, RepositoryName};

impl App {
    /// Decides the right to push, and creates the repository for who may: a member in its namespace, an administrator
    /// with its namespace. New repositories are private.
    pub async fn authorize_push(
        &self,
        context: &Context,
        name: &RepositoryName,
    ) -> Result<Granted<Push>, Error> {
        let facts = match self.find_facts(name).await? {
            Some(facts) => facts,
            None => {
                self.create_by_push(context, name).await?;
                self.find_facts(name).await?.ok_or(Error::NotFound)?
            }
        };
        Ok(decide::<Push>(&context.caller, &facts)?)
    }

    async fn create_by_push(&self, context: &Context, name: &RepositoryName) -> Result<(), Error> {
        let caller = &context.caller;
        let namespace = match self.find_namespace(name.namespace()).await? {
            Some(namespace) => namespace,
            None if may_create_namespace(caller, name) => {
                self.create_namespace_by_push(context, name).await?
            }
            None => return Err(Error::NotFound),
        };
        decide_creation(caller, namespace, name)?;
        let new = NewRepository {
            facts: Facts {
                repository: RepositoryId::new(),
                namespace,
                name: name.clone(),
                public: false,
            },
            short_description: String::new(),
            description: String::new(),
            created_by: caller.name.to_string(),
            at: self.clock.now(),
        };
        let context = context.clone();
        self.db
            .write(Durability::Relaxed, move |tx| {
                // Two first pushes at once: the second finds the first one's repository.
                if repositories::insert_repository(tx, &new)? {
                    let target = new.facts.name.as_str();
                    let details = json!({ "by": "push" });
                    record_audit(
                        tx,
                        &context,
                        new.at,
                        AuditAction::RepositoryCreate,
                        target,
                        Some(namespace),
                        &details,
                    )?;
                }
                Ok::<_, Error>(())
            })
            .await?;
        self.memory.repositories.forget(name);
        Ok(())
    }

    async fn create_namespace_by_push(
        &self,
        context: &Context,
        name: &RepositoryName,
    ) -> Result<NamespaceId, Error> {
        let namespace = name.namespace();
        if check_reserved("name", namespace).is_err() || parse_namespace_name(namespace).is_err() {
            let message =
                "no namespace can have this name: it is reserved, or longer than 64 characters";
            return Err(RegistryError::new(ErrorCode::NameInvalid, message).into());
        }
        let (id, namespace) = (NamespaceId::new(), namespace.to_owned());
        let (context, at) = (context.clone(), self.clock.now());
        let made = self.db.write(Durability::Relaxed, move |tx| {
            if accounts::insert_namespace(tx, id, &namespace, "", &context.caller.name, at)? {
                let details = json!({ "by": "push" });
                record_audit(
                    tx,
                    &context,
                    at,
                    AuditAction::NamespaceCreate,
                    &namespace,
                    Some(id),
                    &details,
                )?;
            }
            Ok::<_, Error>(accounts::find_namespace(tx, &namespace)?)
        });
        made.await?.ok_or(Error::NotFound)
    }
}

fn may_create_namespace(caller: &Caller, name: &RepositoryName) -> bool {
    let scope = caller.scope.as_ref();
    caller.admin
        && caller.actions.contains(Actions::PUSH)
        && scope.is_none_or(|scope| scope.covers(name, Actions::PUSH))
}
