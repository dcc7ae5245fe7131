//! A rule as people see it: what it says, and how it goes.

use super::{deciding::find_stop, definition::Definition, updates::RemoteRef};
use crate::{App, Context, Error, Listed, PageRequest, repositories::parse_name};
use wharf_db::{
    DbError, Tx,
    rules::{
        self, Rule, RuleSecret,
        decisions::{self, DecisionFilter},
        remotes::WatchedRemote,
    },
    webhooks::{self, Webhook},
};
use wharf_model::{
    DecisionId, Granted, Right,
    builds::BuildCause,
    rights::{ManageRules, Pull, ViewBuilds},
};

pub use wharf_db::rules::decisions::Decision;

/// A rule with all that its page shows.
#[derive(Debug, Clone)]
pub struct RulePage {
    /// Its row.
    pub rule: Rule,
    /// What it says.
    pub definition: Definition,
    /// Which build secrets it has.
    pub secrets: Vec<RuleSecret>,
    /// Why its source keeps it from building; a key of the message catalogue (`reason.…`).
    pub stopped: Option<&'static str>,
    /// How asking for its refs goes.
    pub watched: Option<WatchedRemote>,
    /// How its host tells us of pushes.
    pub webhook: Option<Webhook>,
}

/// Which decisions are wanted.
#[derive(Debug, Clone, Default)]
pub struct DecisionQuery {
    /// Of the rule of this name; of all rules when there is none.
    pub rule: Option<String>,
    /// About this ref, by its full name.
    pub reference: Option<String>,
    /// `built`, `skipped`, `superseded`, `seen`.
    pub decision: Option<String>,
}

pub(super) fn load_page(tx: &mut Tx<'_>, rule: Rule) -> Result<RulePage, DbError> {
    let (mut watched, mut webhook) = (None, None);
    if let Some(source) = rule.source {
        watched = rules::remotes::find_remote(tx, source, &rule.remote)?;
        webhook = webhooks::find_by_remote(tx, source, &rule.remote)?;
    }
    Ok(RulePage {
        definition: serde_json::from_str(&rule.definition).unwrap_or_default(),
        secrets: rules::list_rule_secrets(tx, rule.id)?,
        stopped: find_stop(rule.source_state),
        watched,
        webhook,
        rule,
    })
}

impl App {
    /// Decides a right on a repository by its name in an address.
    pub(crate) async fn authorize_named<R: Right<Subject = wharf_model::Facts>>(
        &self,
        context: &Context,
        repository: &str,
    ) -> Result<Granted<R>, Error> {
        let name = parse_name(repository)?;
        self.authorize(&context.caller, &name).await
    }

    /// The two rights that changing a rule needs: one to find it, one to change it.
    pub(super) async fn authorize_change(
        &self,
        context: &Context,
        repository: &str,
    ) -> Result<(Granted<ViewBuilds>, Granted<ManageRules>), Error> {
        Ok((
            self.authorize_named(context, repository).await?,
            self.authorize_named(context, repository).await?,
        ))
    }

    /// One page of a repository's rules, by name. For members of its namespace.
    pub async fn list_rules(
        &self,
        context: &Context,
        repository: &str,
        page: PageRequest,
    ) -> Result<Listed<RulePage>, Error> {
        let right: Granted<ViewBuilds> = self.authorize_named(context, repository).await?;
        let (after, fetch) = (page.key(), page.fetch());
        let found = self.db.read(move |tx| {
            let rules = rules::list_rules(tx, &right, &after, fetch)?;
            rules
                .into_iter()
                .map(|rule| load_page(tx, rule))
                .collect::<Result<Vec<_>, DbError>>()
        });
        let found = found.await.map_err(Error::from)?;
        Ok(page.cut(found, |page| page.rule.name.clone()))
    }

    /// A rule's page.
    pub async fn show_rule(
        &self,
        context: &Context,
        repository: &str,
        name: &str,
    ) -> Result<RulePage, Error> {
        let right: Granted<ViewBuilds> = self.authorize_named(context, repository).await?;
        let name = name.to_owned();
        let found = self.db.read(move |tx| {
            let rule = rules::find_rule(tx, &right, &name)?.ok_or(Error::NotFound)?;
            Ok(load_page(tx, rule)?)
        });
        found.await
    }

    /// One page of what was decided for a repository's rules, newest first.
    pub async fn list_decisions(
        &self,
        context: &Context,
        repository: &str,
        query: DecisionQuery,
        page: PageRequest,
    ) -> Result<Listed<Decision>, Error> {
        let right: Granted<ViewBuilds> = self.authorize_named(context, repository).await?;
        let before: Option<DecisionId> = match &page.after {
            Some(key) => Some(
                key.parse()
                    .map_err(|_| Error::invalid("after", "not_a_cursor"))?,
            ),
            None => None,
        };
        let decision = query.decision.clone().unwrap_or_default();
        if !["", "built", "skipped", "superseded", "seen"].contains(&decision.as_str()) {
            return Err(Error::invalid("decision", "unknown_value"));
        }
        let fetch = page.fetch();
        let found = self.db.read(move |tx| {
            let rule = match &query.rule {
                Some(name) => Some(
                    rules::find_rule(tx, &right, name)?
                        .ok_or(Error::NotFound)?
                        .id,
                ),
                None => None,
            };
            let filter = DecisionFilter {
                rule,
                reference: query.reference.clone().unwrap_or_default(),
                decision: decision.clone(),
            };
            let list = decisions::list_decisions(tx, &right, &filter, before, fetch)?;
            Ok::<_, Error>(list)
        });
        let mut listed = page.cut(found.await?, |decision| decision.id.to_string());
        for decision in &mut listed.items {
            self.hide_base(context, decision).await;
        }
        Ok(listed)
    }

    /// What a private repository of others is called is not told by what was built because of it.
    async fn hide_base(&self, context: &Context, decision: &mut Decision) {
        if decision.cause != BuildCause::Link.as_str() {
            return;
        }
        let name = decision.origin.rsplit_once(':').map(|(name, _)| name);
        let readable = match name.and_then(|name| name.parse().ok()) {
            Some(name) => self.authorize::<Pull>(&context.caller, &name).await.is_ok(),
            None => false,
        };
        if !readable {
            decision.origin.clear();
        }
    }
}

/// Refs in the order in which people look for them: branches before tags, by name.
pub(super) fn sort_refs(refs: &mut [RemoteRef]) {
    refs.sort_by(|one, other| {
        let key = |found: &RemoteRef| (found.reference.kind(), found.reference.short().to_owned());
        key(one).cmp(&key(other))
    });
}
