//! What rules and builds ask remote repositories, through the source that they use: refs by git itself, the rest by the
//! host's API where it has one.

use super::{
    gate::{Asking, GitPass},
    page::sort_refs,
    updates::RemoteRef,
};
use crate::{
    App, Error,
    sources::{HostFailure, HostProblem, OpenSource, tell_story},
};
use std::collections::{HashMap, HashSet};
use wharf_db::{DbError, sources::Source, webhooks};
use wharf_git::{Access, Git, GitError, Head, Listing, RefKinds};
use wharf_integrations::forge::{Reachability, RepositoryPath};
use wharf_model::{
    RemotePath, SourceId,
    builds::{CommitId, CommitPrefix, RefName},
};

impl App {
    /// The branches and tags of a remote repository as git tells them now. An ssh server's key that was not known is kept.
    pub(crate) async fn list_remote_refs(
        &self,
        source: SourceId,
        remote: &RemotePath,
    ) -> Result<Vec<RemoteRef>, Error> {
        self.ask_refs(Asking::Looking, source, remote).await
    }

    async fn ask_refs(
        &self,
        asking: Asking,
        source: SourceId,
        remote: &RemotePath,
    ) -> Result<Vec<RemoteRef>, Error> {
        let open = self.open_source(source).await?;
        let access = open.git_access(remote)?;
        let _pass = self.enter_gate(asking, &open, &access).await?;
        match self
            .git()?
            .list_refs(&access, RefKinds::BranchesAndTags)
            .await
        {
            Ok(listing) => {
                self.keep_host_keys(source, &listing.learnt).await?;
                self.note_source(source, None).await?;
                Ok(read_listing(listing))
            }
            Err(error) => {
                let failure = describe_git_error(&access, &error);
                if failure.problem.is_about_account() {
                    self.note_source(source, Some(&failure)).await?;
                }
                Err(failure.into())
            }
        }
    }

    /// Whether a source that is not kept yet may read a repository, as git tells.
    pub(crate) async fn try_remote(
        &self,
        open: &OpenSource,
        remote: &RemotePath,
    ) -> Result<(), Error> {
        let access = open.git_access(remote)?;
        let _pass = self.enter_gate(Asking::Looking, open, &access).await?;
        let listed = self.git()?.list_refs(&access, RefKinds::BranchesAndTags);
        match listed.await {
            Ok(_) => Ok(()),
            Err(error) => Err(describe_git_error(&access, &error).into()),
        }
    }

    /// The commit that a branch or tag stands at now; none when it is not there. For a build that publishes, whose question
    /// waits behind nobody who only looks.
    pub(crate) async fn find_remote_commit(
        &self,
        source: SourceId,
        remote: &RemotePath,
        reference: &RefName,
    ) -> Result<Option<CommitId>, Error> {
        let refs = self.ask_refs(Asking::Publishing, source, remote).await?;
        let found = refs.into_iter().find(|found| found.reference == *reference);
        Ok(found.map(|found| found.commit))
    }

    /// Whether the host tells us of pushes, as far as we know.
    pub(crate) async fn is_told_of(
        &self,
        source: SourceId,
        remote: &RemotePath,
    ) -> Result<bool, Error> {
        let remote = remote.clone();
        let find = self.db.look_up(move |tx| {
            let found = webhooks::find_by_remote(tx, source, &remote)?;
            Ok::<_, DbError>(found.is_some_and(|found| found.tells()))
        });
        find.await.map_err(Error::from)
    }

    /// The path as the host writes it: hosts find repositories in any case and under former names.
    pub(super) async fn find_canonical_remote(
        &self,
        source: &Source,
        remote: &RemotePath,
    ) -> Result<RemotePath, Error> {
        if !source.kind.has_api() {
            return Ok(remote.clone());
        }
        let open = self.open_source(source.id).await?;
        let path = read_path(remote)?;
        let found = open.forge()?.find_repository(&path).await;
        let found = found.map_err(HostFailure::from)?;
        let path: Result<RemotePath, _> = found.path.as_str().parse();
        path.map_err(Error::internal)
    }

    /// The branch that a remote repository shows first, where its host tells.
    pub(crate) async fn find_default_branch(
        &self,
        source: SourceId,
        remote: &RemotePath,
    ) -> Result<Option<RefName>, Error> {
        let open = self.open_source(source).await?;
        if !open.source.kind.has_api() {
            let access = open.git_access(remote)?;
            let _pass = self.enter_gate(Asking::Looking, &open, &access).await?;
            let head = self.git()?.find_default_branch(&access).await;
            let head = head.map_err(|error| describe_git_error(&access, &error))?;
            return Ok(head.and_then(|name| name.as_str().parse().ok()));
        }
        let found = open.forge()?.find_repository(&read_path(remote)?).await;
        let branch = found.map_err(HostFailure::from)?.default_branch;
        Ok(branch.and_then(|name| RefName::branch(&name).ok()))
    }

    /// Whether a branch or tag of the repository leads to a commit. Where nobody can tell it counts as unreachable: what it
    /// is not trusted with costs less than what it might do.
    pub(super) async fn is_remote_commit_reachable(
        &self,
        source: SourceId,
        remote: &RemotePath,
        commit: &CommitId,
    ) -> Result<bool, Error> {
        let open = self.open_source(source).await?;
        if !open.source.kind.has_api() {
            let access = open.git_access(remote)?;
            let _pass = self.enter_gate(Asking::Looking, &open, &access).await?;
            let commit = commit.as_str().parse().map_err(Error::internal)?;
            let asked = self.git()?.is_reachable(&access, &commit).await;
            return Ok(asked.map_err(|error| describe_git_error(&access, &error))?);
        }
        let asked = open
            .forge()?
            .check_reachable(&read_path(remote)?, commit)
            .await;
        Ok(asked.map_err(HostFailure::from)? == Reachability::Reachable)
    }

