//! Every payload that a host publishes as an example, delivered to a running server as that host signs and sends it.
//!
//! What each turns into is tested beside the code that reads it (`crates/integrations/tests/forges`, where their sources are
//! named); here it goes the whole way, and no image comes of commits that the host does not have.

use std::{collections::BTreeMap, path::Path};

use serde_json::{Value, json};

use super::{
    kinds::{Code, Kind, Pace},
    place::Place,
    rule::Rule,
};

const FOLDER: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../crates/integrations/tests/forges/payloads"
);

#[test]
fn what_github_publishes_is_taken_as_its_host_sends_it() {
    deliver_all(Kind::GitHub);
}

#[test]
fn what_gitlab_publishes_is_taken_as_its_host_sends_it() {
    deliver_all(Kind::GitLab);
}

#[test]
fn what_gitea_publishes_is_taken_as_its_host_sends_it() {
    deliver_all(Kind::Gitea);
}

fn deliver_all(kind: Kind) {
    let Some(place) = Place::connect(kind, Pace::Told) else {
        return;
    };
    let (mut rules, mut built) = (BTreeMap::new(), 0);
    let payloads = list_payloads(&Path::new(FOLDER).join(kind.word()));
    assert!(!payloads.is_empty());
    for (name, body) in &payloads {
        let payload: Value = serde_json::from_str(body).expect("JSON");
        let remote = find_path(&payload).unwrap_or_else(|| panic!("{name} names a repository"));
        rules.entry(remote.to_owned()).or_insert_with(|| {
            let git = place.host.forge().create_repository(remote, true);
            git.push_files("trunk", "Begin", &[("a", "1")]);
            let code = Code {
                git,
                remote: remote.to_owned(),
            };
            let definition = json!({ "trigger": { "branches": true, "tags": true } });
            place.make_rule(&code, definition)
        });
        let (event, is_push) = name_event(kind, name);
        let forge = place.host.forge();
        let before = forge.deliveries().len();
        forge.send_event(remote, &event, body);
        let sent = forge.deliveries().split_off(before);
        assert_eq!(sent.len(), 1, "{name}");
        assert_eq!(sent[0].status, Some(200), "{name}");
        let listed = place.api.get(&place.webhook_path(remote, "/deliveries"));
        let listed = listed.expect(200).json();
        let shown = &listed["items"][0];
        assert_eq!(shown["delivery"], sent[0].id, "{name}: {listed:#}");
        let outcome = if is_push { "taken" } else { "ignored" };
        assert_eq!(shown["outcome"], outcome, "{name}: {shown:#}");
    }
    for (remote, rule) in rules {
        let told = rule.decisions().into_iter();
        let told: Vec<_> = told.filter(|it| it["cause"] == "push").collect();
        for made in told.iter().filter(|it| it["decision"] == "built") {
            // It was signed, so it is believed; that there is no such commit shows when it is fetched.
            let ended = rule.wait_for_end(Rule::build_of(made));
            assert_eq!(ended["failure"]["reason"], "source", "{ended:#}");
        }
        let tags = place.api.get(&rule.path("/tags")).expect(200).json();
        assert_eq!(tags["items"], json!([]), "{remote}");
        rule.assert_each_update_decided_once();
        built += told.len();
    }
    assert!(built > 0, "no push was decided");
}

fn list_payloads(folder: &Path) -> Vec<(String, String)> {
    let entries = std::fs::read_dir(folder).expect("the payloads");
    let mut all: Vec<_> = entries
        .map(|entry| {
            let path = entry.expect("a file").path();
            let name = path.file_stem().expect("a name").to_string_lossy();
            let body = std::fs::read_to_string(&path).expect("a payload");
            (name.into_owned(), body)
        })
        .collect();
    all.sort();
    all
}

fn find_path(payload: &Value) -> Option<&str> {
    let project = payload["project"]["path_with_namespace"].as_str();
    project.or_else(|| payload["repository"]["full_name"].as_str())
}

/// The host's word for what a file holds, and whether that is a push.
fn name_event(kind: Kind, name: &str) -> (String, bool) {
    let is_push = name.starts_with("push") || name == "tag_push";
    let word = match (kind, name) {
        (Kind::GitLab, "push") => "Push Hook",
        (Kind::GitLab, "tag_push") => "Tag Push Hook",
        (Kind::GitLab, "note") => "Note Hook",
        (_, name) if is_push => name.split('-').next().unwrap_or(name),
        (_, name) => name,
    };
    (word.to_owned(), is_push)
}
