//! Whose turn it is.

use serde_json::Value;
use std::collections::HashSet;
use wharf_db::{DbError, Durability, builds::list_due_pushes};
use wharf_model::{NamespaceId, Timestamp, builds::PushTarget};

use crate::{
    launcher::ScriptLauncher,
    site::{Place, script, wait_for},
};

#[tokio::test(flavor = "multi_thread")]
async fn turns_go_round_the_namespaces_as_the_queue_showed_it() {
    let (place, launcher) = (Place::new(), ScriptLauncher::default());
    let site = place.start(&launcher, 1).await;
    let first = site.make_repository("blocker/app").await;
    let blocker = site.queue(script(&first, "wait gate", &["v"])).await;
    site.wait_for_state(&blocker, "running").await;
    // The first namespace queues all of its builds before anybody else comes; 200 of 20 in all.
    for number in 0..20 {
        let facts = site.make_repository(&format!("team{number}/app")).await;
        let count = if number == 0 { 105 } else { 5 };
        for build in 0..count {
            let text = format!("log team{number} {build}");
            site.queue(script(&facts, &text, &["v"])).await;
        }
    }
    let queue = site.get("/builds/queue").await;
    let shown: Vec<String> = queue["waiting"]
        .as_array()
        .unwrap()
        .iter()
        .map(|place| place["build"]["repository"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(shown.len(), 200);
    for round in 0..5 {
        let mut names: Vec<_> = shown[round * 20..(round + 1) * 20].to_vec();
        names.sort();
        names.dedup();
        assert_eq!(
            names.len(),
            20,
            "each namespace has a turn in round {round}"
        );
    }
    launcher.open("gate");
    wait_for(|| async { (launcher.started().len() == 201).then_some(()) }).await;
    let begun: Vec<String> = launcher
        .started()
        .iter()
        .skip(1)
        .map(|it| format!("{}/app", it.script.split(' ').nth(1).unwrap()))
        .collect();
    assert_eq!(
        begun, shown,
        "the order that was shown is the order in which they began"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_cannot_build_says_why_and_drops_nothing() {
    let place = Place::new();
    let site = place.start_unable().await;
    let facts = site.make_repository("team/app").await;
    let build = site.queue(script(&facts, "log x", &["v1"])).await;
    let shown = wait_for(|| async {
        let shown = site.show(&build).await;
        (shown["failure"] != Value::Null).then_some(shown)
    })
    .await;
    assert_eq!(shown["state"], "queued");
    assert_eq!(shown["position"], 1);
    assert_eq!(shown["failure"]["reason"], "cannot_build");
    let why = "this kernel has no user namespaces";
    assert_eq!(shown["failure"]["detail"], why);
    assert_eq!(site.get("/builds/queue").await["problem"], why);
    site.kill().await;
    let launcher = ScriptLauncher::default();
    let site = place.start(&launcher, 1).await;
    let shown = site.wait_for_state(&build, "succeeded").await;
    assert_eq!(shown["failure"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_due_at_further_registries_leaves_out_full_registries_and_busy_namespaces() {
    let place = Place::new();
    let site = place.start_waiting(Default::default()).await;
    let mut namespaces = Vec::new();
    for team in ["one", "two"] {
        let facts = site.make_repository(&format!("{team}/app")).await;
        namespaces.push(facts.namespace);
        let mut new = script(&facts, "log x", &["v1"]);
        let image = |host| PushTarget {
            image: format!("{host}.example/app"),
            tags: Vec::new(),
        };
        new.spec.push_also = vec![image("slow"), image("quick")];
        site.queue(new).await;
    }
    let (one, two) = (namespaces[0], namespaces[1]);
    let list = async |full: &'static [&str], busy: Vec<NamespaceId>| {
        let due = site.db.write(Durability::Relaxed, move |tx| {
            tx.execute("UPDATE build_pushes SET next_at = 1", &[])?;
            let full: Vec<_> = full.iter().map(|host| (*host).to_owned()).collect();
            list_due_pushes(tx, Timestamp::from_micros(5), &full, &busy, 10)
        });
        let due: Result<_, DbError> = due.await;
        let due = due.unwrap().into_iter();
        due.map(|(namespace, push)| (namespace, push.image))
            .collect::<HashSet<_>>()
    };
    let (slow, quick) = (
        "slow.example/app".to_owned(),
        "quick.example/app".to_owned(),
    );
    assert_eq!(list(&[], vec![]).await.len(), 4);
    let of_two = HashSet::from([(two, slow), (two, quick.clone())]);
    assert_eq!(list(&[], vec![one]).await, of_two);
    let left = list(&["slow.example"], vec![one]).await;
    assert_eq!(left, HashSet::from([(two, quick)]));
    assert!(list(&[], vec![one, two]).await.is_empty());
}