    /// The commit that a branch or tag of the repository leads to and that begins so. Git is asked of every kind of host: their
    /// APIs know fewer digits in ways of their own, and take names of branches for them.
    pub(super) async fn find_beginning_commit(
        &self,
        source: SourceId,
        remote: &RemotePath,
        prefix: &CommitPrefix,
    ) -> Result<CommitId, Error> {
        let open = self.open_source(source).await?;
        let access = open.git_access(remote)?;
        let _pass = self.enter_gate(Asking::Looking, &open, &access).await?;
        let wanted = prefix.as_str().parse().map_err(Error::internal)?;
        let found = self.git()?.find_commits(&access, &wanted).await;
        match found
            .map_err(|error| describe_git_error(&access, &error))?
            .as_slice()
        {
            [commit] => commit.as_str().parse().map_err(Error::internal),
            [] => Err(Error::refused("commit", "no_such_commit", prefix.as_str())),
            _ => Err(Error::refused(
                "commit",
                "ambiguous_commit",
                prefix.as_str(),
            )),
        }
    }

    /// Messages and authors of commits that refs point to, by the host's API or by git; what nobody tells nobody asked to
    /// skip.
    pub(super) async fn find_remote_messages(
        &self,
        source: SourceId,
        remote: &RemotePath,
        refs: &[RemoteRef],
    ) -> Result<HashMap<CommitId, (String, String)>, Error> {
        let open = self.open_source(source).await?;
        let mut found = HashMap::new();
        if !open.source.kind.has_api() {
            let heads: Result<Vec<Head>, GitError> = refs.iter().map(read_head).collect();
            let access = open.git_access(remote)?;
            let heads = heads.map_err(Error::internal)?;
            let _pass = self.enter_gate(Asking::Looking, &open, &access).await?;
            let notes = self.git()?.read_notes(&access, &heads).await;
            for note in notes.map_err(|error| describe_git_error(&access, &error))? {
                if let Ok(commit) = note.commit.as_str().parse() {
                    found.insert(commit, (note.message, note.author));
                }
            }
            return Ok(found);
        }
        let (forge, path) = (open.forge()?, read_path(remote)?);
        let commits: HashSet<_> = refs.iter().map(|one| &one.commit).collect();
        for commit in commits {
            // One that the host does not tell of says nothing about the others.
            if let Ok(told) = forge.find_commit(&path, commit.as_str()).await {
                let note = (told.message, told.author.unwrap_or_default());
                found.insert(commit.clone(), note);
            }
        }
        Ok(found)
    }

    /// Waits until few enough questions to the host, with the owner's sources, and in all are under way.
    async fn enter_gate(
        &self,
        asking: Asking,
        open: &OpenSource,
        access: &Access,
    ) -> Result<GitPass, Error> {
        let host = format!("{}:{}", access.remote.host(), access.remote.port());
        self.git_gate.enter(asking, open.source.owner, &host).await
    }

    /// Git, if this machine has it and can run it.
    fn git(&self) -> Result<&Git, Error> {
        self.git.as_ref().map_err(|_| Error::Conflict {
            what: "git_unavailable",
        })
    }
}

fn read_path(remote: &RemotePath) -> Result<RepositoryPath, Error> {
    remote
        .as_str()
        .parse()
        .map_err(|_| Error::invalid("remote", "malformed"))
}

/// A ref in git's words.
fn read_head(found: &RemoteRef) -> Result<Head, GitError> {
    Ok(Head {
        name: found.reference.as_str().parse()?,
        object: found.object.as_str().parse()?,
        peeled: None,
    })
}

/// What git listed, in our words. Names that are none here (longer than any host allows) start nothing.
fn read_listing(listing: Listing) -> Vec<RemoteRef> {
    let mut refs: Vec<_> = listing
        .heads
        .into_iter()
        .filter_map(|head| {
            Some(RemoteRef {
                reference: head.name.as_str().parse().ok()?,
                commit: head.commit().as_str().parse().ok()?,
                object: head.object.as_str().parse().ok()?,
            })
        })
        .collect();
    sort_refs(&mut refs);
    refs
}

/// What a failed look is called in rows, and the sentence of whoever failed.
pub(super) fn describe_failure(error: &Error) -> (&'static str, String) {
    match error {
        Error::Upstream(failure) => (failure.problem.as_str(), failure.detail.clone()),
        Error::Conflict { what } => (what, String::new()),
        Error::Invalid { reason, .. } => (reason, String::new()),
        Error::Refused { reason, detail, .. } => (reason, detail.clone()),
        other => ("host_failed", other.to_string()),
    }
}

/// What git has against it, in the words that rows, the API and the catalogue share.
fn describe_git_error(access: &Access, error: &GitError) -> HostFailure {
    let host = format!("{}:{}", access.remote.host(), access.remote.port());
    let (problem, allow) = match error {
        GitError::Unreachable { error, .. } if error.is_refusal => {
            (HostProblem::EgressRefused, Some(host.clone()))
        }
        GitError::Unreachable { .. } | GitError::TimedOut { .. } | GitError::Tls { .. } => {
            (HostProblem::Unreachable, None)
        }
        GitError::NotFound { .. } => (HostProblem::Missing, None),
        GitError::Denied { .. } => (HostProblem::Unauthorized, None),
        GitError::HostKeyChanged { .. } => (HostProblem::HostKeyChanged, None),
        _ => (HostProblem::HostFailed, None),
    };
    HostFailure {
        problem,
        host,
        detail: tell_story(error),
        allow,
        retry_after: None,
        is_transient: error.is_transient(),
    }
}
