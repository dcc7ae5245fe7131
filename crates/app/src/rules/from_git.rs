//! An image made from a repository on a code host in one step, and the heads of a rule built at once.

use super::{
    create::{follow_remote, insert_rule},
    draft::RuleDraft,
    page::RulePage,
    starting::{RuleStart, StartFrom},
};
use crate::{
    App, Context, Error,
    repositories::{NewRepository, Repository, insert_planned},
};
use wharf_db::{Durability, builds::Build, rules};
use wharf_model::{
    Granted, decide,
    rights::{ManageRules, StartBuild, ViewBuilds},
};

/// Most heads that are built at once by hand.
const MAX_HEADS: usize = 100;

impl App {
    /// Makes a repository with a rule that builds it, in one transaction: there are both or neither. Before it the rule is
    /// checked, and its host asked.
    pub async fn create_repository_from_git(
        &self,
        context: &Context,
        new: NewRepository,
        draft: RuleDraft,
    ) -> Result<(Repository, RulePage), Error> {
        let planned = self.plan_repository(context, new).await?;
        let right: Granted<ManageRules> = decide(&context.caller, planned.facts())?;
        self.check_draft(&draft)?;
        let pointed = self.point_at(context, draft.source, &draft.remote).await?;
        let next_at = self
            .find_next_look(pointed.source.id, &pointed.remote, 0)
            .await?;
        let (context, vault, now) = (context.clone(), self.vault.clone(), self.clock.now());
        let name = planned.facts().name.clone();
        let made = self.db.write(Durability::Durable, move |tx| {
            let repository = insert_planned(tx, &context, &planned)?;
            let rule = insert_rule(tx, &right, &context, &vault, &draft, &pointed, now)?;
            follow_remote(tx, &pointed, next_at, now)?;
            Ok::<_, Error>((repository, rule))
        });
        let made = made.await?;
        self.memory.repositories.forget(&name);
        self.wake_webhooks();
        Ok(made)
    }

    /// Builds the present heads that a rule chooses, as if they were pushed now: for a rule that is new, which took them as
    /// seen.
    pub async fn build_heads(
        &self,
        context: &Context,
        repository: &str,
        name: &str,
    ) -> Result<Vec<Build>, Error> {
        let _: Granted<StartBuild> = self.authorize_named(context, repository).await?;
        let seen: Granted<ViewBuilds> = self.authorize_named(context, repository).await?;
        let rule_name = name.to_owned();
        let find = self
            .db
            .read(move |tx| rules::find_rule(tx, &seen, &rule_name));
        let rule = find.await.map_err(Error::from)?.ok_or(Error::NotFound)?;
        let source = rule.source.ok_or(Error::Conflict {
            what: "source_gone",
        })?;
        let chosen = self.list_chosen_refs(source, rule).await?;
        if chosen.len() > MAX_HEADS {
            return Err(Error::refused("rule", "too_many", MAX_HEADS));
        }
        let mut builds = Vec::new();
        for found in chosen {
            let start = RuleStart {
                rule: name.to_owned(),
                from: StartFrom::Ref(found.reference),
                version: None,
                no_cache: false,
            };
            builds.push(self.start_rule_build(context, repository, start).await?);
        }
        Ok(builds)
    }
}
