//! Webhooks from the first rule to the last, as people see and mend them.

use serde_json::json;
use wharf_tests::building::wait_for;

use super::{
    kinds::{Kind, Pace},
    place::Place,
};

pub(super) fn a_webhook_is_shown_mended_and_removed_with_the_last_rule(kind: Kind) {
    let Some(place) = Place::connect(kind, Pace::Told) else {
        return;
    };
    let code = place.make_code("web");
    let rule = place.make_rule(&code, json!({ "trigger": { "branches": true } }));
    let forge = place.host.forge();
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
    match kind {
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

    // Shared by all rules of the repository, and gone with the last of them.
    let another = place.make_rule(&code, json!({}));
    assert_eq!(forge.webhooks(&rule.remote).len(), 1);
    place.api.delete(&another.path("/rules/main")).expect(204);
    assert_eq!(forge.webhooks(&rule.remote).len(), 1);
    place.api.delete(&rule.path("/rules/main")).expect(204);
    wait_for(|| forge.webhooks(&rule.remote).is_empty().then_some(()));
    place.wait_until_all_is_removed();
    assert!(place.find_webhook(&rule.remote).is_none());
    assert_eq!(forge.unknown_requests(), Vec::<String>::new());
}
