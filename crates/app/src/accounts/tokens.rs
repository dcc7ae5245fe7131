//! Personal access tokens: a person's own credentials for machines, with chosen actions.

use super::{check_line, require_manager, robots::check_end};
use crate::{
    App, Context, Error, Listed, PageRequest,
    access::{AccountKey, Secret, TOKEN_PREFIX},
    audit::record_audit,
};
use serde_json::json;
use wharf_db::{Durability, sessions, tokens, users};
use wharf_model::{Actions, AuditAction, Timestamp, TokenId};

pub use wharf_db::tokens::Token;

/// Most tokens of one person: more than anybody keeps an eye on, few enough to list.
const MAX_TOKENS: u64 = 1000;

/// Longest name.
const MAX_NAME: usize = 100;

/// A token to be made.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// What its owner calls it.
    pub name: String,
    /// What it carries.
    pub actions: Actions,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
}

impl App {
    /// One page of the caller's own tokens.
    pub async fn list_tokens(
        &self,
        context: &Context,
        page: PageRequest,
    ) -> Result<Listed<Token>, Error> {
        let owner = require_manager(&context.caller)?;
        let (after, fetch) = (page.key(), page.fetch());
        let found = self
            .db
            .read(move |tx| tokens::list_tokens(tx, owner, &after, fetch));
        let found = found.await.map_err(Error::from)?;
        Ok(page.cut(found, |token| token.name.clone()))
    }

    /// Makes a token that carries no more than the credential it is made with, and lasts no longer. The second value is its secret.
    pub async fn create_token(
        &self,
        context: &Context,
        new: NewToken,
    ) -> Result<(Token, String), Error> {
        let owner = require_manager(&context.caller)?;
        let now = self.clock.now();
        if new.name.trim().is_empty() {
            return Err(Error::invalid("name", "empty"));
        }
        check_line("name", &new.name, MAX_NAME)?;
        if new.actions == Actions::NONE {
            return Err(Error::invalid("actions", "empty"));
        }
        if !context.caller.actions.contains(new.actions) {
            return Err(Error::invalid("actions", "more_than_maker"));
        }
        check_end(&context.caller, new.expires_at, now)?;
        let secret = Secret::new(TOKEN_PREFIX);
        let (context, hash) = (context.clone(), secret.hash());
        let token = Token {
            id: TokenId::new(),
            name: new.name,
            actions: new.actions,
            expires_at: new.expires_at,
            created_at: now,
            last_used_at: None,
        };
        let made = self.db.write(Durability::Durable, move |tx| {
            if users::load_own_user(tx, owner)?.is_none() {
                return Err(Error::Unauthenticated);
            }
            if tokens::count_tokens(tx, owner)? >= MAX_TOKENS {
                return Err(Error::LimitReached {
                    what: "tokens",
                    limit: MAX_TOKENS,
                });
            }
            if !tokens::insert_token(tx, owner, &token, &hash)? {
                return Err(Error::Conflict { what: "token" });
            }
            let details = json!({ "actions": token.actions.names().collect::<Vec<_>>() });
            record_audit(
                tx,
                &context,
                now,
                AuditAction::TokenCreate,
                &token.name,
                None,
                &details,
            )?;
            Ok(token.clone())
        });
        Ok((made.await?, secret.into_text()))
    }

    /// Removes one of the caller's tokens; it ends at once.
    pub async fn delete_token(&self, context: &Context, id: TokenId) -> Result<(), Error> {
        let owner = require_manager(&context.caller)?;
        let (context, now) = (context.clone(), self.clock.now());
        let removed = self.db.write(Durability::Durable, move |tx| {
            let name = tokens::delete_token(tx, owner, id)?.ok_or(Error::NotFound)?;
            // Of what is remembered, registry tokens end; whoever sits at a browser did not sign in with this token.
            sessions::carry_sessions(tx, owner)?;
            users::end_credentials(tx, owner)?;
            record_audit(
                tx,
                &context,
                now,
                AuditAction::TokenDelete,
                &name,
                None,
                &json!({}),
            )?;
            Ok::<_, Error>(())
        });
        removed.await?;
        self.memory.accounts.forget(&AccountKey::User(owner));
        Ok(())
    }
}
