//! What hosts tell twice, late, in the wrong order, wrongly signed, about something else, or not at all.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use wharf_testkit::{
    ForgeServer, Login,
    forges::{Misbehavior, SentDelivery},
};
use wharf_tests::building::wait_for;

use super::{
    kinds::{Host, Kind, Pace},
    place::Place,
    rule::Rule,
};

pub(super) fn each_update_is_decided_once_however_it_is_told(kind: Kind) {
    let Some(place) = Place::connect(kind, Pace::Told) else {
        return;
    };
    let code = place.make_code("web");
    // Nothing can be built of it, and it is queued all the same.
    let rule = place.make_rule(&code, json!({ "trigger": { "branches": true } }));
    match &place.host {
        Host::Forge(forge) if kind.is_told() => {
            tell_twice(&rule, forge);
            tell_backwards(&rule, forge);
            tell_of_other_things(&rule, forge);
        }
        Host::Ssh(..) if kind.is_told() => nudge_wrongly_and_twice(&rule),
        _ => move_between_questions(&rule),
    }
    rule.assert_each_update_decided_once();
}

/// The host delivers twice, and a person has it delivered once more.
fn tell_twice(rule: &Rule<'_>, forge: &ForgeServer) {
    forge.misbehave(Misbehavior::Duplicate);
    let commit = rule.code.push_files("main", "Twice", &[("a", "1")]);
    let made = rule.wait_for_decision("refs/heads/main", &commit);
    assert_eq!(made["cause"], "push", "{made:#}");
    let mine = |sent: &SentDelivery| names(sent, &commit);
    wait_for(|| (forge.deliveries().iter().filter(|it| mine(it)).count() == 2).then_some(()));
    forge.misbehave(Misbehavior::None);
    let sent = forge.wait_for_delivery(mine);
    assert_eq!(made["origin"], sent.id.as_str(), "{made:#}");
    forge.send_again(&sent);
    for sent in forge.deliveries().iter().filter(|it| mine(it)) {
        assert_eq!(sent.status, Some(200));
    }
    assert_eq!(rule.builds().len(), 1);
    assert_eq!(rule.decisions().len(), 2, "{:#?}", rule.decisions());
}

/// Two pushes are told in the wrong order: what is there in the end is built, and nothing twice.
fn tell_backwards(rule: &Rule<'_>, forge: &ForgeServer) {
    forge.misbehave(Misbehavior::Hold);
    rule.code.push_files("main", "First", &[("a", "2")]);
    let last = rule.code.push_files("main", "Second", &[("a", "3")]);
    assert_eq!(forge.release_held(2, true), 2);
    forge.misbehave(Misbehavior::None);
    let built = rule.wait_for_decision("refs/heads/main", &last);
    assert_eq!(built["decision"], "built", "{built:#}");
    let builds = rule.builds();
    let commits: Vec<_> = builds
        .iter()
        .filter_map(|it| it["commit"].as_str())
        .collect();
    let once: BTreeSet<_> = commits.iter().collect();
    assert_eq!(commits.len(), once.len(), "{commits:?}");
    assert_eq!(commits[0], last, "the newest build is of the newest commit");
}

