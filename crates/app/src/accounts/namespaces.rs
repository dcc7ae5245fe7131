//! Namespaces: made by people up to their limit, edited and removed by their owners.

use super::{check_prose, check_reserved, parse_namespace_name, require_manager};
use crate::{
    App, Context, Error, Listed, PageRequest, access::AccountKey, audit::record_audit,
    registry::viewer, search::check_term, triggers::end_triggers_of_namespace,
};
use serde_json::json;
use wharf_db::{
    Durability, Tx, accounts, namespaces, registry_credentials,
    repositories::{self, Viewer},
    secrets, users,
};
use wharf_model::{
    AuditAction, Caller, Granted, NamespaceFacts, NamespaceId, NamespaceName, Right, Role, Verb,
    decide_namespace, list_namespace_verbs,
    rights::{EditNamespace, View},
};

pub use wharf_db::namespaces::Namespace;

/// Longest description, in bytes: a paragraph or two.
const MAX_DESCRIPTION: usize = 4096;

/// Repositories that are named at once when all of a namespace are deleted: more names are of no use before these are gone.
const ROUND: usize = 100;

/// Rounds of that. Whoever pushes new repositories meanwhile must not keep a request going for good: then the namespace is
/// not empty, and its owner is told.
const MOST_ROUNDS: usize = 1000;

/// The namespace of names without a slash; it is there from the start and stays.
pub(super) const LIBRARY: &str = wharf_oci::RepositoryName::DEFAULT_NAMESPACE;

impl App {
    /// Decides a right on a namespace. One that does not exist is [`Error::NotFound`], as a hidden one is.
    pub(crate) async fn authorize_namespace<R: Right<Subject = NamespaceFacts>>(
        &self,
        caller: &Caller,
        name: &str,
    ) -> Result<Granted<R>, Error> {
        let name: NamespaceName = name.parse().map_err(|_| Error::NotFound)?;
        let found = self.find_namespace(name.as_str()).await?;
        let facts = NamespaceFacts {
            namespace: found.ok_or(Error::NotFound)?,
            repository: None,
        };
        Ok(decide_namespace::<R>(caller, &facts)?)
    }

    /// One page of the namespaces that the caller belongs to and whose names contain `term`; of all for administrators. With
    /// a verb only those where the caller may do that.
    pub async fn list_namespaces(
        &self,
        context: &Context,
        term: String,
        verb: Option<Verb>,
        page: PageRequest,
    ) -> Result<Listed<Namespace>, Error> {
        check_term(&term)?;
        let (caller, after, fetch) = (context.caller.clone(), page.key(), page.fetch());
        let found = self.db.read(move |tx| {
            let may =
                |id| verb.is_none_or(|verb| list_namespace_verbs(&caller, id).contains(&verb));
            let member_of: Vec<_> = caller.roles.keys().copied().filter(|id| may(*id)).collect();
            let seen_by = match viewer(&caller, &member_of) {
                // Administrators may the same in every namespace, so one that nobody has stands for them all.
                Viewer::Administrator(id) if !may(NamespaceId::new()) => {
                    Viewer::Member(Some(id), &member_of)
                }
                seen_by => seen_by,
            };
            namespaces::list_namespaces(tx, seen_by, &term, &after, fetch)
        });
        let found = found.await.map_err(Error::from)?;
        Ok(page.cut(found, |namespace| namespace.name.clone()))
    }

    /// A namespace's page.
    pub async fn show_namespace(&self, context: &Context, name: &str) -> Result<Namespace, Error> {
        let right = self
            .authorize_namespace::<View>(&context.caller, name)
            .await?;
        let found = self
            .db
            .read(move |tx| namespaces::load_namespace(tx, &right));
        found.await.map_err(Error::from)?.ok_or(Error::NotFound)
    }

    /// Makes a namespace that belongs to the caller, who must be a person below their limit. One that the operator's mapping
    /// of groups names is made by administrators alone.
    pub async fn create_namespace(
        &self,
        context: &Context,
        name: &str,
        description: String,
    ) -> Result<Namespace, Error> {
        let user = require_manager(&context.caller)?;
        let name = parse_namespace_name(name)?;
        check_reserved("name", name.as_str())?;
        let oidc = self.settings.oidc.as_ref();
        if !context.caller.admin && oidc.is_some_and(|oidc| oidc.reserves(name.as_str())) {
            return Err(Error::invalid("name", "reserved"));
        }
        check_prose("description", &description, MAX_DESCRIPTION)?;
        let (context, id, now) = (context.clone(), NamespaceId::new(), self.clock.now());
        let made = self.db.write(Durability::Durable, move |tx| {
            let creator = &*context.caller.name;
            let limit = users::load_own_user(tx, user)?
                .ok_or(Error::Unauthenticated)?
                .namespace_limit;
            if !context.caller.admin && namespaces::count_created(tx, creator)? >= limit {
                return Err(Error::LimitReached {
                    what: "namespaces",
                    limit,
                });
            }
            let name = name.as_str();
            if !accounts::insert_namespace(tx, id, name, &description, creator, now)? {
                return Err(Error::Conflict { what: "namespace" });
            }
            users::set_member(tx, id, user, Role::Owner, now)?;
            let details = json!({});
            record_audit(
                tx,
                &context,
                now,
                AuditAction::NamespaceCreate,
                name,
                Some(id),
                &details,
            )?;
            Ok(Namespace {
                id,
                name: name.to_owned(),
                description: description.clone(),
                repository_count: 0,
                created_at: now,
            })
        });
        let made = made.await?;
        self.memory.accounts.forget(&AccountKey::User(user));
        Ok(made)
    }

