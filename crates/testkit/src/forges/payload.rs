//! What a code host says of a push, in the form that it publishes.

use serde_json::{Value, json};

use super::facts::{self, CommitFact, RefFact};
use super::state::{ForgeProduct, Repository, Shared};
use super::{gitea, github};

/// One ref that changed.
pub(super) struct Change {
    /// `refs/heads/…` or `refs/tags/…`.
    pub(super) name: String,
    pub(super) before: Option<RefFact>,
    pub(super) after: Option<RefFact>,
}

/// An event: its word in the header, the word by which webhooks ask for it, and its body.
pub(super) struct Event {
    pub(super) header: &'static str,
    pub(super) subscription: &'static str,
    pub(super) body: Value,
}

const NOTHING: &str = "0000000000000000000000000000000000000000";

/// The event of a change.
pub(super) fn describe(shared: &Shared, found: &Repository, change: &Change) -> Event {
    match shared.product {
        ForgeProduct::GitHub => describe_for_github(shared, found, change),
        ForgeProduct::GitLab => describe_for_gitlab(shared, found, change),
        ForgeProduct::Gitea => describe_for_gitea(shared, found, change),
    }
}

struct Facts {
    before: String,
    after: String,
    commits: Vec<CommitFact>,
    count: usize,
    head: Option<CommitFact>,
    is_forced: bool,
}

fn look(found: &Repository, change: &Change) -> Facts {
    let disk = found.git.as_ref().expect("it was pushed to").path();
    let object = |fact: &Option<RefFact>| {
        fact.as_ref()
            .map_or_else(|| NOTHING.to_owned(), |fact| fact.object.clone())
    };
    let (old, new) = (
        change.before.as_ref().map(|fact| &*fact.commit),
        change.after.as_ref().map(|fact| &*fact.commit),
    );
    let is_branch = change.name.starts_with("refs/heads/");
    let (commits, count) = match new.filter(|_| is_branch) {
        Some(new) => facts::list_new_commits(disk, old, new),
        None => (Vec::new(), 0),
    };
    Facts {
        before: object(&change.before),
        after: object(&change.after),
        commits,
        count,
        head: new.and_then(|new| facts::find_commit(disk, new)),
        is_forced: matches!((old, new), (Some(old), Some(new)) if !facts::is_behind(disk, old, new)),
    }
}

fn describe_for_github(shared: &Shared, found: &Repository, change: &Change) -> Event {
    let facts = look(found, change);
    let show = |commit: &CommitFact| {
        let person = json!({ "name": commit.author, "email": commit.email, "username": "ada" });
        json!({
            "id": commit.id,
            "tree_id": "",
            "distinct": true,
            "message": commit.message,
            "timestamp": commit.time,
            "url": format!("{}/{}/commit/{}", shared.url, found.path, commit.id),
            "author": person,
            "committer": person,
            "added": [],
            "removed": [],
            "modified": [],
        })
    };
    Event {
        header: "push",
        subscription: "push",
        body: json!({
            "ref": change.name,
            "before": facts.before,
            "after": facts.after,
            "created": change.before.is_none(),
            "deleted": change.after.is_none(),
            "forced": facts.is_forced,
            "base_ref": null,
            "compare": format!("{}/{}/compare/{}...{}", shared.url, found.path, &facts.before[..12], &facts.after[..12]),
            "commits": facts.commits.iter().map(show).collect::<Vec<_>>(),
            "head_commit": facts.head.as_ref().map(show),
            "repository": github::show(shared, found),
            "pusher": { "name": "ada", "email": "ada@example.com" },
            "sender": github::person(shared),
        }),
    }
}

fn describe_for_gitlab(shared: &Shared, found: &Repository, change: &Change) -> Event {
    let facts = look(found, change);
    let is_tag = change.name.starts_with("refs/tags/");
    let url = format!("{}/{}", shared.url, found.path);
    let ssh = format!("git@127.0.0.1:{}.git", found.path);
    let show = |commit: &CommitFact| {
        json!({
            "id": commit.id,
            "message": commit.message,
            "title": commit.message.lines().next().unwrap_or_default(),
            "timestamp": commit.time,
            "url": format!("{url}/-/commit/{}", commit.id),
            "author": { "name": commit.author, "email": commit.email },
            "added": [],
            "modified": [],
            "removed": [],
        })
    };
    let kind = if is_tag { "tag_push" } else { "push" };
    Event {
        header: if is_tag { "Tag Push Hook" } else { "Push Hook" },
        subscription: if is_tag {
            "tag_push_events"
        } else {
            "push_events"
        },
        body: json!({
            "object_kind": kind,
            "event_name": kind,
            "before": facts.before,
            "after": facts.after,
            "ref": change.name,
            "ref_protected": false,
            "checkout_sha": facts.head.as_ref().map(|head| &head.id),
            "user_id": 1,
            "user_name": "Ada Example",
            "user_username": "ada",
            "user_email": "",
            "project_id": found.id,
            "project": {
                "id": found.id,
                "name": found.name(),
                "description": "",
                "web_url": url,
                "git_ssh_url": ssh,
                "git_http_url": format!("{url}.git"),
                "namespace": found.owner(),
                "visibility_level": if found.is_private { 0 } else { 20 },
                "path_with_namespace": found.path,
                "default_branch": "main",
                "homepage": url,
                "url": ssh,
                "ssh_url": ssh,
                "http_url": format!("{url}.git"),
            },
            "commits": facts.commits.iter().map(show).collect::<Vec<_>>(),
            "total_commits_count": facts.count,
            "push_options": {},
            "repository": { "name": found.name(), "url": ssh, "homepage": url, "git_http_url": format!("{url}.git"), "git_ssh_url": ssh },
        }),
    }
}

/// Of a branch that is removed Gitea tells by a deletion only.
fn describe_for_gitea(shared: &Shared, found: &Repository, change: &Change) -> Event {
    let short = change.name.splitn(3, '/').nth(2).unwrap_or_default();
    if change.after.is_none() && change.name.starts_with("refs/heads/") {
        return Event {
            header: "delete",
            subscription: "delete",
            body: json!({
                "ref": short,
                "ref_type": "branch",
                "pusher_type": "user",
                "repository": gitea::show(shared, found),
                "sender": gitea::person(shared),
            }),
        };
    }
    let facts = look(found, change);
    let show = |commit: &CommitFact| {
        let person = json!({ "name": commit.author, "email": commit.email, "username": "ada" });
        json!({
            "id": commit.id,
            "message": commit.message,
            "url": format!("{}/{}/commit/{}", shared.url, found.path, commit.id),
            "author": person,
            "committer": person,
            "verification": null,
            "timestamp": commit.time,
            "added": [],
            "removed": [],
            "modified": [],
        })
    };
    // It lists five at most.
    let listed: Vec<_> = facts.commits.iter().rev().take(5).map(show).collect();
    Event {
        header: "push",
        subscription: "push",
        body: json!({
            "ref": change.name,
            "before": facts.before,
            "after": facts.after,
            "compare_url": "",
            "commits": listed,
            "total_commits": facts.count,
            "head_commit": facts.head.as_ref().map(show),
            "repository": gitea::show(shared, found),
            "pusher": gitea::person(shared),
            "sender": gitea::person(shared),
        }),
    }
}
