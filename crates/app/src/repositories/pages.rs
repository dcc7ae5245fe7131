//! Repositories: listed, shown, created, edited, and deleted with all their versions.

use crate::{
    App, Context, Error, Listed, PageRequest,
    access::decide_creation,
    accounts::{check_line, check_prose, check_reserved, parse_namespace_name, require_person},
    audit::record_audit,
    list::{read_place, write_place},
    registry::viewer,
    rules::end_rules,
    triggers::end_triggers_of_repository,
    webhooks::end_unused_webhooks,
};
use serde_json::json;
use wharf_db::{
    Direction, Durability, Tx, accounts, namespaces, repositories,
    repository_list::{self, RepositoryFilter},
};
use wharf_model::{
    AuditAction, Caller, Facts, Granted, Identity, NamespaceId, RepositoryId, UserId, decide,
    rights::{Delete, Edit, Pull, ViewBuilds},
};
use wharf_oci::{NameError, RepositoryName};

pub use wharf_db::{
    repositories::{LastBuild, Repository, RepositoryEdit},
    repository_list::RepositorySort,
};

/// Longest short description, in characters: a line under the name.
const MAX_SHORT: usize = 100;

/// Longest description, in bytes: a long README.
pub(crate) const MAX_DESCRIPTION: usize = 100 * 1024;

/// Longest term looked for: no name is longer.
pub(crate) const MAX_TERM: usize = 255;

/// Which repositories are wanted.
#[derive(Debug, Clone, Default)]
pub struct RepositoryQuery {
    /// Only those of this namespace.
    pub namespace: Option<String>,
    /// Only those whose name or short description contains this.
    pub term: Option<String>,
    /// Only those of namespaces that the caller belongs to; all of them for administrators.
    pub only_member: bool,
    /// Only the caller's favorites.
    pub only_favorites: bool,
    /// Only public ones, or only those that are not.
    pub public: Option<bool>,
    /// Whether long descriptions are left out: then none ends a page early.
    pub brief: bool,
    /// The order.
    pub sort: RepositorySort,
    /// Its direction.
    pub direction: Direction,
}

/// A repository to be made.
#[derive(Debug, Clone)]
pub struct NewRepository {
    /// Its full name.
    pub name: String,
    /// Whether anybody may pull from it.
    pub public: bool,
    /// A line of text.
    pub short_description: String,
    /// Markdown.
    pub description: String,
}

/// A repository that its maker may make.
#[derive(Debug, Clone)]
pub(crate) struct PlannedRepository {
    new: repositories::NewRepository,
    new_namespace: bool,
}

impl PlannedRepository {
    /// What it will be.
    pub(crate) fn facts(&self) -> &Facts {
        &self.new.facts
    }
}

/// Makes a planned repository, with its namespace where that is new.
pub(crate) fn insert_planned(
    tx: &mut Tx<'_>,
    context: &Context,
    planned: &PlannedRepository,
) -> Result<Repository, Error> {
    let (new, now) = (&planned.new, planned.new.at);
    let namespace = new.facts.namespace;
    if planned.new_namespace {
        let (name, by) = (new.facts.name.namespace(), &*context.caller.name);
        if !accounts::insert_namespace(tx, namespace, name, "", by, now)? {
            return Err(Error::changed_meanwhile());
        }
        let (id, details) = (Some(namespace), json!({}));
        record_audit(
            tx,
            context,
            now,
            AuditAction::NamespaceCreate,
            name,
            id,
            &details,
        )?;
    } else if !namespaces::is_there(tx, namespace)? {
        return Err(Error::NotFound);
    }
    if !repositories::insert_repository(tx, new)? {
        return Err(Error::Conflict { what: "repository" });
    }
    let details = json!({ "public": new.facts.public });
    let (target, id) = (new.facts.name.as_str(), Some(namespace));
    record_audit(
        tx,
        context,
        now,
        AuditAction::RepositoryCreate,
        target,
        id,
        &details,
    )?;
    Ok(Repository {
        facts: new.facts.clone(),
        short_description: new.short_description.clone(),
        description: new.description.clone(),
        size: 0,
        tag_count: 0,
        pull_count: 0,
        favorite: false,
        created_at: now,
        last_push_at: None,
        latest_tag: None,
        last_build: None,
    })
}

