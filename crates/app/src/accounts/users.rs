//! Users: made, edited and removed by administrators, each with the namespace of their own name.

use super::{
    check_line, check_reserved, names::parse_username, namespaces::forget_credentials,
    person::check_unlimited, require_manager, require_person, text::check_email,
};
use crate::{
    App, Context, Error, Listed, PageRequest,
    access::AccountKey,
    audit::record_audit,
    search::check_term,
    sources::end_sources_of,
    start::{NAMESPACE_LIMIT, make_password},
};
use serde_json::json;
use wharf_db::{Durability, accounts, namespaces, users};
use wharf_model::{
    AuditAction, Granted, NamespaceFacts, NamespaceId, RobotId, Role, UserId, Username,
    check_password, decide_namespace, decide_system,
    rights::{Administer, EditNamespace},
};

pub use wharf_db::users::{OwnEdit, User, UserEdit};

/// Longest name for people to read: fits a line of a list.
const MAX_DISPLAY_NAME: usize = 100;

/// Most namespaces that anybody may be allowed: each is a row that lists walk over.
const MAX_NAMESPACE_LIMIT: u64 = 100_000;

/// A user to be made.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// The login name.
    pub username: String,
    /// The password; one is made when there is none.
    pub password: Option<String>,
    /// As people read it.
    pub display_name: String,
    /// May be empty.
    pub email: String,
    /// Administrates.
    pub admin: bool,
}

impl App {
    /// The caller's own page.
    pub async fn show_own_user(&self, context: &Context) -> Result<User, Error> {
        let id = require_person(&context.caller)?;
        let found = self.db.read(move |tx| users::load_own_user(tx, id)).await;
        found.map_err(Error::from)?.ok_or(Error::NotFound)
    }

    /// Edits what people may change of their own account by themselves: what gives nobody a right.
    pub async fn edit_own_user(&self, context: &Context, edit: OwnEdit) -> Result<User, Error> {
        let id = require_manager(&context.caller)?;
        if let Some(name) = &edit.display_name {
            check_line("display_name", name, MAX_DISPLAY_NAME)?;
        }
        if let Some(email) = &edit.email {
            check_email(email)?;
        }
        let edited = self.db.write(Durability::Durable, move |tx| {
            users::edit_own(tx, id, &edit)?;
            users::load_own_user(tx, id)?.ok_or(Error::NotFound)
        });
        edited.await
    }

    /// One page of the users whose login name, display name or e-mail address contains `term`; the empty one is in all.
    pub async fn list_users(
        &self,
        context: &Context,
        term: String,
        page: PageRequest,
    ) -> Result<Listed<User>, Error> {
        let right = decide_system(&context.caller)?;
        check_term(&term)?;
        let (after, fetch) = (page.key(), page.fetch());
        let found = self
            .db
            .read(move |tx| users::list_users(tx, &right, &term, &after, fetch));
        let found = found.await.map_err(Error::from)?;
        Ok(page.cut(found, |user| user.username.to_string()))
    }

    /// A user's page, for administrators.
    pub async fn show_user(&self, context: &Context, username: &str) -> Result<User, Error> {
        let right = decide_system(&context.caller)?;
        let username: Username = username.parse().map_err(|_| Error::NotFound)?;
        let found = self
            .db
            .read(move |tx| users::find_user(tx, &right, &username));
        found.await.map_err(Error::from)?.ok_or(Error::NotFound)
    }

