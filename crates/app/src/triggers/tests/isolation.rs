//! One dead receiver among many.

use super::{
    receiver::{HANG, Receiver},
    scene::Scene,
};
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

const RECEIVERS: usize = 50;
const TAGS: usize = 4;
const CHANGES: usize = 5;

/// Longer than it takes on a busy machine, shorter than the dead receiver alone would take for a lane that all share.
const PATIENCE: Duration = Duration::from_secs(120);

/// F47: of 1,000 deliveries those to the 49 receivers that live arrive, in the order of each tag, while one hangs.
#[tokio::test(flavor = "multi_thread")]
async fn f47_one_dead_receiver_of_fifty_disturbs_no_other() {
    let scene = Scene::make().await;
    let mut receivers = Vec::new();
    for number in 0..RECEIVERS {
        let receiver = Receiver::start_at(&format!("127.0.0.{}", number + 1)).await;
        scene
            .add_webhook(&format!("hook{number}"), &receiver.url)
            .await;
        receivers.push(receiver);
    }
    receivers[7].answer(HANG);
    for change in 0..CHANGES {
        for tag in 0..TAGS {
            let digit = |change: usize| char::from_digit(change as u32 + 1, 10);
            let from = change.checked_sub(1).and_then(digit);
            let to = digit(change).unwrap();
            scene.push(&format!("v{tag}"), to, from).await;
        }
    }
    let loops = [
        tokio::spawn(scene.app.clone().run_trigger_events()),
        tokio::spawn(scene.app.clone().run_deliveries()),
    ];
    let begun = Instant::now();
    let whole = |receiver: &&Receiver| receiver.heard().len() >= TAGS * CHANGES;
    while receivers.iter().filter(whole).count() < RECEIVERS - 1 {
        assert!(begun.elapsed() < PATIENCE, "some are still waiting");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for one in loops {
        one.abort();
    }
    let dead = receivers[7].heard().len();
    assert!(
        (1..=TAGS).contains(&dead),
        "one of each tag at most: {dead}"
    );
    let made = scene.deliveries().await;
    assert_eq!(made.len(), RECEIVERS * TAGS * CHANGES);
    for (number, receiver) in receivers
        .iter()
        .enumerate()
        .filter(|(number, _)| *number != 7)
    {
        let heard = receiver.heard();
        let places: HashMap<_, _> = heard.iter().zip(0..).collect();
        let name = format!("hook{number}");
        let mut last: HashMap<String, usize> = HashMap::new();
        for one in made.iter().filter(|one| one.trigger_name.as_str() == name) {
            let place = places[&one.id.to_string()];
            let before = last.insert(one.tag.as_ref().unwrap().to_string(), place);
            assert!(before < Some(place), "{name}: out of order");
        }
        assert_eq!(heard.len(), TAGS * CHANGES, "each once");
    }
}
