//! What a bare repository says: branches, tags, commits and files, asked of git itself.

use std::{path::Path, process::Command};

/// One branch or tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RefFact {
    /// Without `refs/heads/` or `refs/tags/`.
    pub(super) name: String,
    /// What it points at: for an annotated tag the tag object.
    pub(super) object: String,
    /// The commit behind it.
    pub(super) commit: String,
}

/// One commit.
#[derive(Debug, Clone)]
pub(super) struct CommitFact {
    pub(super) id: String,
    pub(super) author: String,
    pub(super) email: String,
    /// RFC 3339.
    pub(super) time: String,
    pub(super) message: String,
}

/// What git printed, or `None` when it did not succeed.
pub(super) fn ask(path: &Path, arguments: &[&str]) -> Option<Vec<u8>> {
    let output = Command::new("git")
        .current_dir(path)
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .env("GIT_CONFIG_COUNT", "1")
        .env("GIT_CONFIG_KEY_0", "safe.directory")
        .env("GIT_CONFIG_VALUE_0", "*")
        .env("LC_ALL", "C")
        .env_remove("GIT_DIR")
        .output()
        .expect("git starts");
    output.status.success().then_some(output.stdout)
}

fn ask_text(path: &Path, arguments: &[&str]) -> Option<String> {
    let bytes = ask(path, arguments)?;
    Some(
        String::from_utf8_lossy(&bytes)
            .trim_end_matches('\n')
            .to_owned(),
    )
}

/// The refs below `refs/heads/` or `refs/tags/`, by name.
pub(super) fn list_refs(path: &Path, folder: &str) -> Vec<RefFact> {
    let format = "--format=%(refname)%09%(objectname)%09%(*objectname)";
    let text = ask_text(path, &["for-each-ref", format, folder]).unwrap_or_default();
    text.lines()
        .filter_map(|line| {
            let mut words = line.split('\t');
            let name = words.next()?.strip_prefix(folder)?.to_owned();
            let object = words.next()?.to_owned();
            let peeled = words.next().filter(|peeled| !peeled.is_empty());
            let commit = peeled.unwrap_or(&object).to_owned();
            Some(RefFact {
                name,
                object,
                commit,
            })
        })
        .collect()
}

/// The commit that a name or id leads to.
pub(super) fn find_commit(path: &Path, revision: &str) -> Option<CommitFact> {
    if revision.starts_with('-') {
        return None;
    }
    let format = "--format=%H%x00%an%x00%ae%x00%cI%x00%B";
    let revision = format!("{revision}^{{commit}}");
    let text = ask_text(path, &["show", "--no-patch", format, &revision])?;
    let mut fields = text.splitn(5, '\0').map(str::to_owned);
    Some(CommitFact {
        id: fields.next()?,
        author: fields.next()?,
        email: fields.next()?,
        time: fields.next()?,
        message: fields.next()?,
    })
}

/// Whether `commit` is `head` or lies behind it.
pub(super) fn is_behind(path: &Path, commit: &str, head: &str) -> bool {
    ask(path, &["merge-base", "--is-ancestor", commit, head]).is_some()
}

/// The default branch, when it has a commit.
pub(super) fn find_default_branch(path: &Path) -> Option<String> {
    let name = ask_text(path, &["symbolic-ref", "--short", "HEAD"])?;
    ask(path, &["rev-parse", "--verify", "--quiet", "HEAD"]).map(|_| name)
}

/// Commits that `after` has and `before` has not, oldest first, at most twenty, and how many there are.
pub(super) fn list_new_commits(
    path: &Path,
    before: Option<&str>,
    after: &str,
) -> (Vec<CommitFact>, usize) {
    let range = match before {
        Some(before) => format!("{before}..{after}"),
        None => after.to_owned(),
    };
    let text = ask_text(path, &["rev-list", "--reverse", &range]).unwrap_or_default();
    let all: Vec<_> = text.lines().collect();
    let newest = &all[all.len().saturating_sub(20)..];
    let facts = newest
        .iter()
        .filter_map(|id| find_commit(path, id))
        .collect();
    (facts, all.len())
}