/// The name in an address; what is no name names nothing.
pub(crate) fn parse_name(text: &str) -> Result<RepositoryName, Error> {
    text.parse().map_err(|_| Error::NotFound)
}

pub(super) fn user_of(caller: &Caller) -> Option<UserId> {
    match caller.identity {
        Identity::User(id) => Some(id),
        Identity::Anonymous | Identity::Robot(_) | Identity::Build(_) => None,
    }
}

impl App {
    /// One page of the repositories that the caller may pull from; long descriptions end it early.
    pub async fn list_repositories(
        &self,
        context: &Context,
        query: RepositoryQuery,
        page: PageRequest,
    ) -> Result<Listed<Repository>, Error> {
        if query.only_favorites {
            require_person(&context.caller)?;
        }
        if query
            .term
            .as_ref()
            .is_some_and(|term| term.len() > MAX_TERM)
        {
            return Err(Error::invalid("q", "too_long"));
        }
        let by_name = query.sort == RepositorySort::Name;
        let mut filter = RepositoryFilter {
            term: query.term.unwrap_or_default(),
            only_member: query.only_member,
            only_favorites: query.only_favorites,
            public: query.public,
            brief: query.brief,
            sort: query.sort,
            direction: query.direction,
            after: read_place(&page, by_name)?,
            namespace: None,
        };
        if let Some(name) = &query.namespace {
            // Nothing is in a namespace that does not exist, and nothing visible in a hidden one.
            filter.namespace = match self.find_namespace(name).await? {
                None => return Ok(page.cut(Vec::new(), |_| String::new())),
                found => found,
            };
        }
        let (caller, room) = (context.caller.clone(), page.room());
        let found = self.db.read(move |tx| {
            let member_of: Vec<_> = caller.roles.keys().copied().collect();
            let viewer = viewer(&caller, &member_of);
            repository_list::list_repositories(tx, viewer, &filter, room)
        });
        let mut found = found.await.map_err(Error::from)?;
        for repository in &mut found.items {
            hide_builds(repository, &context.caller);
        }
        let sort = query.sort;
        Ok(Listed::of(found, |repository| {
            let name = repository.facts.name.as_str();
            write_place(by_name, sort.number(repository), name)
        }))
    }

    /// A repository's page.
    pub async fn show_repository(
        &self,
        context: &Context,
        name: &str,
    ) -> Result<Repository, Error> {
        let name = parse_name(name)?;
        let right: Granted<Pull> = self.authorize(&context.caller, &name).await?;
        let user = user_of(&context.caller);
        let found = self
            .db
            .read(move |tx| repositories::load_repository(tx, &right, user));
        let mut found = found.await.map_err(Error::from)?.ok_or(Error::NotFound)?;
        hide_builds(&mut found, &context.caller);
        Ok(found)
    }

    /// Makes an empty repository; an administrator's also makes its namespace.
    pub async fn create_repository(
        &self,
        context: &Context,
        new: NewRepository,
    ) -> Result<Repository, Error> {
        let planned = self.plan_repository(context, new).await?;
        let (context, name) = (context.clone(), planned.facts().name.clone());
        let made = self.db.write(Durability::Durable, move |tx| {
            insert_planned(tx, &context, &planned)
        });
        let made = made.await?;
        self.memory.repositories.forget(&name);
        self.triggers.tell_event();
        Ok(made)
    }

