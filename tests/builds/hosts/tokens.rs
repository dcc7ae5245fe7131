//! A token that ended: seen where people look, and another one is enough to recover.

use serde_json::json;
use wharf_testkit::forges::Misbehavior;
use wharf_tests::building::wait_for;

use super::{
    kinds::{Host, Kind, PASSWORD, Pace},
    place::Place,
    rule::Rule,
};

const DOCKERFILE: (&str, &str) = ("Dockerfile", "FROM scratch\nCOPY README.md /\n");

pub(super) fn a_token_that_ended_is_seen_and_another_one_recovers(kind: Kind) {
    // Nobody tells of a key that is let in again: where a hook tells of pushes, only asking finds out.
    let pace = match kind {
        Kind::NudgedGit => Pace::Asking,
        _ => Pace::Told,
    };
    let Some(place) = Place::connect(kind, pace) else {
        return;
    };
    let code = place.make_code("web");
    let rule = place.make_rule(&code, json!({ "trigger": { "branches": true } }));
    let fresh = end_token(&place);
    let lost = push_unheard(&rule, "lost");
    let believed = kind.is_told().then(|| match &place.host {
        Host::Forge(_) => {
            // It follows something that nobody told, so the host is asked, and refuses.
            let after = [("b", "2")];
            let commit = rule.code.push_files("lost", "After the lost one", &after);
            rule.wait_for_decision("refs/heads/lost", &commit)
        }
        // The hook tells, and what it tells is believed until it cannot be fetched.
        Host::Plain(_) | Host::Ssh(..) => rule.wait_for_decision("refs/heads/lost", &lost),
    });
    wait_for(|| (rule.show()["watch"]["problem"] == "unauthorized").then_some(()));
    let source = place.show_source();
    assert_eq!(source["health"]["ok"], false, "{source:#}");
    assert_eq!(source["health"]["problem"], "unauthorized", "{source:#}");
    let tried = rule.path("/rules/main/heads");
    place
        .api
        .post(&tried, json!({}))
        .expect_problem(502, "upstream");
    let failed = believed.map(|made| {
        let failed = rule.wait_for_end(Rule::build_of(&made));
        assert_eq!(failed["state"], "failed", "{failed:#}");
        failed
    });

    match &place.host {
        // The key was taken off the server, and is put there again.
        Host::Ssh(_, ssh) => ssh.authorize(&fresh),
        Host::Forge(_) | Host::Plain(_) => {
            let path = format!("/sources/{}", place.source);
            let change = json!({ "token": fresh });
            let mended = place.api.patch(&path, change).expect(200);
            assert_eq!(mended.json()["health"]["ok"], true);
        }
    }
    wait_for(|| rule.show()["watch"]["problem"].is_null().then_some(()));
    let number = match failed {
        Some(failed) => {
            let path = rule.path(&format!("/builds/{}/retry", failed["number"]));
            let again = place.api.request(reqwest::Method::POST, &path).send();
            again.expect(201).json()["number"]
                .as_u64()
                .expect("a number")
        }
        None => Rule::build_of(&rule.wait_for_decision("refs/heads/lost", &lost)),
    };
    rule.wait_for_success(number);
}

/// Takes away what the source signs in with; answers what would work.
fn end_token(place: &Place) -> String {
    match &place.host {
        Host::Forge(forge) => {
            forge.expire_token(forge.token());
            let scopes: &[&str] = match place.kind {
                Kind::GitHub | Kind::PolledGitHub => &["repo", "read:org"],
                Kind::Gitea | Kind::PolledGitea => {
                    &["write:repository", "read:user", "read:organization"]
                }
                _ => &["api", "read_user"],
            };
            forge.issue_token(scopes)
        }
        Host::Plain(git) => {
            let fresh = PASSWORD.to_uppercase();
            git.change_login("ada", &fresh);
            fresh
        }
        Host::Ssh(_, ssh) => {
            let own = place.show_source()["public_key"].clone();
            ssh.authorize("");
            own.as_str().expect("a key").to_owned()
        }
    }
}

/// Pushes a new branch of which the host tells nobody.
fn push_unheard(rule: &Rule<'_>, branch: &str) -> String {
    let files = [DOCKERFILE, ("b", "1")];
    match &rule.place.host {
        Host::Forge(forge) => {
            forge.misbehave(Misbehavior::Drop);
            let commit = rule.code.push_files(branch, "Unheard", &files);
            forge.misbehave(Misbehavior::None);
            commit
        }
        Host::Plain(_) => {
            let code = rule.code.with_login("ada", &PASSWORD.to_uppercase());
            code.push_files(branch, "Unheard", &files)
        }
        Host::Ssh(..) => rule.code.push_files(branch, "Unheard", &files),
    }
}
