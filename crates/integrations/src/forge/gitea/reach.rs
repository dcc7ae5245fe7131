//! Whether a branch or tag of a repository leads to a commit.
//!
//! A repository also holds what pull requests brought (`refs/pull/…`), so that a commit is there proves nothing. The API
//! does not tell which branches contain one; but it lists the commits of one that are not in another (`not`, since 1.20),
//! and there are none exactly when the other contains it.

use super::Gitea;
use crate::forge::call::Call;
use crate::forge::{Forge, Reachability, RepositoryPath, Result};
use serde::de::IgnoredAny;
use std::collections::HashSet;
use wharf_model::builds::CommitId;

/// Branches and tags that are compared before the answer is "unknown"; see the same bound for GitHub.
const MOST_COMPARED: usize = 30;

/// Pages of branches and of tags that are looked through for one that points at the commit.
const MOST_PAGES: usize = 20;

pub(super) async fn check(
    gitea: &Gitea,
    path: &RepositoryPath,
    commit: &CommitId,
) -> Result<Reachability> {
    let repository = gitea.find_repository(path).await?;
    match gitea.find_commit(path, commit.as_str()).await {
        Err(error) if error.is_not_found() => return Ok(Reachability::Unreachable),
        outcome => drop(outcome?),
    }
    let mut heads = Vec::new();
    let mut after = None;
    for _ in 0..MOST_PAGES {
        let page = gitea.list_branches(path, after.as_ref()).await?;
        let is_default = |name: &str| repository.default_branch.as_deref() == Some(name);
        for branch in page.items {
            match is_default(&branch.name) {
                true => heads.insert(0, branch.commit),
                false => heads.push(branch.commit),
            }
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let mut is_complete = after.is_none();
    after = None;
    for _ in 0..MOST_PAGES {
        let page = gitea.list_tags(path, after.as_ref()).await?;
        heads.extend(page.items.into_iter().map(|tag| tag.commit));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    is_complete &= after.is_none();
    if heads.contains(commit) {
        return Ok(Reachability::Reachable);
    }
    // A server that does not know `not` lists the commit as missing from itself.
    if !is_behind(gitea, path, commit, commit).await? {
        return Ok(Reachability::Unknown);
    }
    let mut seen = HashSet::new();
    heads.retain(|head| seen.insert(head.clone()));
    is_complete &= heads.len() <= MOST_COMPARED;
    for head in heads.iter().take(MOST_COMPARED) {
        if is_behind(gitea, path, commit, head).await? {
            return Ok(Reachability::Reachable);
        }
    }
    Ok(match is_complete {
        true => Reachability::Unreachable,
        false => Reachability::Unknown,
    })
}

/// Whether the commit is that head, or lies behind it.
async fn is_behind(
    gitea: &Gitea,
    path: &RepositoryPath,
    commit: &CommitId,
    head: &CommitId,
) -> Result<bool> {
    let call = Call::get(
        gitea.place(path, "/commits")?,
        format!("the commit {commit} in {path}"),
    )
    .with_query("sha", commit)
    .with_query("not", head)
    .with_query("limit", 1)
    .with_query("stat", false)
    .with_query("verification", false)
    .with_query("files", false);
    let missing: Vec<IgnoredAny> = gitea.caller.read(call).await?;
    Ok(missing.is_empty())
}
