//! Passwords: changed by their owners, reset by administrators. Both end everything that the old one proved.

use super::{
    person::check_unlimited,
    require_manager, require_person,
    sessions::{Browser, Draft, write_session},
};
use crate::{
    App, Context, Error, access::SESSION_LIFETIME, audit::record_audit, start::make_password,
};
use serde_json::json;
use wharf_db::{Durability, accounts, users};
use wharf_model::{AuditAction, PASSWORD_LENGTH, UserId, Username, check_password, decide_system};

impl App {
    /// Replaces the caller's password after a look at the present one, which is counted like a sign-in. All sessions end;
    /// a `browser` gets another one, whose secret is the answer.
    pub async fn change_own_password(
        &self,
        context: &Context,
        current: String,
        new: String,
        browser: Option<Browser>,
    ) -> Result<Option<String>, Error> {
        let id = require_manager(&context.caller)?;
        let username: Username = context.caller.name.parse().map_err(Error::internal)?;
        check_password(&username, &new).map_err(|_| Error::WeakPassword)?;
        let attempt = self
            .throttle
            .admit(username.as_str(), context.address)
            .await?;
        if !self.is_password(&username, current).await? {
            attempt.fail();
            return Err(Error::WrongPassword);
        }
        attempt.forgive();
        let (next, secret) = browser
            .map(|browser| self.draft_session(browser, SESSION_LIFETIME))
            .unzip();
        let change = Change {
            action: AuditAction::PasswordChange,
            made: false,
            next,
        };
        self.set_password(context, change, id, username, new)
            .await?;
        Ok(secret)
    }

    /// Gives a user another password, for administrators. Answers it when it was made here.
    ///
    /// One's own is changed with the present one and not here: [`Error::Conflict`] `own_password`. Refused to a credential
    /// that carries less than all, or that ends.
    pub async fn reset_password(
        &self,
        context: &Context,
        username: &str,
        new: Option<String>,
    ) -> Result<Option<String>, Error> {
        let right = decide_system(&context.caller)?;
        let own = require_person(&context.caller)?;
        check_unlimited(&context.caller, "new_password")?;
        let username: Username = username.parse().map_err(|_| Error::NotFound)?;
        let wanted = username.clone();
        let user = self
            .db
            .read(move |tx| users::find_user(tx, &right, &wanted));
        let user = user.await.map_err(Error::from)?.ok_or(Error::NotFound)?;
        if user.id == own {
            return Err(Error::Conflict {
                what: "own_password",
            });
        }
        let made = new.is_none().then(make_password);
        let password = new.or_else(|| made.clone()).unwrap_or_default();
        check_password(&username, &password).map_err(|_| Error::WeakPassword)?;
        let change = Change {
            action: AuditAction::PasswordReset,
            made: made.is_some(),
            next: None,
        };
        self.set_password(context, change, user.id, username.clone(), password)
            .await?;
        self.throttle.forgive_everywhere(username.as_str());
        Ok(made)
    }

    async fn is_password(&self, username: &Username, password: String) -> Result<bool, Error> {
        // Nobody has a longer one, and hashing time would grow with it.
        if password.len() > *PASSWORD_LENGTH.end() {
            return Ok(false);
        }
        let username = username.clone();
        let found = self
            .db
            .read(move |tx| accounts::find_password(tx, username.as_str()));
        let hash = found.await.map_err(Error::from)?.map(|found| found.hash);
        self.passwords.verify(password, hash).await
    }

    async fn set_password(
        &self,
        context: &Context,
        change: Change,
        id: UserId,
        username: Username,
        password: String,
    ) -> Result<(), Error> {
        let hash = self.passwords.hash(password).await?;
        let (context, now) = (context.clone(), self.clock.now());
        let written = self.db.write(Durability::Durable, move |tx| {
            if !users::set_password(tx, id, &hash, change.made)? {
                return Err(Error::NotFound);
            }
            let target = username.as_str();
            record_audit(tx, &context, now, change.action, target, None, &json!({}))?;
            match &change.next {
                Some(draft) => write_session(tx, id, draft),
                None => Ok(Vec::new()),
            }
        });
        let ended = written.await?;
        self.forget_person(id, &ended);
        Ok(())
    }
}

/// How a password is replaced.
struct Change {
    /// What the audit log calls it.
    action: AuditAction,
    /// Whether the server made the new one.
    made: bool,
    /// The session in which the person goes on.
    next: Option<Draft>,
}
