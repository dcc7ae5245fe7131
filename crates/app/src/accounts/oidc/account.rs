//! Whose account it is, and what groups give it.

use super::OidcSettings;
use crate::{
    App, Error,
    access::{AccountKey, SESSION_IDLE},
    accounts::{check_reserved, text::check_email},
    start::NAMESPACE_LIMIT,
};
use serde_json::json;
use std::net::IpAddr;
use wharf_db::{
    Durability, Tx, accounts, audit, oidc, sessions,
    users::{self, User},
};
use wharf_integrations::oidc::Identity;
use wharf_model::{AuditAction, NamespaceId, RequestId, Role, Timestamp, UserId, Username};

/// How many names are tried for somebody whose own is taken.
const NAMES: usize = 200;

/// Longest name that a number still fits behind.
const LONGEST_NAME: usize = 58;

/// Longest display name that is kept, in characters: the longest in bytes that people may give themselves fits.
const LONGEST_DISPLAY: usize = 25;

impl App {
    /// The account of whom `issuer` knows as `identity.subject`, made now if there is none, with what their groups give
    /// from this sign-in on.
    ///
    /// [`Error::Unauthenticated`] for people of none of the groups that may come in; whoever was here before loses what
    /// groups gave, and every session ends.
    pub(super) async fn find_or_make_person(
        &self,
        issuer: &str,
        identity: Identity,
        address: IpAddr,
        request: RequestId,
    ) -> Result<UserId, Error> {
        let Some(settings) = self.settings.oidc.clone() else {
            return Err(Error::NotFound);
        };
        let (issuer, now) = (issuer.to_owned(), self.clock.now());
        let visit = Visit {
            at: now,
            address: address.to_string(),
            request: request.to_string(),
        };
        let admitted = settings.admits(&identity.groups);
        let written = self.db.write(Durability::Durable, move |tx| {
            let known = oidc::find_person(tx, &issuer, &identity.subject)?;
            let user = match known {
                Some(user) => user,
                None if !admitted => return Ok(None),
                None => {
                    let user = make_person(tx, &settings, &identity, now)?;
                    oidc::insert_identity(tx, &issuer, &identity.subject, user, now)?;
                    user
                }
            };
            let own = users::load_own_user(tx, user)?.ok_or(Error::NotFound)?;
            if known.is_none() {
                let details = json!({ "issuer": issuer });
                visit.note(tx, &own, AuditAction::UserCreate, None, details)?;
            }
            if admitted {
                give_roles(tx, &settings, &own, &identity.groups, &visit)?;
            } else {
                refuse_person(tx, &settings, &own, &visit)?;
            }
            Ok::<_, Error>(Some(user))
        });
        let user = written.await?;
        if let Some(user) = user {
            self.memory.accounts.forget(&AccountKey::User(user));
        }
        if !admitted {
            tracing::warn!(
                "a sign-in through the provider was refused: its groups are none of [oidc] allowed_groups"
            );
        }
        user.filter(|_| admitted).ok_or(Error::Unauthenticated)
    }
}

/// When and from where somebody signs in, for the audit log.
struct Visit {
    at: Timestamp,
    address: String,
    request: String,
}

impl Visit {
    /// Notes what the sign-in changed about the person, in a namespace or at large.
    fn note(
        &self,
        tx: &mut Tx<'_>,
        own: &User,
        action: AuditAction,
        place: Option<(NamespaceId, &str)>,
        details: serde_json::Value,
    ) -> Result<(), Error> {
        let name = own.username.as_str();
        audit::insert_entry(
            tx,
            &audit::NewEntry {
                at: self.at,
                actor: name,
                actor_kind: "user",
                action,
                target: place.map_or(name, |(_, namespace)| namespace),
                namespace: place.map(|(id, _)| id),
                address: &self.address,
                request: &self.request,
                details: &details.to_string(),
            },
        )?;
        Ok(())
    }
}

/// Makes an account without a password, with the namespace of its name.
fn make_person(
    tx: &mut Tx<'_>,
    settings: &OidcSettings,
    identity: &Identity,
    now: Timestamp,
) -> Result<UserId, Error> {
    let username = choose_name(tx, settings, identity)?;
    let display = identity.name.as_deref().unwrap_or_default();
    let readable = |character: &char| !character.is_control();
    let new = users::NewUser {
        id: UserId::new(),
        username: username.clone(),
        display_name: display
            .chars()
            .filter(readable)
            .take(LONGEST_DISPLAY)
            .collect(),
        email: identity
            .email
            .clone()
            .filter(|email| check_email(email).is_ok())
            .unwrap_or_default(),
        password_hash: String::new(),
        password_made: false,
        admin: false,
        namespace_limit: NAMESPACE_LIMIT,
        at: now,
    };
    let (name, namespace) = (username.as_str(), NamespaceId::new());
    if !users::insert_user(tx, &new)?
        || !accounts::insert_namespace(tx, namespace, name, "", name, now)?
    {
        return Err(Error::Conflict { what: "username" });
    }
    users::set_member(tx, namespace, new.id, Role::Owner, now)?;
    Ok(new.id)
}