    /// Makes a user and their namespace. The second value is the password when it was made here.
    ///
    /// Refused to a credential that carries less than all, or that ends: the account would outdo it.
    pub async fn create_user(
        &self,
        context: &Context,
        new: NewUser,
    ) -> Result<(User, Option<String>), Error> {
        decide_system(&context.caller)?;
        check_unlimited(&context.caller, "username")?;
        let username = parse_username(&new.username)?;
        check_reserved("username", username.as_str())?;
        check_line("display_name", &new.display_name, MAX_DISPLAY_NAME)?;
        check_email(&new.email)?;
        let made = new.password.is_none().then(make_password);
        let password = new.password.or_else(|| made.clone()).unwrap_or_default();
        check_password(&username, &password).map_err(|_| Error::WeakPassword)?;
        let new = users::NewUser {
            id: UserId::new(),
            username,
            display_name: new.display_name,
            email: new.email,
            password_hash: self.passwords.hash(password).await?,
            password_made: made.is_some(),
            admin: new.admin,
            namespace_limit: NAMESPACE_LIMIT,
            at: self.clock.now(),
        };
        let (context, namespace) = (context.clone(), NamespaceId::new());
        let user = self.db.write(Durability::Durable, move |tx| {
            let name = new.username.as_str();
            if !users::insert_user(tx, &new)? {
                return Err(Error::Conflict { what: "username" });
            }
            if !accounts::insert_namespace(tx, namespace, name, "", name, new.at)? {
                return Err(Error::Conflict { what: "namespace" });
            }
            users::set_member(tx, namespace, new.id, Role::Owner, new.at)?;
            let details = json!({ "admin": new.admin });
            record_audit(
                tx,
                &context,
                new.at,
                AuditAction::UserCreate,
                name,
                None,
                &details,
            )?;
            users::load_own_user(tx, new.id)?.ok_or(Error::NotFound)
        });
        Ok((user.await?, made))
    }

    /// Edits a user. Somebody who can sign in always stays an administrator. Making one, and letting somebody sign in again, is
    /// refused to a credential that carries less than all, or that ends.
    pub async fn edit_user(
        &self,
        context: &Context,
        username: &str,
        edit: UserEdit,
    ) -> Result<User, Error> {
        let right = decide_system(&context.caller)?;
        let own = require_person(&context.caller)?;
        if edit.admin == Some(true) {
            check_unlimited(&context.caller, "admin")?;
        }
        if edit.disabled == Some(false) {
            check_unlimited(&context.caller, "disabled")?;
        }
        let username: Username = username.parse().map_err(|_| Error::NotFound)?;
        if let Some(name) = &edit.display_name {
            check_line("display_name", name, MAX_DISPLAY_NAME)?;
        }
        if let Some(email) = &edit.email {
            check_email(email)?;
        }
        if edit
            .namespace_limit
            .is_some_and(|limit| limit > MAX_NAMESPACE_LIMIT)
        {
            return Err(Error::invalid("namespace_limit", "out_of_range"));
        }
        let (context, now) = (context.clone(), self.clock.now());
        let user = self.db.write(Durability::Durable, move |tx| {
            let user = users::find_user(tx, &right, &username)?.ok_or(Error::NotFound)?;
            let ends_rights = edit.admin == Some(false) || edit.disabled == Some(true);
            if ends_rights && is_last_administrator(tx, &user)? {
                return Err(Error::Conflict { what: "last_admin" });
            }
            if edit.disabled == Some(true) && user.id == own {
                return Err(Error::Conflict {
                    what: "own_account",
                });
            }
            users::edit_user(tx, &right, user.id, &edit)?;
            let details = describe_edit(&edit);
            record_audit(
                tx,
                &context,
                now,
                AuditAction::UserEdit,
                username.as_str(),
                None,
                &details,
            )?;
            users::load_own_user(tx, user.id)?.ok_or(Error::NotFound)
        });
        let user = user.await?;
        self.memory.accounts.forget(&AccountKey::User(user.id));
        Ok(user)
    }

