//! Whose turn it is.

use serde_json::Value;

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
