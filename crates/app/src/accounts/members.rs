//! Members of namespaces: whom its owners gave which role.

use super::{namespaces::LIBRARY, person::check_unlimited};
use crate::{
    App, Context, Error, Listed, PageRequest, access::AccountKey, audit::record_audit,
    search::check_term,
};
use serde_json::json;
use wharf_db::{Durability, Tx, members, namespaces, users};
use wharf_model::{
    AuditAction, Granted, Role, UserId, Username,
    rights::{ManageMembers, View},
};

pub use wharf_db::members::Member;

impl App {
    /// One page of a namespace's members whose names contain `term`, for those who belong to it.
    pub async fn list_members(
        &self,
        context: &Context,
        namespace: &str,
        term: String,
        page: PageRequest,
    ) -> Result<Listed<Member>, Error> {
        let right = self
            .authorize_namespace::<View>(&context.caller, namespace)
            .await?;
        check_term(&term)?;
        let (after, fetch) = (page.key(), page.fetch());
        let found = self
            .db
            .read(move |tx| members::list_members(tx, &right, &term, &after, fetch));
        let found = found.await.map_err(Error::from)?;
        Ok(page.cut(found, |member| member.username.to_string()))
    }

    /// One member of a namespace, for those who belong to it.
    pub async fn show_member(
        &self,
        context: &Context,
        namespace: &str,
        username: &str,
    ) -> Result<Member, Error> {
        let right = self
            .authorize_namespace::<View>(&context.caller, namespace)
            .await?;
        let username: Username = username.parse().map_err(|_| Error::NotFound)?;
        let found = self
            .db
            .read(move |tx| match users::find_id(tx, &username)? {
                Some(user) => members::find_member(tx, &right, user),
                None => Ok(None),
            });
        found.await.map_err(Error::from)?.ok_or(Error::NotFound)
    }

    /// Gives a user a role, or another one. Somebody always stays an owner, and a user owns the namespace of their name.
    ///
    /// A role is for good: giving a higher one than there was is refused to a credential that carries less than all, or that
    /// ends.
    pub async fn set_member(
        &self,
        context: &Context,
        namespace: &str,
        username: &str,
        role: Role,
    ) -> Result<Member, Error> {
        let right = self
            .authorize_namespace::<ManageMembers>(&context.caller, namespace)
            .await?;
        if namespace == LIBRARY {
            return Err(Error::Conflict {
                what: "builtin_members",
            });
        }
        let username: Username = username.parse().map_err(|_| Error::NotFound)?;
        let (context, namespace) = (context.clone(), namespace.to_owned());
        let now = self.clock.now();
        let written = self.db.write(Durability::Durable, move |tx| {
            let id = right.subject().namespace;
            let user = users::find_id(tx, &username)?.ok_or(Error::NotFound)?;
            if !namespaces::is_there(tx, id)? {
                return Err(Error::NotFound);
            }
            check_raise(tx, &right, &context, user, role)?;
            if role != Role::Owner {
                keep_an_owner(tx, &right, &namespace, &username, user)?;
            }
            members::set_member(tx, &right, user, role, now)?;
            let (target, details) = (username.as_str(), json!({ "role": role.as_str() }));
            record_audit(
                tx,
                &context,
                now,
                AuditAction::MemberSet,
                target,
                Some(id),
                &details,
            )?;
            let member = members::find_member(tx, &right, user)?;
            Ok((user, member.ok_or(Error::NotFound)?))
        });
        let (user, member) = written.await?;
        self.memory.accounts.forget(&AccountKey::User(user));
        Ok(member)
    }

    /// Takes a user's role away.
    pub async fn remove_member(
        &self,
        context: &Context,
        namespace: &str,
        username: &str,
    ) -> Result<(), Error> {
        let right = self
            .authorize_namespace::<ManageMembers>(&context.caller, namespace)
            .await?;
        let username: Username = username.parse().map_err(|_| Error::NotFound)?;
        let (context, namespace) = (context.clone(), namespace.to_owned());
        let now = self.clock.now();
        let removed = self.db.write(Durability::Durable, move |tx| {
            let user = users::find_id(tx, &username)?.ok_or(Error::NotFound)?;
            members::find_member(tx, &right, user)?.ok_or(Error::NotFound)?;
            keep_an_owner(tx, &right, &namespace, &username, user)?;
            members::remove_member(tx, &right, user)?;
            let (target, details) = (username.as_str(), json!({}));
            let id = Some(right.subject().namespace);
            record_audit(
                tx,
                &context,
                now,
                AuditAction::MemberRemove,
                target,
                id,
                &details,
            )?;
            Ok::<_, Error>(user)
        });
        let user = removed.await?;
        self.memory.accounts.forget(&AccountKey::User(user));
        Ok(())
    }
}

/// Refuses a higher role than there was to a credential that this would outlast or outdo.
fn check_raise(
    tx: &mut Tx<'_>,
    right: &Granted<ManageMembers>,
    context: &Context,
    user: UserId,
    role: Role,
) -> Result<(), Error> {
    let before = members::find_member(tx, right, user)?;
    if before.is_some_and(|member| member.role >= role) {
        return Ok(());
    }
    check_unlimited(&context.caller, "role")
}

/// Refuses to end an ownership that has to stay.
fn keep_an_owner(
    tx: &mut Tx<'_>,
    right: &Granted<ManageMembers>,
    namespace: &str,
    username: &Username,
    user: UserId,
) -> Result<(), Error> {
    if username.as_str() == namespace {
        return Err(Error::Conflict {
            what: "own_namespace",
        });
    }
    let member = members::find_member(tx, right, user)?;
    let is_owner = member.is_some_and(|member| member.role == Role::Owner);
    if is_owner && !members::has_other_owner(tx, right, user)? {
        return Err(Error::Conflict { what: "last_owner" });
    }
    Ok(())
}
