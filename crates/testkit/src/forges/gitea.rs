//! Gitea's REST API, as far as it is documented for what a build service does (docs.gitea.com/api).

use serde_json::{Value, json};

use super::api::{ApiCall, json as reply, refuse};
use super::extras;
use super::facts::{self, CommitFact, RefFact};
use super::gate::Need;
use super::server::read_or_write;
use super::state::{Repository, Shared};
use crate::git::Reply;

const GONE: &str = "The target couldn't be found.";

/// What a request needs; `None` for a route that there is not.
pub(super) fn find_need(call: &ApiCall<'_>) -> Option<Need> {
    let (method, parts) = call.parts();
    Some(match (method, &parts[..]) {
        ("GET", ["user"]) => Need::Account,
        ("GET", ["user", "orgs"]) => Need::Groups,
        ("GET", ["user", "repos"] | ["orgs", _, "repos"]) => Need::Read,
        ("GET", ["repos", _, _] | ["repositories", _]) => Need::Read,
        ("GET", ["repos", _, _, "branches" | "tags", ..]) => Need::Read,
        ("GET", ["repos", _, _, "commits"]) => Need::Read,
        ("GET", ["repos", _, _, "git", "commits", _]) => Need::Read,
        ("GET" | "POST", ["repos", _, _, "hooks"]) => read_or_write(method),
        ("GET" | "PATCH" | "DELETE", ["repos", _, _, "hooks", _]) => read_or_write(method),
        ("POST", ["repos", _, _, "keys"]) | ("DELETE", ["repos", _, _, "keys", _]) => Need::Write,
        ("POST", ["repos", _, _, "statuses", _]) => Need::Write,
        _ => return None,
    })
}

/// Answers a request that passed.
pub(super) fn answer(call: &ApiCall<'_>, shared: &Shared) -> Reply {
    let (method, parts) = call.parts();
    let state = shared.state();
    match (method, &parts[..]) {
        ("GET", ["user"]) => reply(200, &person(shared)),
        ("GET", ["user", "orgs"]) => {
            let all = state.groups.iter().map(|(name, id)| {
                json!({ "id": id, "name": name, "username": name, "full_name": "", "visibility": "public" })
            });
            call.page(shared, &state, "limit", all.collect())
        }
        ("GET", ["user", "repos"]) => {
            let all = state.repositories.iter().map(|found| show(shared, found));
            call.page(shared, &state, "limit", all.collect())
        }
        ("GET", ["orgs", name, "repos"]) => {
            if !state.groups.contains_key(*name) {
                return refuse(404, GONE);
            }
            let own = state
                .repositories
                .iter()
                .filter(|found| found.owner() == *name);
            let all = own.map(|found| show(shared, found)).collect();
            call.page(shared, &state, "limit", all)
        }
        ("GET", ["repositories", id]) => match state.find_by_id(id) {
            Some(found) => reply(200, &show(shared, found)),
            None => refuse(404, GONE),
        },
        (_, ["repos", owner, name, rest @ ..]) => {
            let path = format!("{owner}/{name}");
            drop(state);
            answer_repository(call, shared, &path, rest)
        }
        _ => refuse(404, GONE),
    }
}