/// Forks, comments and what nobody knows are answered 200 and start nothing; a wrong signature is refused.
fn tell_of_other_things(rule: &Rule<'_>, forge: &ForgeServer) {
    let (before, builds) = (rule.decisions().len(), rule.builds().len());
    let events = match rule.place.kind {
        Kind::GitLab => ["Note Hook", "Merge Request Hook", "Something New Hook"],
        _ => ["fork", "issue_comment", "something_new"],
    };
    let body = json!({ "object_kind": "note", "action": "created" }).to_string();
    let known = forge.deliveries().len();
    for event in events {
        forge.send_event(&rule.remote, event, &body);
    }
    let sent = forge.deliveries().split_off(known);
    let path = rule.place.webhook_path(&rule.remote, "/deliveries");
    let listed: Vec<Value> = rule.place.api.read_all(&path, 100);
    for sent in &sent {
        assert_eq!(sent.status, Some(200), "{}", sent.event);
        let found = listed.iter().find(|it| it["delivery"] == sent.id.as_str());
        let found = found.unwrap_or_else(|| panic!("{} in {listed:#?}", sent.event));
        assert_eq!(found["outcome"], "ignored", "{found:#}");
    }
    let sent = sent.into_iter().next().expect("three were sent");
    let forged = SentDelivery {
        body: b"{}".to_vec(),
        id: "00000000-0000-4000-8000-000000000000".to_owned(),
        headers: spoil_secret(sent.headers),
        ..sent
    };
    forge.send_again(&forged);
    let answered = forge.deliveries().last().and_then(|sent| sent.status);
    assert_eq!(answered, Some(401));
    assert_eq!(rule.decisions().len(), before);
    assert_eq!(rule.builds().len(), builds);
}

/// GitLab's old token is the secret itself; the others sign the body, which has changed.
fn spoil_secret(headers: Vec<(String, String)>) -> Vec<(String, String)> {
    let spoil = |(name, value): (String, String)| match name.as_str() {
        "X-Gitlab-Token" => (name, "a guess".to_owned()),
        _ => (name, value),
    };
    headers.into_iter().map(spoil).collect()
}

/// Nobody tells of it: what is there when it is asked for is built, also when it was there before.
fn move_between_questions(rule: &Rule<'_>) {
    let first = rule.code.push_files("main", "First", &[("a", "1")]);
    let made = rule.wait_for_decision("refs/heads/main", &first);
    assert_eq!(
        (&made["decision"], &made["cause"]),
        (&json!("built"), &json!("poll"))
    );
    rule.code.push_files("main", "Second", &[("a", "2")]);
    rule.code
        .push_files("other", "Another branch", &[("b", "1")]);
    let third = rule.code.push_files("main", "Third", &[("a", "3")]);
    let made = rule.wait_for_decision("refs/heads/main", &third);
    assert_eq!(made["decision"], "built", "{made:#}");
    // Back to a commit that was built before.
    let tree = rule.code.clone_work_tree();
    let back = format!("+{first}:refs/heads/main");
    tree.push(&[&back, ":refs/heads/other"]);
    let made = wait_for(|| {
        let last = rule.decisions().into_iter().rev();
        let mut last = last.filter(|it| it["ref"] == "refs/heads/main");
        last.next().filter(|it| it["new"] == first.as_str())
    });
    assert_eq!(
        (&made["decision"], &made["old"]),
        (&json!("built"), &json!(third))
    );
    let of_first = rule.builds().into_iter();
    let of_first = of_first.filter(|it| it["commit"] == first.as_str());
    assert_eq!(of_first.count(), 2);
}

/// The line of the hook, called by a stranger and called too often.
fn nudge_wrongly_and_twice(rule: &Rule<'_>) {
    let commit = rule.code.push_files("main", "Nudge", &[("a", "1")]);
    let made = rule.wait_for_decision("refs/heads/main", &commit);
    assert_eq!(made["decision"], "built", "{made:#}");
    let line = std::fs::read_to_string(rule.code.path().join("hooks/post-receive"));
    let line = line.expect("a hook");
    let secret = line
        .split("Bearer ")
        .nth(1)
        .and_then(|it| it.split('\'').next());
    let (secret, url) = (secret.expect("a secret"), line.trim().rsplit(' ').next());
    let path = url
        .and_then(|url| url.strip_prefix(rule.place.server.url()))
        .expect("a URL of this server");
    let client = rule.place.server.registry(&Login::Anonymous);
    let nudge = |secret: &str| {
        let request = client.request(reqwest::Method::POST, path);
        let request = request.header("authorization", &format!("Bearer {secret}"));
        request.header("content-type", "text/plain").send().status
    };
    assert_eq!(nudge("a guess"), 401);
    for _ in 0..3 {
        assert_eq!(nudge(secret), 200);
    }
    // Whatever the nudges found is there before what is pushed after them.
    let commit = rule.code.push_files("main", "Nudge again", &[("a", "2")]);
    rule.wait_for_decision("refs/heads/main", &commit);
    assert_eq!(rule.decisions().len(), 3, "{:#?}", rule.decisions());
}

