//! An image made from a repository on a code host in one step, and the heads of a rule built at once.

use super::{
    draft::RuleDraft,
    page::RulePage,
    starting::{RuleStart, StartFrom},
};
use crate::{
    App, Context, Error,
    repositories::{NewRepository, Repository},
};
use wharf_db::{builds::Build, rules};
use wharf_model::{
    Facts, Granted, NamespaceId, RepositoryId, decide,
    rights::{ManageRules, StartBuild, ViewBuilds},
};
use wharf_oci::RepositoryName;

/// Most heads that are built at once by hand.
const MAX_HEADS: usize = 100;

impl App {
    /// Makes a repository with a rule that builds it. The rule is checked first, and its host asked; when it cannot be made
    /// after all, the repository goes again.
    pub async fn create_repository_from_git(
        &self,
        context: &Context,
        new: NewRepository,
        draft: RuleDraft,
    ) -> Result<(Repository, RulePage), Error> {
        self.may_rule(context, &new.name).await?;
        self.check_draft(&draft)?;
        self.point_at(context, draft.source, &draft.remote).await?;
        let made = self.create_repository(context, new).await?;
        let name = made.facts.name.to_string();
        match self.create_rule(context, &name, draft).await {
            Ok(rule) => Ok((made, rule)),
            Err(error) => {
                self.delete_repository(context, &name).await?;
                Err(error)
            }
        }
    }

    /// Whether the caller may make a repository of this name and, as its maintainer, rules in it.
    async fn may_rule(&self, context: &Context, name: &str) -> Result<(), Error> {
        let name: RepositoryName = name
            .parse()
            .map_err(|error| Error::refused("name", "refused_text", error))?;
        let namespace = self.find_namespace(name.namespace()).await?;
        let namespace = match namespace {
            Some(namespace) => namespace,
            None if context.caller.admin => NamespaceId::new(),
            None => return Err(Error::NotFound),
        };
        let facts = Facts {
            repository: RepositoryId::new(),
            namespace,
            name,
            public: false,
        };
        decide::<ManageRules>(&context.caller, &facts)?;
        Ok(())
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
