//! Whether a branch or tag of a repository leads to a commit.
//!
//! GitHub keeps a repository and its forks in one store and serves any commit of it under each name, so that a commit
//! answers 200 proves nothing. Which branches contain one is not told by its API: heads are asked for directly
//! (`branches-where-head`), history by comparing with each branch, which takes a request each.

use super::{GitHub, wire};
use crate::forge::call::Call;
use crate::forge::{Forge, ForgeError, Reachability, RepositoryPath, Result};
use serde::Deserialize;
use std::collections::HashSet;
use wharf_model::builds::CommitId;

/// Branches and tags that are compared before the answer is "unknown". The default branch comes first and answers nearly
/// always; with many more, a repository of a thousand branches would eat the account's hourly limit.
const MOST_COMPARED: usize = 30;

/// Pages of tags that are looked through for one that points at the commit.
const MOST_PAGES: usize = 10;

#[derive(Deserialize)]
struct Comparison {
    /// How the head stands to the commit: `ahead`, `behind`, `identical`, `diverged`.
    status: String,
}

pub(super) async fn check(
    github: &GitHub,
    path: &RepositoryPath,
    commit: &CommitId,
) -> Result<Reachability> {
    if is_head(github, path, commit).await? {
        return Ok(Reachability::Reachable);
    }
    let mut heads = Heads::default();
    if let Some(name) = github.find_repository(path).await?.default_branch {
        match github.find_commit(path, &name).await {
            Ok(head) => heads.add(head.id),
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error),
        }
    }
    let mut after = None;
    for _ in 0..MOST_PAGES {
        let page = github.list_branches(path, after.as_ref()).await?;
        page.items
            .into_iter()
            .for_each(|branch| heads.add(branch.commit));
        after = page.next;
        if after.is_none() || heads.is_full() {
            break;
        }
    }
    let mut is_complete = after.is_none();
    after = None;
    for _ in 0..MOST_PAGES {
        let page = github.list_tags(path, after.as_ref()).await?;
        if page.items.iter().any(|tag| tag.commit == *commit) {
            return Ok(Reachability::Reachable);
        }
        page.items.into_iter().for_each(|tag| heads.add(tag.commit));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    is_complete &= after.is_none() && heads.found.len() <= MOST_COMPARED;
    for head in heads.found.iter().take(MOST_COMPARED) {
        match compare(github, path, commit, head).await {
            Ok(true) => return Ok(Reachability::Reachable),
            Ok(false) => {}
            // There is no such commit, or nothing in common with that branch.
            Err(ForgeError::NotFound { .. } | ForgeError::Refused { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(match is_complete {
        true => Reachability::Unreachable,
        false => Reachability::Unknown,
    })
}

/// The commits that branches and tags of the repository itself point at, each once, in the order of asking.
#[derive(Default)]
struct Heads {
    found: Vec<CommitId>,
    seen: HashSet<CommitId>,
}

impl Heads {
    fn add(&mut self, commit: CommitId) {
        if self.seen.insert(commit.clone()) {
            self.found.push(commit);
        }
    }

    fn is_full(&self) -> bool {
        self.found.len() > MOST_COMPARED
    }
}

async fn is_head(github: &GitHub, path: &RepositoryPath, commit: &CommitId) -> Result<bool> {
    let place = github.place(path, &format!("/commits/{commit}/branches-where-head"))?;
    let call = Call::get(place, format!("the commit {commit} in {path}"));
    match github.caller.read::<Vec<wire::NamedRef>>(call).await {
        Ok(heads) => Ok(!heads.is_empty()),
        Err(ForgeError::NotFound { .. } | ForgeError::Refused { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether the commit is that head, or lies behind it. The second page of one entry is asked for, because the first one
/// lists every changed file.
async fn compare(
    github: &GitHub,
    path: &RepositoryPath,
    commit: &CommitId,
    head: &CommitId,
) -> Result<bool> {
    let place = github.place(path, &format!("/compare/{commit}...{head}"))?;
    let call = Call::get(place, format!("the commit {commit} in {path}"))
        .with_query("per_page", 1)
        .with_query("page", 2);
    let found: Comparison = github.caller.read(call).await?;
    Ok(matches!(&*found.status, "ahead" | "identical"))
}