    /// Removes a user with their namespace and their sources: rules that use those stop. The namespace must be empty unless
    /// `whole`; then its repositories go too. Nobody removes themselves.
    pub async fn delete_user(
        &self,
        context: &Context,
        username: &str,
        whole: bool,
    ) -> Result<(), Error> {
        let right = decide_system(&context.caller)?;
        let own = require_person(&context.caller)?;
        let username: Username = username.parse().map_err(|_| Error::NotFound)?;
        if whole {
            let (name, caller) = (username.clone(), context.caller.clone());
            let check = self.db.read(move |tx| {
                let right: Granted<Administer> = decide_system(&caller)?;
                find_deletable(tx, &right, &name, own)?;
                Ok::<_, Error>(accounts::find_namespace(tx, name.as_str())?)
            });
            if check.await?.is_some() {
                let right = self.authorize_namespace(&context.caller, username.as_str());
                self.delete_repositories_of(context, &right.await?).await?;
            }
        }
        let (context, now) = (context.clone(), self.clock.now());
        let vault = self.vault.clone();
        let removed = self.db.write(Durability::Durable, move |tx| {
            let user = find_deletable(tx, &right, &username, own)?;
            let (namespace, robots) = delete_own_namespace(tx, &context, &right, &username)?;
            end_sources_of(tx, &vault, user.id, now)?;
            users::delete_user(tx, &right, user.id)?;
            let name = username.as_str();
            record_audit(
                tx,
                &context,
                now,
                AuditAction::UserDelete,
                name,
                None,
                &json!({}),
            )?;
            Ok::<_, Error>((user.id, namespace, robots))
        });
        let (id, namespace, robots) = removed.await?;
        self.memory.accounts.forget(&AccountKey::User(id));
        self.wake_webhooks();
        self.forget_robots(robots);
        if let Some(namespace) = namespace {
            self.forget_base_images(namespace).await;
        }
        Ok(())
    }

    /// Forgets robots that went with their namespace.
    pub(crate) fn forget_robots(&self, robots: Vec<RobotId>) {
        for id in robots {
            self.memory.accounts.forget(&AccountKey::Robot(id));
        }
    }
}

/// A user whom the caller, who is `own`, may delete.
fn find_deletable(
    tx: &mut wharf_db::Tx<'_>,
    right: &Granted<Administer>,
    username: &Username,
    own: UserId,
) -> Result<User, Error> {
    let user = users::find_user(tx, right, username)?.ok_or(Error::NotFound)?;
    if user.id == own {
        return Err(Error::Conflict {
            what: "own_account",
        });
    }
    if is_last_administrator(tx, &user)? {
        return Err(Error::Conflict { what: "last_admin" });
    }
    Ok(user)
}

fn is_last_administrator(tx: &mut wharf_db::Tx<'_>, user: &User) -> Result<bool, Error> {
    Ok(user.admin && !user.disabled && !users::has_other_administrator(tx, user.id)?)
}

/// Removes the namespace of a user who leaves; answers it and the robots that went with it.
fn delete_own_namespace(
    tx: &mut wharf_db::Tx<'_>,
    context: &Context,
    _granted: &Granted<Administer>,
    username: &Username,
) -> Result<(Option<NamespaceId>, Vec<RobotId>), Error> {
    let Some(namespace) = accounts::find_namespace(tx, username.as_str())? else {
        return Ok((None, Vec::new()));
    };
    if namespaces::has_repositories(tx, namespace)? {
        return Err(Error::Conflict {
            what: "namespace_not_empty",
        });
    }
    let facts = NamespaceFacts {
        namespace,
        repository: None,
    };
    let right = decide_namespace::<EditNamespace>(&context.caller, &facts)?;
    let robots = namespaces::list_robots(tx, namespace)?;
    namespaces::delete_namespace(tx, &right)?;
    forget_credentials(tx)?;
    Ok((Some(namespace), robots))
}

/// What the audit log keeps of an edit: what gives rights by value, personal data by name only.
fn describe_edit(edit: &UserEdit) -> serde_json::Value {
    let mut details = serde_json::Map::new();
    let mut note = |key: &str, value: serde_json::Value| {
        if !value.is_null() {
            details.insert(key.into(), value);
        }
    };
    note("admin", json!(edit.admin));
    note("disabled", json!(edit.disabled));
    note("namespace_limit", json!(edit.namespace_limit));
    note(
        "display_name",
        json!(edit.display_name.as_ref().map(|_| "changed")),
    );
    note("email", json!(edit.email.as_ref().map(|_| "changed")));
    details.into()
}
