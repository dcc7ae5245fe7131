//! Limits of hosts, and lists that are longer than a page.

use std::time::Duration;

use serde_json::json;
use wharf_testkit::encode_segment;
use wharf_tests::building::wait_for;

use super::{
    kinds::{Kind, Pace},
    place::Place,
    rule::Rule,
};

/// As hosts say it: come back in so many seconds.
const WAIT: Duration = Duration::from_secs(2);

pub(super) fn a_limit_is_waited_out_and_nothing_is_lost(kind: Kind) {
    let Some(place) = Place::connect(kind, Pace::Told) else {
        return;
    };
    let code = place.make_code("web");
    let rule = place.make_rule(&code, json!({ "trigger": { "branches": true } }));
    let forge = place.host.forge();
    forge.limit_rate(Some(WAIT));
    let refused = place.api.get(&format!("/sources/{}/owners", place.source));
    let refused = refused.expect_problem(502, "upstream");
    assert_eq!(refused.header("retry-after"), "2", "{}", refused.describe());
    assert_eq!(refused.json()["params"]["problem"], "rate_limited");
    let files = [("Dockerfile", "FROM scratch\nCOPY README.md /\n")];
    let commit = rule.code.push_files("main", "Limited", &files);
    let number = Rule::build_of(&rule.wait_for_decision("refs/heads/main", &commit));
    rule.wait_for_success(number);
    assert_eq!(
        place.show_source()["health"]["ok"],
        true,
        "the account is good"
    );
    let asked = || {
        let all = forge.requests().into_iter();
        all.filter(|it| it.method == "POST" && it.path.contains("/statuses/"))
            .count()
    };
    wait_for(|| (asked() > 0).then_some(()));
    assert!(forge.statuses(&rule.remote).is_empty());
    forge.limit_rate(None);
    let told = wait_for(|| {
        let told = forge.statuses(&rule.remote);
        told.iter().any(|it| it.state == "success").then_some(told)
    });
    assert!(told.iter().all(|it| it.commit == commit), "{told:?}");
}

pub(super) fn pages_are_followed_to_their_end(kind: Kind) {
    let Some(place) = Place::connect(kind, Pace::Told) else {
        return;
    };
    let forge = place.host.forge();
    let code = place.make_code("web");
    let owner = code.remote.split('/').next().expect("an owner");
    forge.list_repositories(owner, 4);
    let tree = code.git.clone_work_tree();
    let names: Vec<_> = (1..=4).map(|number| format!("release/{number}")).collect();
    for name in &names {
        tree.git(&["branch", name]);
        tree.tag(&name.replace("release/", "v"), None);
    }
    tree.git(&["push", "--quiet", "--all", "origin"]);
    tree.git(&["push", "--quiet", "--tags", "origin"]);
    forge.limit_pages(2);

    let path = format!("/sources/{}", place.source);
    let remote = encode_segment(&code.remote);
    let count = |target: &str| {
        let (mut found, mut after) = (0, String::new());
        loop {
            let mark = if target.contains('?') { '&' } else { '?' };
            let page = place.api.get(&format!("{target}{mark}limit=2{after}"));
            let page = page.expect(200).json();
            found += page["items"].as_array().expect("a list").len();
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return found,
            }
        }
    };
    assert_eq!(count(&format!("{path}/repositories?owner={owner}")), 5);
    assert_eq!(count(&format!("{path}/repositories/{remote}/branches")), 5);
    assert_eq!(count(&format!("{path}/repositories/{remote}/tags")), 4);

    // A rule sees all of them as well.
    let rule = place.make_rule(
        &code,
        json!({ "trigger": { "branches": true, "tags": true } }),
    );
    assert_eq!(rule.decisions().len(), 9);
    let tried = place
        .api
        .post(&rule.path("/rule-trials"), json!({ "rule": "main" }));
    let tried = tried.expect(200).json();
    assert_eq!(tried["total"], 9, "{tried:#}");
}
