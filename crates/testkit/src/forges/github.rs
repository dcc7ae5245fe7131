//! GitHub's REST API, as far as it is documented for what a build service does (docs.github.com/en/rest).

use serde_json::{Value, json};

use super::api::{ApiCall, json as reply, refuse};
use super::extras;
use super::facts;
use super::gate::Need;
use super::server::read_or_write;
use super::state::{Repository, Shared};
use crate::git::Reply;

/// What a request needs; `None` for a route that there is not.
pub(super) fn find_need(call: &ApiCall<'_>) -> Option<Need> {
    let (method, parts) = call.parts();
    Some(match (method, &parts[..]) {
        ("GET", ["user"]) => Need::Account,
        ("GET", ["user", "orgs"]) => Need::Groups,
        ("GET", ["user", "repos"] | ["orgs", _, "repos"]) => Need::Read,
        ("GET", ["repos", _, _] | ["repositories", _]) => Need::Read,
        ("GET", ["repos", _, _, "branches" | "tags"]) => Need::Read,
        ("GET", ["repos", _, _, "commits", _] | ["repos", _, _, "git", "commits", _]) => Need::Read,
        ("GET", ["repos", _, _, "commits", _, "branches-where-head"]) => Need::Read,
        ("GET", ["repos", _, _, "compare", _]) => Need::Read,
        ("GET" | "POST", ["repos", _, _, "hooks"]) => Need::Write,
        ("GET" | "PATCH" | "DELETE", ["repos", _, _, "hooks", _]) => Need::Write,
        ("GET", ["repos", _, _, "hooks", _, "deliveries"]) => Need::Write,
        ("POST", ["repos", _, _, "keys"]) | ("DELETE", ["repos", _, _, "keys", _]) => {
            read_or_write(method)
        }
        ("POST", ["repos", _, _, "statuses", _]) => Need::Write,
        _ => return None,
    })
}

