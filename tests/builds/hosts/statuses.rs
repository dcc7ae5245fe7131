//! How a build went, beside its commit on the host.

use serde_json::json;
use wharf_tests::building::wait_for;

use super::{
    kinds::{Kind, Pace},
    place::Place,
    rule::Rule,
};

pub(super) fn a_commit_shows_how_its_build_went(kind: Kind) {
    let Some(place) = Place::connect(kind, Pace::Told) else {
        return;
    };
    let code = place.make_code("web");
    let definition = json!({ "trigger": { "branches": true } });
    let rule = place.make_rule(&code, definition);
    let dockerfile = ("Dockerfile", "FROM scratch\nCOPY README.md /\n");
    let commit = rule.code.push_files("main", "Works", &[dockerfile]);
    let number = Rule::build_of(&rule.wait_for_decision("refs/heads/main", &commit));
    rule.wait_for_success(number);
    assert_eq!(wait_for_states(&rule, &commit), ["pending", "success"]);
    let told = place.host.forge().statuses(&rule.remote);
    let link = format!("/repositories/{}/builds/{number}", rule.image);
    let target = match kind.is_told() {
        true => format!("{}{link}", place.server.url()),
        // Nobody told wharf where it is seen from elsewhere.
        false => String::new(),
    };
    for status in &told {
        assert_eq!(status.target_url, target);
        assert_eq!(status.context, format!("wharf/{}/main", rule.image));
    }

    let broken = [("Dockerfile", "FROM scratch\nCOPY nothing /\n")];
    let commit = rule.code.push_files("main", "Broken", &broken);
    let number = Rule::build_of(&rule.wait_for_decision("refs/heads/main", &commit));
    assert_eq!(rule.wait_for_end(number)["state"], "failed");
    let failure = match kind {
        Kind::GitLab | Kind::PolledGitLab => "failed",
        _ => "failure",
    };
    assert_eq!(wait_for_states(&rule, &commit), ["pending", failure]);

    let commit = rule.code.push_files("main", "Works again", &[dockerfile]);
    let number = Rule::build_of(&rule.wait_for_decision("refs/heads/main", &commit));
    rule.wait_for_success(number);
    assert_eq!(wait_for_states(&rule, &commit), ["pending", "success"]);
    assert_eq!(place.host.forge().unknown_requests(), Vec::<String>::new());
}

/// What the host was told of a commit, once it knows how it ended; that a build waits and that it runs are one word, told once.
fn wait_for_states(rule: &Rule<'_>, commit: &str) -> Vec<String> {
    wait_for(|| {
        let told = rule.place.host.forge().statuses(&rule.remote);
        let mine = told.into_iter().filter(|status| status.commit == commit);
        let states: Vec<_> = mine.map(|status| status.state).collect();
        states
            .iter()
            .any(|state| state != "pending")
            .then_some(states)
    })
}
