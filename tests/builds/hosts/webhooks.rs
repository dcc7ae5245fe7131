//! Webhooks from the first rule to the last, as people see and mend them.

use serde_json::json;
use wharf_testkit::{ForgeServer, Login};
use wharf_tests::building::wait_for;

use super::{
    kinds::{Host, Kind, Pace},
    place::Place,
    rule::Rule,
};

pub(super) fn a_webhook_is_shown_mended_and_removed_with_the_last_rule(kind: Kind) {
    let Some(place) = Place::connect(kind, Pace::Told) else {
        return;
    };
    let code = place.make_code("web");
    let rule = place.make_rule(&code, json!({ "trigger": { "branches": true } }));
    match &place.host {
        Host::Forge(forge) if kind.is_told() => show_and_mend(&rule, forge),
        Host::Forge(forge) => show_why_it_asks(&rule, forge),
        Host::Plain(_) | Host::Ssh(..) => give_another_line(&rule),
    }
    let known = |remote: &str| match &place.host {
        Host::Forge(forge) => forge.webhooks(remote).len(),
        Host::Plain(_) | Host::Ssh(..) => 0,
    };
    let registered = usize::from(kind.is_forge() && kind.is_told());

    // Shared by all rules of the repository, and gone with the last of them.
    let another = place.make_rule(&code, json!({}));
    assert_eq!(known(&rule.remote), registered);
    place.api.delete(&another.path("/rules/main")).expect(204);
    assert_eq!(known(&rule.remote), registered);
    assert!(place.find_webhook(&rule.remote).is_some());
    place.api.delete(&rule.path("/rules/main")).expect(204);
    wait_for(|| (known(&rule.remote) == 0).then_some(()));
    place.wait_until_all_is_removed();
    assert!(place.find_webhook(&rule.remote).is_none());
    if let Host::Forge(forge) = &place.host {
        assert_eq!(forge.unknown_requests(), Vec::<String>::new());
    }
}

/// The host delivers: what it says of that, and what is done when somebody removed it there.
fn show_and_mend(rule: &Rule<'_>, forge: &ForgeServer) {
    let place = rule.place;
    let commit = rule.code.push_files("main", "One", &[("a", "1")]);
    rule.wait_for_decision("refs/heads/main", &commit);
    // The host answers who pushed first, and notes what became of its delivery last.
    let sent = forge.wait_for_delivery(|sent| sent.status == Some(200));

    let listed = place
        .api
        .get(&place.webhook_path(&rule.remote, "/deliveries"));
    let listed = listed.expect(200).json();
    assert_eq!(listed["items"][0]["delivery"], sent.id, "{listed:#}");
    assert_eq!(listed["items"][0]["outcome"], "taken", "{listed:#}");
    let attempts = place
        .api
        .get(&place.webhook_path(&rule.remote, "/attempts"));
    let attempts = attempts.expect(200).json();
    match place.kind {
        // Its API does not tell.
        Kind::Gitea => assert_eq!(attempts["items"], json!(null)),
        _ => assert_eq!(attempts["items"][0]["status"], 200, "{attempts:#}"),
    }

    let first = forge.webhooks(&rule.remote)[0].clone();
    forge.delete_webhook(&rule.remote, first.id);
    let repair = place.webhook_path(&rule.remote, "/repair");
    let mended = place.api.post(&repair, json!({})).expect(200).json();
    assert_eq!(mended["state"], "active", "{mended:#}");
    let second = forge.webhooks(&rule.remote)[0].clone();
    assert_ne!(second.id, first.id);
    assert_eq!(second.url, first.url);
    let commit = rule.code.push_files("main", "Two", &[("a", "2")]);
    let made = rule.wait_for_decision("refs/heads/main", &commit);
    assert_eq!(made["cause"], "push", "{made:#}");

    find_among_many(rule, forge);
}

/// The host came back from a backup and counts its webhooks anew, and there are more of them than a page shows: ours is
/// found by its URL, and none is registered beside it.
fn find_among_many(rule: &Rule<'_>, forge: &ForgeServer) {
    let before = forge.webhooks(&rule.remote)[0].clone();
    forge.limit_pages(2);
    forge.delete_webhook(&rule.remote, before.id);
    for number in 0..5 {
        forge.add_webhook(&rule.remote, &format!("https://ci.example/{number}"));
    }
    forge.add_webhook(&rule.remote, &before.url);
    let repair = rule.place.webhook_path(&rule.remote, "/repair");
    let mended = rule.place.api.post(&repair, json!({})).expect(200).json();
    assert_eq!(mended["state"], "active", "{mended:#}");
    let hooks = forge.webhooks(&rule.remote);
    let ours = hooks.iter().filter(|hook| hook.url == before.url);
    assert_eq!(ours.count(), 1, "{hooks:?}");
    assert_eq!(hooks.len(), 6);
    let commit = rule.code.push_files("main", "Three", &[("a", "3")]);
    let made = rule.wait_for_decision("refs/heads/main", &commit);
    assert_eq!(made["cause"], "push", "{made:#}");
    for hook in hooks.iter().filter(|hook| hook.url != before.url) {
        forge.delete_webhook(&rule.remote, hook.id);
    }
}

/// The host cannot deliver: nothing is registered, and the page says why.
fn show_why_it_asks(rule: &Rule<'_>, forge: &ForgeServer) {
    let place = rule.place;
    let repair = place.webhook_path(&rule.remote, "/repair");
    let shown = place.api.post(&repair, json!({})).expect(200).json();
    assert_eq!(shown["state"], "polling", "{shown:#}");
    assert_eq!(shown["health"]["problem"], "no_public_url", "{shown:#}");
    assert_eq!(forge.webhooks(&rule.remote).len(), 0);
    let commit = rule.code.push_files("main", "One", &[("a", "1")]);
    let made = rule.wait_for_decision("refs/heads/main", &commit);
    assert_eq!(made["cause"], "poll", "{made:#}");
}

/// Plain git has no API: a person puts a line into the repository's hook, and another line ends the first.
fn give_another_line(rule: &Rule<'_>) {
    let place = rule.place;
    let shown = place.find_webhook(&rule.remote).expect("a row");
    assert_eq!(shown["state"], "manual", "{shown:#}");
    let secret = place.webhook_path(&rule.remote, "/secret");
    let lines = [(); 2].map(|()| {
        let made = place.api.post(&secret, json!({})).expect(200).json();
        made["line"].as_str().expect("a line").to_owned()
    });
    let client = place.server.registry(&Login::Anonymous);
    let nudge = |line: &str| {
        let url = line.rsplit(' ').next().expect("a URL");
        let path = url
            .strip_prefix(place.server.url())
            .expect("of this server");
        let secret = line.split("Bearer ").nth(1).expect("a secret");
        let secret = secret.split('\'').next().expect("a secret");
        let request = client.request(reqwest::Method::POST, path);
        let request = request.header("authorization", &format!("Bearer {secret}"));
        request.header("content-type", "text/plain").send().status
    };
    assert_eq!(nudge(&lines[0]), 401);
    assert_eq!(nudge(&lines[1]), 200);
    let listed = place.webhook_path(&rule.remote, "/deliveries");
    let listed = place.api.get(&listed).expect(200).json();
    assert_eq!(listed["items"][0]["outcome"], "taken", "{listed:#}");
}