/// A name that nobody has: what they are called at the provider, with a number where that is taken. It is never taken
/// over, whoever has it; nor is one that stands for something else, or for a namespace of the operator's groups.
fn choose_name(
    tx: &mut Tx<'_>,
    settings: &OidcSettings,
    identity: &Identity,
) -> Result<Username, Error> {
    let wanted = identity.username.as_deref().unwrap_or_default();
    let wanted = clean_name(wanted).unwrap_or_else(|| "user".to_owned());
    for number in 1..=NAMES {
        let text = match number {
            1 => wanted.clone(),
            _ => format!("{wanted}-{number}"),
        };
        let Ok(name) = text.parse::<Username>() else {
            continue;
        };
        if check_reserved("username", name.as_str()).is_ok()
            && !settings.reserves(name.as_str())
            && users::find_id(tx, &name)?.is_none()
            && accounts::find_namespace(tx, name.as_str())?.is_none()
        {
            return Ok(name);
        }
    }
    Err(Error::Conflict { what: "username" })
}

/// What can be a login name of what somebody is called elsewhere: the part before an `@`, in small letters.
fn clean_name(text: &str) -> Option<String> {
    let text = text.split('@').next().unwrap_or_default();
    let mut name = String::new();
    for character in text.chars().take(LONGEST_NAME) {
        match character.to_ascii_lowercase() {
            plain @ ('a'..='z' | '0'..='9') => name.push(plain),
            _ if name.is_empty() || name.ends_with(['-', '.', '_']) => {}
            joint @ ('.' | '_') => name.push(joint),
            _ => name.push('-'),
        }
    }
    let name = name.trim_end_matches(['-', '.', '_']);
    (name.len() >= 2).then(|| name.to_owned())
}

/// Takes what groups gave from somebody who may not come in any more, and ends what they are signed in with. Their own
/// tokens stay, as the account does: they reach what nobody's group gave, and end when it is disabled. Where nothing was left
/// to end the log is told nothing, however often they come.
fn refuse_person(
    tx: &mut Tx<'_>,
    settings: &OidcSettings,
    own: &User,
    visit: &Visit,
) -> Result<(), Error> {
    let idle_since = visit.at.minus(SESSION_IDLE);
    let sessions = sessions::list_sessions(tx, own.id, idle_since, visit.at)?;
    give_roles(tx, settings, own, &[], visit)?;
    // Also what somebody is about to sign in with.
    users::end_credentials(tx, own.id)?;
    if sessions.is_empty() {
        return Ok(());
    }
    let details = json!({ "by": "groups" });
    visit.note(tx, own, AuditAction::SessionEnd, None, details)
}

/// Gives what the groups give now and takes what they no longer do. The last administrator who can sign in stays one, and
/// nobody loses the namespace of their own name. Of an account that is disabled nothing changes.
fn give_roles(
    tx: &mut Tx<'_>,
    settings: &OidcSettings,
    own: &User,
    groups: &[String],
    visit: &Visit,
) -> Result<(), Error> {
    if own.disabled {
        return Ok(());
    }
    let (user, name) = (own.id, own.username.as_str());
    if let Some(admin) = settings.is_admin(groups)
        && (admin || users::has_other_administrator(tx, user)?)
        && oidc::set_admin(tx, user, admin)?
    {
        let details = json!({ "admin": admin, "by": "groups" });
        visit.note(tx, own, AuditAction::UserEdit, None, details)?;
    }
    for (namespace, given) in settings.list_roles(groups) {
        if namespace.as_str() == name {
            continue;
        }
        // One that is not there yet is given at the first sign-in after somebody made it.
        let Some(id) = accounts::find_namespace(tx, namespace.as_str())? else {
            continue;
        };
        let present = oidc::find_role(tx, id, user)?;
        let action = match given {
            Some(role) if present != Some(role) => {
                users::set_member(tx, id, user, role, visit.at)?;
                AuditAction::MemberSet
            }
            None if present.is_some() => {
                oidc::end_role(tx, id, user)?;
                AuditAction::MemberRemove
            }
            _ => continue,
        };
        let details = json!({
            "username": name, "role": given.map(Role::as_str), "by": "groups",
        });
        visit.note(tx, own, action, Some((id, namespace.as_str())), details)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_is_called_elsewhere_becomes_a_login_name() {
        for (called, name) in [
            ("li.wei", Some("li.wei")),
            ("Li Wei", Some("li-wei")),
            ("li@example.com", Some("li")),
            ("CORP\\Alice", Some("corp-alice")),
            ("--a..b__c--", Some("a.b_c")),
            ("李伟", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(clean_name(called).as_deref(), name, "{called}");
            assert!(
                name.is_none_or(|name| name.parse::<Username>().is_ok()),
                "{called}"
            );
        }
        let longest = clean_name(&"n".repeat(300)).unwrap();
        assert!(format!("{longest}-200").parse::<Username>().is_ok());
    }
}