/// Answers a request that passed.
pub(super) fn answer(call: &ApiCall<'_>, shared: &Shared) -> Reply {
    let (method, parts) = call.parts();
    let state = shared.state();
    match (method, &parts[..]) {
        ("GET", ["user"]) => {
            let mut own = person(shared);
            own["login"] = json!(state.account);
            reply(200, &own)
        }
        ("GET", ["user", "orgs"]) => {
            let groups = state.groups.iter();
            let all = groups.map(|(name, id)| json!({ "login": name, "id": id, "node_id": "x", "url": format!("{}/orgs/{name}", shared.url), "description": "" }));
            call.page(shared, &state, "per_page", all.collect())
        }
        ("GET", ["user", "repos"]) => {
            let affiliation = call
                .query
                .get("affiliation")
                .map_or("owner,collaborator,organization_member", |text| text);
            let visibility = call.query.get("visibility").map_or("all", |text| text);
            let is_wanted = |found: &&Repository| {
                let relation = if found.owner() == "ada" {
                    "owner"
                } else {
                    "organization_member"
                };
                affiliation.split(',').any(|word| word == relation)
                    && matches_visibility(found, visibility)
            };
            let all = state.repositories.iter().filter(is_wanted);
            call.page(
                shared,
                &state,
                "per_page",
                all.map(|found| show(shared, found)).collect(),
            )
        }
        ("GET", ["orgs", name, "repos"]) => {
            if !state.groups.contains_key(*name) {
                return refuse(404, "Not Found");
            }
            let kind = call.query.get("type").map_or("all", |text| text);
            let all = state
                .repositories
                .iter()
                .filter(|found| found.owner() == *name && matches_visibility(found, kind));
            call.page(
                shared,
                &state,
                "per_page",
                all.map(|found| show(shared, found)).collect(),
            )
        }
        ("GET", ["repositories", id]) => match state.find_by_id(id) {
            Some(found) => reply(200, &show(shared, found)),
            None => refuse(404, "Not Found"),
        },
        (_, ["repos", owner, name, rest @ ..]) => {
            let path = format!("{owner}/{name}");
            drop(state);
            answer_repository(call, shared, &path, rest)
        }
        _ => refuse(404, "Not Found"),
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
        return match state.former_paths.get(path).filter(|_| rest.is_empty()) {
            Some(id) => refuse(301, "Moved Permanently").with(
                "Location",
                &format!("{}/api/v3/repositories/{id}", shared.url),
            ),
            None => refuse(404, "Not Found"),
        };
    };
    let disk = found.git.as_ref().map(|git| git.path().to_owned());
    match (&*call.request.method, rest, disk) {
        ("GET", [], _) => reply(200, &show(shared, found)),
        ("GET", ["branches"], Some(disk)) => {
            let all = facts::list_refs(&disk, "refs/heads/").into_iter().map(|branch| {
                json!({ "name": branch.name, "commit": { "sha": branch.commit, "url": "" }, "protected": false })
            });
            call.page(shared, &state, "per_page", all.collect())
        }
        ("GET", ["tags"], Some(disk)) => {
            let all = facts::list_refs(&disk, "refs/tags/").into_iter().map(|tag| {
                json!({ "name": tag.name, "commit": { "sha": tag.commit, "url": "" }, "zipball_url": "", "tarball_url": "", "node_id": "x" })
            });
            call.page(shared, &state, "per_page", all.collect())
        }
        ("GET", ["commits", revision], Some(disk)) => match facts::find_commit(&disk, revision) {
            Some(commit) if call.request.header("accept") == Some("application/vnd.github.sha") => {
                Reply::new(200, &commit.id)
            }
            Some(commit) => reply(200, &json!({ "sha": commit.id, "files": [] })),
            None => refuse(422, &format!("No commit found for SHA: {revision}")),
        },
        ("GET", ["commits", commit, "branches-where-head"], Some(disk)) => {
            if facts::find_commit(&disk, commit).is_none() {
                return refuse(422, &format!("No commit found for SHA: {commit}"));
            }
            let heads = facts::list_refs(&disk, "refs/heads/").into_iter();
            let heads = heads.filter(|branch| branch.commit == *commit);
            let all = heads.map(|branch| json!({ "name": branch.name, "commit": { "sha": branch.commit, "url": "" }, "protected": false }));
            reply(200, &all.collect())
        }
        ("GET", ["git", "commits", id], Some(disk)) => match facts::find_commit(&disk, id) {
            Some(commit) if commit.id == *id => {
                let signature =
                    json!({ "name": commit.author, "email": commit.email, "date": commit.time });
                reply(
                    200,
                    &json!({
                        "sha": commit.id,
                        "node_id": "x",
                        "html_url": format!("{}/{path}/commit/{}", shared.url, commit.id),
                        "author": signature,
                        "committer": signature,
                        "message": commit.message,
                        "tree": { "sha": "", "url": "" },
                        "parents": [],
                        "verification": { "verified": false, "reason": "unsigned", "signature": null, "payload": null },
                    }),
                )
            }
            _ => refuse(404, "Not Found"),
        },
        ("GET", ["compare", range], Some(disk)) => {
            let Some((base, head)) = range.split_once("...") else {
                return refuse(404, "Not Found");
            };
            if [base, head]
                .iter()
                .any(|name| facts::find_commit(&disk, name).is_none())
            {
                return refuse(404, "Not Found");
            }
            let status = match (
                facts::is_behind(&disk, base, head),
                facts::is_behind(&disk, head, base),
            ) {
                (true, true) => "identical",
                (true, false) => "ahead",
                (false, true) => "behind",
                (false, false) => "diverged",
            };
            reply(
                200,
                &json!({ "status": status, "ahead_by": 0, "behind_by": 0, "total_commits": 0, "commits": [] }),
            )
        }
        _ => refuse(404, "Not Found"),
    }
}

fn matches_visibility(found: &Repository, wanted: &str) -> bool {
    match wanted {
        "public" => !found.is_private,
        "private" => found.is_private,
        _ => true,
    }
}

pub(super) fn person(shared: &Shared) -> Value {
    json!({
        "login": "ada",
        "id": 1,
        "node_id": "MDQ6VXNlcjE=",
        "html_url": format!("{}/ada", shared.url),
        "type": "User",
        "name": "Ada Example",
        "email": "ada@example.com",
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
        "node_id": "x",
        "name": found.name(),
        "full_name": found.path,
        "private": found.is_private,
        "owner": { "login": found.owner(), "id": 1, "type": "User" },
        "html_url": url,
        "description": "A repository of a test",
        "fork": false,
        "url": format!("{}/api/v3/repos/{}", shared.url, found.path),
        "git_url": format!("git:{url}.git"),
        "ssh_url": format!("git@127.0.0.1:{}.git", found.path),
        "clone_url": format!("{url}.git"),
        "archived": false,
        "disabled": false,
        "visibility": if found.is_private { "private" } else { "public" },
        "default_branch": default.unwrap_or_else(|| "main".to_owned()),
        "permissions": { "admin": true, "maintain": true, "push": true, "triage": true, "pull": true },
    })
}