pub(super) fn what_the_host_does_not_tell_is_found(kind: Kind) {
    let Some(place) = Place::connect(kind, Pace::Asking) else {
        return;
    };
    let code = place.make_code("web");
    let telling = match &place.host {
        Host::Forge(forge) if kind.is_told() => Some(forge),
        _ => None,
    };
    if let Some(forge) = telling {
        // A GitLab that knows only tokens signs nothing, and cannot show that a body changed.
        forge.sign_deliveries();
    }
    let rule = place.make_rule(
        &code,
        json!({ "trigger": { "branches": true, "tags": true, "tag_patterns": ["build-*"] } }),
    );
    if kind == Kind::NudgedGit {
        rule.remove_hook();
    }
    // A byte changes on the way: it is refused, and the host does not send it again.
    misbehave(telling, Misbehavior::Corrupt);
    let spoiled = rule.code.push_files("main", "Spoiled", &[("a", "1")]);
    if let Some(forge) = telling {
        let sent = forge.wait_for_delivery(|sent| sent.event.to_lowercase().contains("push"));
        assert_eq!(sent.status, Some(401));
    }
    misbehave(telling, Misbehavior::Drop);
    let lost = rule.code.push_files("feature/lost", "Lost", &[("a", "2")]);
    // More tags than a host tells of, and nobody it could tell: somebody deleted the webhook.
    misbehave(telling, Misbehavior::None);
    let deleted = telling.map(|forge| {
        let deleted = forge.webhooks(&rule.remote)[0].id;
        forge.delete_webhook(&rule.remote, deleted);
        (forge, deleted)
    });
    let tree = rule.code.clone_work_tree();
    let names = ["build-1", "note-1", "note-2", "note-3", "build-2"];
    for name in names {
        tree.tag(name, None);
    }
    tree.push(&names);
    let tagged = tree.head();

    for (reference, object) in [
        ("refs/heads/main", &spoiled),
        ("refs/heads/feature/lost", &lost),
    ] {
        let made = rule.wait_for_decision(reference, object);
        assert_eq!(made["decision"], "built", "{made:#}");
        assert_eq!(made["cause"], "poll", "{made:#}");
    }
    for name in ["build-1", "build-2"] {
        let made = rule.wait_for_decision(&format!("refs/tags/{name}"), &tagged);
        assert_eq!(made["decision"], "built", "{made:#}");
    }
    for name in ["note-1", "note-2", "note-3"] {
        let made = rule.wait_for_decision(&format!("refs/tags/{name}"), &tagged);
        assert_eq!(made["reason"], "no_pattern_matches", "{made:#}");
    }
    rule.assert_each_update_decided_once();
    assert_eq!(rule.builds().len(), 4);
    let Some((forge, deleted)) = deleted else {
        return;
    };
    // That a working webhook missed something is reason enough to look after it.
    let hook = wait_for(|| forge.webhooks(&rule.remote).into_iter().next());
    assert_ne!(hook.id, deleted);
    let told = rule.code.push_files("main", "Told again", &[("a", "3")]);
    let made = rule.wait_for_decision("refs/heads/main", &told);
    assert_eq!(made["cause"], "push", "{made:#}");
    rule.assert_each_update_decided_once();
}

fn misbehave(forge: Option<&ForgeServer>, misbehavior: Misbehavior) {
    if let Some(forge) = forge {
        forge.misbehave(misbehavior);
    }
}

fn names(sent: &SentDelivery, commit: &str) -> bool {
    String::from_utf8_lossy(&sent.body).contains(commit)
}
