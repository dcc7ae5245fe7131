//! Receivers that fail for a while, for good, or want nothing more.

use serde_json::json;
use wharf_testkit::{Behavior, Receiver};

use super::scene::{PATIENCE, Scene};

#[test]
fn a_receiver_that_fails_is_asked_again_under_the_same_id_and_in_order() {
    let scene = Scene::new();
    let receiver = Receiver::start_with(|_, before| match before {
        0 => Behavior::answer(503, "starting"),
        1 => Behavior::Close,
        _ => Behavior::answer(200, "ok"),
    });
    scene.make_trigger(json!({ "name": "retry", "actions": [
        { "kind": "webhook", "url": receiver.url("/hook") },
    ]}));
    let first = scene.push("v1", "first");
    let second = scene.push("v1", "second");
    let requests = receiver.wait_for(4, PATIENCE);
    let deliveries = scene.wait_for_state("retry", 2, "succeeded");
    let digests: Vec<_> = requests
        .iter()
        .map(|request| request.json()["data"]["digest"].clone())
        .collect();
    assert_eq!(
        digests,
        [&first, &first, &first, &second].map(|one| json!(one))
    );
    let ids: Vec<_> = requests
        .iter()
        .map(|request| request.header("webhook-id"))
        .collect();
    assert_eq!([ids[0], ids[0], ids[0]], [ids[0], ids[1], ids[2]]);
    assert_ne!(ids[0], ids[3]);
    // Between the tries it waited.
    assert!(requests[1].at - requests[0].at >= std::time::Duration::from_secs(2));
    let shown = scene.show(&deliveries[1]);
    let attempts = shown["attempts"].as_array().expect("attempts");
    let outcomes: Vec<_> = attempts
        .iter()
        .map(|attempt| attempt["outcome"].clone())
        .collect();
    assert_eq!(
        outcomes,
        ["delivered", "retry", "retry"].map(|one| json!(one))
    );
    assert_eq!(attempts[2]["response"]["body"], "starting");
}

#[test]
fn a_redelivery_is_the_same_delivery() {
    let scene = Scene::new();
    let receiver = Receiver::start();
    receiver.behave(Behavior::answer(302, "").with("Location", "https://elsewhere.example/"));
    scene.make_trigger(json!({ "name": "again", "actions": [
        { "kind": "webhook", "url": receiver.url("/hook") },
    ]}));
    scene.push("v1", "first");
    let failed = scene.wait_for_state("again", 1, "failed").remove(0);
    assert_eq!(failed["reason"], "redirected");
    receiver.behave(Behavior::answer(200, "ok"));
    scene.redeliver(&failed);
    scene.wait_for_state("again", 1, "succeeded");
    let requests = receiver.wait_for(2, PATIENCE);
    assert_eq!(
        requests[0].header("webhook-id"),
        requests[1].header("webhook-id")
    );
    assert_eq!(requests[0].header("webhook-id"), failed["id"].as_str());
}