    /// Edits a namespace.
    pub async fn edit_namespace(
        &self,
        context: &Context,
        name: &str,
        description: Option<String>,
    ) -> Result<Namespace, Error> {
        let seen = self
            .authorize_namespace::<View>(&context.caller, name)
            .await?;
        let right = self
            .authorize_namespace::<EditNamespace>(&context.caller, name)
            .await?;
        if let Some(text) = &description {
            check_prose("description", text, MAX_DESCRIPTION)?;
        }
        let (context, now) = (context.clone(), self.clock.now());
        let edited = self.db.write(Durability::Durable, move |tx| {
            if let Some(text) = &description {
                namespaces::edit_namespace(tx, &right, text)?;
            }
            let namespace = namespaces::load_namespace(tx, &seen)?.ok_or(Error::NotFound)?;
            let (id, details) = (Some(namespace.id), json!({}));
            record_audit(
                tx,
                &context,
                now,
                AuditAction::NamespaceEdit,
                &namespace.name,
                id,
                &details,
            )?;
            Ok(namespace)
        });
        edited.await
    }

    /// Removes a namespace with its members, robots and credentials, and with its repositories if `whole`; without that,
    /// one that has any is [`Error::Conflict`]. The built-in one and those of users stay.
    pub async fn delete_namespace(
        &self,
        context: &Context,
        name: &str,
        whole: bool,
    ) -> Result<(), Error> {
        let right = self
            .authorize_namespace::<EditNamespace>(&context.caller, name)
            .await?;
        if whole {
            let own = name.to_owned();
            let check = self.db.read(move |tx| check_deletable(tx, &own));
            check.await?;
            self.delete_repositories_of(context, &right).await?;
        }
        let (context, name, now) = (context.clone(), name.to_owned(), self.clock.now());
        let id = right.subject().namespace;
        let robots = self.db.write(Durability::Durable, move |tx| {
            check_deletable(tx, &name)?;
            if namespaces::has_repositories(tx, id)? {
                return Err(Error::Conflict {
                    what: "namespace_not_empty",
                });
            }
            let robots = namespaces::list_robots(tx, id)?;
            end_triggers_of_namespace(tx, id, &context.caller.name, now)?;
            if !namespaces::delete_namespace(tx, &right)? {
                return Err(Error::NotFound);
            }
            forget_credentials(tx)?;
            let details = json!({});
            record_audit(
                tx,
                &context,
                now,
                AuditAction::NamespaceDelete,
                &name,
                Some(id),
                &details,
            )?;
            Ok(robots)
        });
        let robots = robots.await?;
        self.forget_robots(robots);
        self.forget_base_images(id).await;
        Ok(())
    }

    /// Deletes all repositories of a namespace, each as somebody would who deletes it by name. One that fails ends it: what
    /// is gone by then is gone, and deleting again goes on.
    pub(super) async fn delete_repositories_of(
        &self,
        context: &Context,
        right: &Granted<EditNamespace>,
    ) -> Result<(), Error> {
        for _ in 0..MOST_ROUNDS {
            let right = right.clone();
            let next = self
                .db
                .read(move |tx| repositories::list_names_of_namespace(tx, &right, ROUND));
            let next = next.await.map_err(Error::from)?;
            if next.is_empty() {
                return Ok(());
            }
            for name in next {
                match self.delete_repository(context, &name).await {
                    // Somebody else was faster.
                    Ok(()) | Err(Error::NotFound) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }
}

/// Forgets the passwords of credentials that went with their namespace.
pub(super) fn forget_credentials(tx: &mut Tx<'_>) -> Result<(), Error> {
    let table = registry_credentials::TABLE;
    Ok(secrets::sweep_secrets(tx, table, table).map(drop)?)
}

/// Whether a namespace is one that can be deleted at all.
fn check_deletable(tx: &mut Tx<'_>, name: &str) -> Result<(), Error> {
    let conflict = |what| Err(Error::Conflict { what });
    if name == LIBRARY {
        return conflict("builtin_namespace");
    }
    if namespaces::belongs_to_user(tx, name)? {
        return conflict("namespace_of_user");
    }
    Ok(())
}
