//! An image made from a repository on a code host in one step, and the heads of a rule built at once.

use super::{
    create::{follow_remote, insert_rule},
    deciding::{Origin, record_start, understand},
    draft::RuleDraft,
    page::RulePage,
    planning::{Understood, Wanted},
    starting::{audit_start, plan_by_hand},
    updates::RemoteRef,
};
use crate::{
    App, Context, Error, Settings,
    builds::require_room,
    repositories::{NewRepository, Repository, insert_planned},
};
use wharf_db::{
    Durability, Tx,
    builds::{self, Build},
    rules,
};
use wharf_model::{
    Granted, Timestamp,
    builds::{BuildCause, TrustClass},
    decide,
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
    /// seen. Its host is asked once, and all of them are queued or none.
    pub async fn build_heads(
        &self,
        context: &Context,
        repository: &str,
        name: &str,
    ) -> Result<Vec<Build>, Error> {
        let right: Granted<StartBuild> = self.authorize_named(context, repository).await?;
        let seen: Granted<ViewBuilds> = self.authorize_named(context, repository).await?;
        let (seen, name) = (seen, name.to_owned());
        let exists = {
            let (seen, name) = (seen.clone(), name.clone());
            let find = self.db.read(move |tx| rules::find_rule(tx, &seen, &name));
            find.await.map_err(Error::from)?.is_some()
        };
        if !exists {
            return Err(Error::NotFound);
        }
        let (rule, source) = self.find_startable(&seen, &name).await?;
        let id = rule.rule.id;
        let chosen = self.list_chosen_refs(source, rule.rule).await?;
        if chosen.len() > MAX_HEADS {
            return Err(Error::refused("rule", "too_many", MAX_HEADS));
        }
        let (settings, context, now) = (self.settings.clone(), context.clone(), self.clock.now());
        let started = self.db.write(Durability::Durable, move |tx| {
            let rule = rules::find_rule_by_id(tx, id)?.ok_or(Error::NotFound)?;
            let rule = understand(rule).ok_or(Error::Conflict {
                what: "rule_broken",
            })?;
            let mut builds = Vec::new();
            for found in &chosen {
                builds.push(start_head(
                    tx, &settings, &context, &right, &rule, found, now,
                )?);
            }
            Ok::<_, Error>(builds)
        });
        let builds = started.await?;
        self.wake_builds();
        Ok(builds)
    }
}

/// Queues a build of a ref as it is now.
fn start_head(
    tx: &mut Tx<'_>,
    settings: &Settings,
    context: &Context,
    right: &Granted<StartBuild>,
    rule: &Understood,
    found: &RemoteRef,
    now: Timestamp,
) -> Result<Build, Error> {
    let starter = context.caller.principal();
    let wanted = Wanted {
        reference: Some(&found.reference),
        commit: &found.commit,
        trust: TrustClass::Rule,
        follow_head: true,
        cause: BuildCause::Manual,
        author: "",
        message: "",
        started_by: &context.caller.name,
        starter: Some(&starter),
        tags: None,
        no_cache: false,
    };
    let planned = plan_by_hand(tx, settings, rule, wanted, now)?;
    require_room(tx, settings, &planned)?;
    let build = builds::insert_build(tx, &planned)?;
    let origin = Origin {
        cause: BuildCause::Manual,
        origin: &context.caller.name,
        now,
    };
    record_start(tx, rule.rule.id, found, build.id, origin)?;
    audit_start(tx, context, right, &build, now)?;
    Ok(build)
}
