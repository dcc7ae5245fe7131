//! The token service: a verified caller asks for scopes and gets a registry token for those it has.

use super::{
    AccountKey,
    registry_token::{self, LIFETIME, RegistryToken},
};
use crate::{App, Error};
use std::time::Duration;
use wharf_model::{
    Actions, Caller, Identity, Scope, ScopeEntry, Timestamp, decide,
    rights::{Delete, Pull},
};
use wharf_oci::RepositoryName;

/// Scopes looked at in one request: a client asks for one per repository of a push with mounts.
const MAX_SCOPES: usize = 64;

/// One scope of a token request (Docker token specification: `type:name:actions`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestedScope {
    /// A repository and what is wanted there.
    Repository {
        /// Its name.
        name: RepositoryName,
        /// Wanted actions; `*` stands for all.
        actions: Actions,
    },
    /// `registry:catalog:*`.
    Catalog,
    /// `registry:mount:*`.
    Mount,
}

impl RequestedScope {
    /// Reads a scope; what is not understood asks for nothing.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_once(':')?;
        let (name, actions) = rest.rsplit_once(':')?;
        // `repository(plugin)` names a class that makes no difference here.
        match kind.split('(').next()? {
            "repository" => {
                let all = Actions::PULL.with(Actions::PUSH).with(Actions::DELETE);
                let actions = actions
                    .split(',')
                    .fold(Actions::NONE, |sum, action| match action {
                        "*" => sum.with(all),
                        other => sum.with(Actions::named(other).unwrap_or(Actions::NONE)),
                    });
                let name = name.parse().ok()?;
                Some(Self::Repository { name, actions })
            }
            "registry" if name == "catalog" => Some(Self::Catalog),
            "registry" if name == "mount" => Some(Self::Mount),
            _ => None,
        }
    }
}

/// What a client asks the token service for.
#[derive(Debug, Clone, Default)]
pub struct TokenRequest {
    /// Wanted scopes.
    pub scopes: Vec<RequestedScope>,
}

/// A signed registry token.
#[derive(Debug, Clone)]
pub struct IssuedToken {
    /// The signed text.
    pub text: String,
    /// How long it lives.
    pub lifetime: Duration,
    /// Since when.
    pub issued_at: Timestamp,
    /// What it is for, in the words of the specification.
    pub scope: String,
}

impl App {
    /// Issues a token that ends with the credential it is made with if not before, for the wanted scopes that `caller` has now; for others, and for what is too much for one token, it is
    /// silent.
    pub async fn issue_token(
        &self,
        caller: &Caller,
        request: &TokenRequest,
    ) -> Result<IssuedToken, Error> {
        let mut scope = Scope::default();
        for wanted in request.scopes.iter().take(MAX_SCOPES) {
            match wanted {
                RequestedScope::Catalog => scope.catalog = true,
                RequestedScope::Mount => scope.mount = true,
                RequestedScope::Repository { name, actions } => {
                    let actions = self.grant_actions(caller, name, *actions).await?;
                    if actions != Actions::NONE {
                        scope.repositories.push(ScopeEntry {
                            repository: name.clone(),
                            actions,
                        });
                    }
                }
            }
        }
        let account = match caller.identity {
            Identity::Anonymous | Identity::Build(_) => None,
            Identity::User(id) => Some(AccountKey::User(id)),
            Identity::Robot(id) => Some(AccountKey::Robot(id)),
        };
        // The version that was verified, not the one of this moment: a password that was replaced meanwhile proves nothing.
        let account = account.map(|key| (key, caller.version));
        let now = self.clock.now();
        let end = now.plus(LIFETIME);
        let expires_at = caller.ends_at.map_or(end, |own| own.min(end));
        let mut token = RegistryToken {
            account,
            kind: caller.kind,
            actions: caller.actions,
            scope,
            expires_at,
        };
        let service = &self.settings.service;
        let text = registry_token::sign_within_limit(&mut token, service, now, &self.keys)
            .map_err(Error::internal)?;
        Ok(IssuedToken {
            text,
            lifetime: now.until(expires_at),
            issued_at: now,
            scope: describe(&token.scope),
        })
    }

    async fn grant_actions(
        &self,
        caller: &Caller,
        name: &RepositoryName,
        wanted: Actions,
    ) -> Result<Actions, Error> {
        let mut granted = Actions::NONE;
        let facts = self.find_facts(name).await?;
        let may_push = wanted.contains(Actions::PUSH) && self.may_push(caller, name).await?;
        if may_push {
            granted = granted.with(Actions::PUSH);
        }
        if wanted.contains(Actions::PULL) {
            // Who creates a repository by pushing also asks whether it is there.
            let may_pull = match &facts {
                Some(facts) => decide::<Pull>(caller, facts).is_ok(),
                None => {
                    may_push && caller.actions.contains(Actions::PULL)
                        || self.sees_namespace(caller, name).await?
                }
            };
            if may_pull {
                granted = granted.with(Actions::PULL);
            }
        }
        if wanted.contains(Actions::DELETE)
            && facts.is_some_and(|facts| decide::<Delete>(caller, &facts).is_ok())
        {
            granted = granted.with(Actions::DELETE);
        }
        Ok(granted)
    }

    async fn sees_namespace(&self, caller: &Caller, name: &RepositoryName) -> Result<bool, Error> {
        if caller.is_anonymous() || !caller.actions.contains(Actions::PULL) {
            return Ok(false);
        }
        let namespace = self.find_namespace(name.namespace()).await?;
        Ok(caller.admin || namespace.is_some_and(|id| caller.role(id).is_some()))
    }
}

fn describe(scope: &Scope) -> String {
    let mut words: Vec<_> = scope
        .repositories
        .iter()
        .map(|entry| format!("repository:{}:{}", entry.repository, entry.actions))
        .collect();
    if scope.catalog {
        words.push("registry:catalog:*".into());
    }
    if scope.mount {
        words.push("registry:mount:*".into());
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_read_as_clients_write_them() {
        let name: RepositoryName = "team/app".parse().unwrap();
        let parse = |text| RequestedScope::parse(text);
        assert_eq!(
            parse("repository:team/app:pull,push"),
            Some(RequestedScope::Repository {
                name: name.clone(),
                actions: Actions::PULL.with(Actions::PUSH)
            })
        );
        assert!(matches!(
            parse("repository:team/app:*"),
            Some(RequestedScope::Repository { actions, .. }) if actions.contains(Actions::DELETE)
        ));
        assert_eq!(parse("registry:catalog:*"), Some(RequestedScope::Catalog));
        for odd in ["", "repository", "repository:UPPER:pull", "alien:x:y"] {
            assert_eq!(parse(odd), None, "{odd}");
        }
    }
}