    /// Whether the caller may make this repository, and what it will be.
    pub(crate) async fn plan_repository(
        &self,
        context: &Context,
        new: NewRepository,
    ) -> Result<PlannedRepository, Error> {
        let caller = &context.caller;
        if caller.is_anonymous() {
            return Err(Error::Unauthenticated);
        }
        let name: RepositoryName = new.name.parse().map_err(refuse_name)?;
        let found = self.find_namespace(name.namespace()).await?;
        let new_namespace = found.is_none() && caller.admin;
        let namespace = match found {
            Some(id) => id,
            None if caller.admin => NamespaceId::new(),
            None => return Err(Error::NotFound),
        };
        decide_creation(caller, namespace, &name)?;
        if new_namespace {
            check_reserved("name", name.namespace())?;
            parse_namespace_name(name.namespace())?;
        }
        check_line("short_description", &new.short_description, MAX_SHORT)?;
        check_prose("description", &new.description, MAX_DESCRIPTION)?;
        Ok(PlannedRepository {
            new_namespace,
            new: repositories::NewRepository {
                facts: Facts {
                    repository: RepositoryId::new(),
                    namespace,
                    name,
                    public: new.public,
                },
                short_description: new.short_description,
                description: new.description,
                created_by: context.caller.name.to_string(),
                at: self.clock.now(),
            },
        })
    }

    /// Edits what is said about a repository, and who may pull from it: that holds from the next request.
    pub async fn edit_repository(
        &self,
        context: &Context,
        name: &str,
        edit: RepositoryEdit,
    ) -> Result<Repository, Error> {
        let name = parse_name(name)?;
        let seen: Granted<Pull> = self.authorize(&context.caller, &name).await?;
        let right: Granted<Edit> = self.authorize(&context.caller, &name).await?;
        if let Some(text) = &edit.short_description {
            check_line("short_description", text, MAX_SHORT)?;
        }
        if let Some(text) = &edit.description {
            check_prose("description", text, MAX_DESCRIPTION)?;
        }
        let (context, now) = (context.clone(), self.clock.now());
        let edited = self.db.write(Durability::Durable, move |tx| {
            let actor = &*context.caller.name;
            repositories::edit_repository(tx, &right, &edit, actor, now)?;
            let user = user_of(&context.caller);
            let page = repositories::load_repository(tx, &seen, user)?.ok_or(Error::NotFound)?;
            let details = json!({ "public": edit.public });
            let (facts, id) = (right.subject(), Some(right.subject().namespace));
            let target = facts.name.as_str();
            record_audit(
                tx,
                &context,
                now,
                AuditAction::RepositoryEdit,
                target,
                id,
                &details,
            )?;
            Ok::<_, Error>(page)
        });
        let edited = edited.await?;
        self.memory.repositories.forget(&name);
        self.triggers.tell_event();
        Ok(edited)
    }

    /// Deletes a repository with all its tags and versions. Bytes stay until they are collected.
    pub async fn delete_repository(&self, context: &Context, name: &str) -> Result<(), Error> {
        let name = parse_name(name)?;
        let right: Granted<Delete> = self.authorize(&context.caller, &name).await?;
        let (context, now) = (context.clone(), self.clock.now());
        let vault = self.vault.clone();
        let deleted = self.db.write(Durability::Durable, move |tx| {
            let facts = right.subject();
            let actor = &*context.caller.name;
            end_rules(tx, facts.repository, actor, now)?;
            end_triggers_of_repository(tx, facts.namespace, facts.repository, actor, now)?;
            if !repositories::delete_repository(tx, &right, actor, now)? {
                return Err(Error::NotFound);
            }
            end_unused_webhooks(tx, &vault, now)?;
            let (target, id, details) = (facts.name.as_str(), Some(facts.namespace), json!({}));
            record_audit(
                tx,
                &context,
                now,
                AuditAction::RepositoryDelete,
                target,
                id,
                &details,
            )?;
            Ok(())
        });
        deleted.await?;
        self.wake_webhooks();
        // Tags, manifests and links are remembered by the repository's id, which never comes back.
        self.memory.repositories.forget(&name);
        self.triggers.tell_event();
        // Those that run for it end.
        self.wake_builds();
        Ok(())
    }
}

/// Of a public repository, builds are for members alone.
fn hide_builds(repository: &mut Repository, caller: &Caller) {
    if decide::<ViewBuilds>(caller, &repository.facts).is_err() {
        repository.last_build = None;
    }
}

fn refuse_name(error: NameError) -> Error {
    let reason = match error {
        NameError::Empty => "empty",
        NameError::TooLong { .. } => "too_long",
        NameError::Character { .. } => "invalid_characters",
        NameError::EmptyComponent | NameError::Separator { .. } => "malformed",
    };
    Error::invalid("name", reason)
}