fn answer_repository(call: &ApiCall<'_>, shared: &Shared, path: &str, rest: &[&str]) -> Reply {
    match rest {
        ["hooks", rest @ ..] => return extras::answer_hooks(call, shared, path, rest),
        ["keys", rest @ ..] => return extras::answer_keys(call, shared, path, rest),
        ["statuses", commit] => return extras::answer_status(call, shared, path, commit),
        _ => {}
    }
    let state = shared.state();
    let Some(found) = state.find(path) else {
        return refuse(404, GONE);
    };
    if rest.is_empty() {
        return reply(200, &show(shared, found));
    }
    let Some(disk) = found.git.as_ref().map(|git| git.path().to_owned()) else {
        return refuse(404, GONE);
    };
    let show_branch = |branch: RefFact| {
        let commit = facts::find_commit(&disk, &branch.commit)?;
        Some(json!({
            "name": branch.name,
            "commit": { "id": commit.id, "message": commit.message, "url": "", "author": { "name": commit.author, "email": commit.email, "username": "" }, "timestamp": commit.time },
            "protected": false,
        }))
    };
    let show_tag = |tag: RefFact| json!({ "name": tag.name, "message": "", "id": tag.object, "commit": { "sha": tag.commit, "url": "", "created": "2024-05-26T03:03:17Z" } });
    match rest {
        ["branches"] => {
            let all = facts::list_refs(&disk, "refs/heads/")
                .into_iter()
                .filter_map(show_branch);
            call.page(shared, &state, "limit", all.collect())
        }
        ["tags"] => {
            let all = facts::list_refs(&disk, "refs/tags/")
                .into_iter()
                .map(show_tag);
            call.page(shared, &state, "limit", all.collect())
        }
        ["branches", name @ ..] => {
            let name = name.join("/");
            let mut all = facts::list_refs(&disk, "refs/heads/").into_iter();
            match all.find(|branch| branch.name == name).and_then(show_branch) {
                Some(shown) => reply(200, &shown),
                None => refuse(404, GONE),
            }
        }
        ["tags", name @ ..] => {
            let name = name.join("/");
            let mut all = facts::list_refs(&disk, "refs/tags/").into_iter();
            match all.find(|tag| tag.name == name) {
                Some(tag) => reply(200, &show_tag(tag)),
                None => refuse(404, GONE),
            }
        }
        ["git", "commits", id] => match facts::find_commit(&disk, id) {
            Some(commit) => reply(200, &show_commit(shared, path, &commit)),
            None => refuse(404, GONE),
        },
        ["commits"] => {
            let find = |name: &str| {
                call.query
                    .get(name)
                    .and_then(|id| facts::find_commit(&disk, id))
            };
            let Some(commit) = find("sha") else {
                return refuse(404, GONE);
            };
            let except = find("not").map(|commit| commit.id);
            let (commits, _) = facts::list_new_commits(&disk, except.as_deref(), &commit.id);
            let all = commits
                .iter()
                .map(|commit| show_commit(shared, path, commit))
                .collect();
            call.page(shared, &state, "limit", all)
        }
        _ => refuse(404, GONE),
    }
}

fn show_commit(shared: &Shared, path: &str, commit: &CommitFact) -> Value {
    let signature = json!({ "name": commit.author, "email": commit.email, "date": commit.time });
    json!({
        "url": "",
        "sha": commit.id,
        "created": commit.time,
        "html_url": format!("{}/{path}/commit/{}", shared.url, commit.id),
        "commit": { "url": "", "author": signature, "committer": signature, "message": commit.message, "tree": {}, "verification": null },
        "author": null,
        "committer": null,
        "parents": [],
        "files": null,
        "stats": null,
    })
}

pub(super) fn person(shared: &Shared) -> Value {
    json!({
        "id": 1,
        "login": "ada",
        "username": "ada",
        "full_name": "Ada Example",
        "email": "ada@example.com",
        "html_url": format!("{}/ada", shared.url),
        "is_admin": false,
    })
}

/// A repository as answers and deliveries show it.
pub(super) fn show(shared: &Shared, found: &Repository) -> Value {
    let default = found
        .git
        .as_ref()
        .and_then(|git| facts::find_default_branch(git.path()));
    let url = format!("{}/{}", shared.url, found.path);
    json!({
        "id": found.id,
        "owner": { "id": 1, "login": found.owner(), "username": found.owner() },
        "name": found.name(),
        "full_name": found.path,
        "description": "A repository of a test",
        "empty": default.is_none(),
        "private": found.is_private,
        "internal": false,
        "fork": false,
        "html_url": url,
        "ssh_url": format!("git@127.0.0.1:{}.git", found.path),
        "clone_url": format!("{url}.git"),
        "default_branch": default.unwrap_or_else(|| "main".to_owned()),
        "archived": false,
        "permissions": { "admin": true, "push": true, "pull": true },
    })
}
