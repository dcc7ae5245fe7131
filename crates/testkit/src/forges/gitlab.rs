//! GitLab's REST API, as far as it is documented for what a build service does (docs.gitlab.com/api).

use serde_json::{Value, json};

use super::api::{ApiCall, json as reply, refuse};
use super::extras;
use super::facts::{self, CommitFact};
use super::gate::{self, Need};
use super::server::read_or_write;
use super::state::{Repository, Shared};
use crate::git::Reply;

const GONE: &str = "404 Project Not Found";

/// What a request needs; `None` for a route that there is not.
pub(super) fn find_need(call: &ApiCall<'_>) -> Option<Need> {
    let (method, parts) = call.parts();
    Some(match (method, &parts[..]) {
        ("GET", ["user"]) => Need::Account,
        ("GET", ["personal_access_tokens", "self"]) => Need::Nothing,
        ("GET", ["groups"]) => Need::Groups,
        ("GET", ["projects"] | ["groups" | "users", _, "projects"]) => Need::Read,
        ("GET", ["projects", _]) => Need::Read,
        ("GET", ["projects", _, "repository", "branches" | "tags"]) => Need::Read,
        ("GET", ["projects", _, "repository", "commits", _]) => Need::Read,
        ("GET", ["projects", _, "repository", "commits", _, "refs"]) => Need::Read,
        ("GET" | "POST", ["projects", _, "hooks"]) => Need::Write,
        ("GET" | "PUT" | "DELETE", ["projects", _, "hooks", _]) => Need::Write,
        ("GET", ["projects", _, "hooks", _, "events"]) => Need::Write,
        ("POST", ["projects", _, "deploy_keys"])
        | ("DELETE", ["projects", _, "deploy_keys", _]) => read_or_write(method),
        ("POST", ["projects", _, "statuses", _]) => Need::Write,
        _ => return None,
    })
}

/// Answers a request that passed.
pub(super) fn answer(call: &ApiCall<'_>, shared: &Shared) -> Reply {
    let (method, parts) = call.parts();
    let state = shared.state();
    match (method, &parts[..]) {
        ("GET", ["user"]) => reply(200, &person(shared)),
        ("GET", ["personal_access_tokens", "self"]) => {
            let token =
                gate::find_token(shared, call.request).and_then(|token| state.tokens.get(&token));
            let token = token.expect("it passed");
            reply(
                200,
                &json!({
                    "id": 4, "name": "Test Token", "revoked": false, "created_at": "2020-07-23T14:31:47.729Z",
                    "scopes": token.scopes, "user_id": 3, "active": true, "expires_at": "2030-12-01",
                }),
            )
        }
        ("GET", ["groups"]) => {
            let all = state.groups.iter().map(|(path, id)| {
                let name = path.rsplit('/').next().unwrap_or(path);
                json!({ "id": id, "name": name, "path": name, "full_name": path.replace('/', " / "), "full_path": path, "visibility": "private" })
            });
            call.page(shared, &state, "per_page", all.collect())
        }
        ("GET", ["projects"]) => {
            let all = list(call, shared, state.repositories.iter());
            match call.query.get("pagination").map(String::as_str) {
                Some("keyset") => call.keyset_page(shared, &state, all),
                _ => call.page(shared, &state, "per_page", all),
            }
        }
        ("GET", [kind @ ("groups" | "users"), path, "projects"]) => {
            let is_there = match *kind {
                "groups" => state.groups.contains_key(*path),
                _ => *path == "ada",
            };
            if !is_there {
                return refuse(404, "404 Not Found");
            }
            let own = state
                .repositories
                .iter()
                .filter(|found| found.owner() == *path);
            call.page(shared, &state, "per_page", list(call, shared, own))
        }
        (_, ["projects", id, rest @ ..]) => {
            let found = state.find_by_id(id).or_else(|| state.find(id));
            let Some(path) = found.map(|found| found.path.clone()) else {
                return refuse(404, GONE);
            };
            drop(state);
            answer_project(call, shared, &path, rest)
        }
        _ => refuse(404, "404 Not Found"),
    }
}

fn list<'a>(
    call: &ApiCall<'_>,
    shared: &Shared,
    all: impl Iterator<Item = &'a Repository>,
) -> Vec<Value> {
    let search = call.query.get("search").map(|text| text.to_lowercase());
    let is_public = call
        .query
        .get("visibility")
        .is_some_and(|word| word == "public");
    all.filter(|found| {
        search
            .as_ref()
            .is_none_or(|text| found.name().to_lowercase().contains(text))
    })
    .filter(|found| !(is_public && found.is_private))
    .map(|found| show(shared, found))
    .collect()
}

