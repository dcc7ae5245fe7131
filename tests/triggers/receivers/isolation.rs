//! Row F47 of the list of faults.

use serde_json::json;
use std::collections::HashMap;
use std::time::{Duration, Instant};
use wharf_testkit::{Behavior, ImageMaker, Receiver, Server};

use super::scene::{Scene, path_of};

const RECEIVERS: usize = 50;
const TAGS: usize = 4;
const VERSIONS: usize = 5;

/// How long the receivers that live may take for what was pushed. Each of them has 20 deliveries; with the dead one in
/// their way each would wait for its half minutes.
const UNDISTURBED: Duration = Duration::from_secs(120);

#[test]
fn f47_a_thousand_events_reach_49_receivers_in_order_while_one_of_50_is_dead() {
    let server = Server::builder()
        .config("[egress]\nallow = [\"127.0.0.1\"]")
        .start();
    let scene = Scene::on(&server);
    let receivers: Vec<_> = (0..RECEIVERS).map(|_| Receiver::start()).collect();
    receivers[0].behave(Behavior::Hang);
    let repositories: Vec<_> = receivers
        .iter()
        .enumerate()
        .map(|(index, receiver)| {
            let name = format!("{}/app{index}", scene.person.username);
            scene.make_repository(&name);
            let trigger = json!({ "name": "tell", "actions": [
                { "kind": "webhook", "url": receiver.url("/hook") },
            ]});
            let made = scene.api.post(&path_of(&name, "/triggers"), trigger);
            made.expect(201);
            scene.repository.client().repository(&name)
        })
        .collect();
    let mut pushed: HashMap<(usize, String), Vec<String>> = HashMap::new();
    for version in 0..VERSIONS {
        for (index, repository) in repositories.iter().enumerate() {
            let image = ImageMaker::new("f47")
                .annotations(json!({ "version": format!("{version}") }))
                .make();
            for tag in 0..TAGS {
                let tag = format!("t{tag}");
                let digest = match version + index {
                    0 => repository.push_image(&tag, &image),
                    _ => {
                        for blob in image.blobs() {
                            repository.push_blob(blob);
                        }
                        repository.push_manifest(&tag, &image.manifest)
                    }
                };
                pushed.entry((index, tag)).or_default().push(digest);
            }
        }
    }
    let ended = Instant::now();
    for (index, receiver) in receivers.iter().enumerate().skip(1) {
        let left = UNDISTURBED.saturating_sub(ended.elapsed());
        let requests = receiver.wait_for(TAGS * VERSIONS, left.max(Duration::from_secs(1)));
        let mut heard: HashMap<String, Vec<String>> = HashMap::new();
        for request in &requests {
            let data = request.json()["data"].clone();
            let text = |fact: &str| data[fact].as_str().expect("a text").to_owned();
            heard.entry(text("tag")).or_default().push(text("digest"));
        }
        for (tag, digests) in heard {
            assert_eq!(digests, pushed[&(index, tag.clone())], "{index} {tag}");
        }
    }
    // The dead one was asked about the oldest version of each of its tags, and about no later one.
    let dead = receivers[0].wait_for(TAGS, UNDISTURBED);
    for request in &dead {
        let data = request.json()["data"].clone();
        let tag = data["tag"].as_str().expect("a tag").to_owned();
        assert_eq!(data["digest"], pushed[&(0, tag)][0].as_str());
    }
    // All that it was to hear waits, and is visible.
    let list = path_of(repositories[0].name(), "/trigger-deliveries?limit=1000");
    let waiting = scene.api.get(&list).expect(200).json();
    let waiting = waiting["items"].as_array().expect("items").clone();
    assert_eq!(waiting.len(), TAGS * VERSIONS);
    let is_open = |state: &str| matches!(state, "waiting" | "running");
    let states = waiting.iter().map(|one| one["state"].as_str());
    assert!(states.flatten().all(is_open), "{waiting:#?}");
}