fn answer_project(call: &ApiCall<'_>, shared: &Shared, path: &str, rest: &[&str]) -> Reply {
    match rest {
        ["hooks", rest @ ..] => return extras::answer_hooks(call, shared, path, rest),
        ["deploy_keys", rest @ ..] => return extras::answer_keys(call, shared, path, rest),
        ["statuses", commit] => return extras::answer_status(call, shared, path, commit),
        _ => {}
    }
    let state = shared.state();
    let found = state.find(path).expect("it was found");
    if rest.is_empty() {
        return reply(200, &show(shared, found));
    }
    let Some(disk) = found.git.as_ref().map(|git| git.path().to_owned()) else {
        return refuse(404, "404 Repository Not Found");
    };
    match rest {
        ["repository", "branches"] => {
            let all = facts::list_refs(&disk, "refs/heads/").into_iter().filter_map(|branch| {
                let commit = facts::find_commit(&disk, &branch.commit)?;
                Some(json!({ "name": branch.name, "merged": false, "protected": false, "default": false, "commit": show_commit(shared, path, &commit) }))
            });
            call.page(shared, &state, "per_page", all.collect())
        }
        ["repository", "tags"] => {
            let all = facts::list_refs(&disk, "refs/tags/").into_iter().filter_map(|tag| {
                let commit = facts::find_commit(&disk, &tag.commit)?;
                Some(json!({ "name": tag.name, "target": tag.object, "message": null, "release": null, "protected": false, "commit": show_commit(shared, path, &commit) }))
            });
            call.page(shared, &state, "per_page", all.collect())
        }
        ["repository", "commits", revision] => match facts::find_commit(&disk, revision) {
            Some(commit) => reply(200, &show_commit(shared, path, &commit)),
            None => refuse(404, "404 Commit Not Found"),
        },
        ["repository", "commits", commit, "refs"] => {
            if facts::find_commit(&disk, commit).is_none() {
                return refuse(404, "404 Commit Not Found");
            }
            let containing = |folder, word: &str| {
                let refs = facts::list_refs(&disk, folder).into_iter();
                let refs = refs.filter(|own| facts::is_behind(&disk, commit, &own.commit));
                refs.map(|own| json!({ "type": word, "name": own.name }))
                    .collect::<Vec<_>>()
            };
            let mut all = containing("refs/heads/", "branch");
            all.extend(containing("refs/tags/", "tag"));
            call.page(shared, &state, "per_page", all)
        }
        _ => refuse(404, "404 Not Found"),
    }
}

fn show_commit(shared: &Shared, path: &str, commit: &CommitFact) -> Value {
    json!({
        "id": commit.id,
        "short_id": &commit.id[..8],
        "title": commit.message.lines().next().unwrap_or_default(),
        "message": commit.message,
        "author_name": commit.author,
        "author_email": commit.email,
        "authored_date": commit.time,
        "committer_name": commit.author,
        "committer_email": commit.email,
        "committed_date": commit.time,
        "created_at": commit.time,
        "parent_ids": [],
        "web_url": format!("{}/{path}/-/commit/{}", shared.url, commit.id),
    })
}

fn person(shared: &Shared) -> Value {
    json!({
        "id": 1,
        "username": "ada",
        "name": "Ada Example",
        "state": "active",
        "avatar_url": null,
        "web_url": format!("{}/ada", shared.url),
        "email": "ada@example.com",
    })
}

fn show(shared: &Shared, found: &Repository) -> Value {
    let disk = found.git.as_ref().map(|git| git.path());
    let default = disk.and_then(facts::find_default_branch);
    let url = format!("{}/{}", shared.url, found.path);
    json!({
        "id": found.id,
        "description": "A repository of a test",
        "name": found.name(),
        "path": found.name(),
        "path_with_namespace": found.path,
        "default_branch": default,
        "ssh_url_to_repo": format!("git@127.0.0.1:{}.git", found.path),
        "http_url_to_repo": format!("{url}.git"),
        "web_url": url,
        "archived": false,
        "visibility": if found.is_private { "private" } else { "public" },
        "namespace": { "id": 2, "path": found.owner(), "kind": "group", "full_path": found.owner() },
        "permissions": { "project_access": { "access_level": 40, "notification_level": 3 }, "group_access": null },
    })
}
