//! What a server finds that was killed while it built.

use serde_json::Value;

use crate::{
    launcher::ScriptLauncher,
    site::{Place, script},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_build_whose_server_was_killed_is_begun_once_more_and_then_given_up() {
    let (place, launcher) = (Place::new(), ScriptLauncher::default());
    let site = place.start(&launcher, 1).await;
    let facts = site.make_repository("team/app").await;
    let build = site
        .queue(script(&facts, "log x\nwait never", &["v1"]))
        .await;
    site.wait_for_state(&build, "running").await;
    site.kill().await;
    let site = place.start(&launcher, 1).await;
    let shown = crate::site::wait_for(|| async {
        let shown = site.show(&build).await;
        (shown["attempt"] == 2).then_some(shown)
    })
    .await;
    assert_eq!(shown["state"], "running");
    // The record says so a moment before the worker is there.
    crate::site::wait_for(|| async { (launcher.started().len() == 2).then_some(()) }).await;
    site.kill().await;
    let site = place.start(&launcher, 1).await;
    let shown = site.wait_for_state(&build, "failed").await;
    assert_eq!(shown["failure"]["reason"], "interrupted");
    assert_eq!(launcher.started().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_orderly_end_gives_builds_back_and_counts_no_attempt() {
    let (place, launcher) = (Place::new(), ScriptLauncher::default());
    let site = place.start(&launcher, 1).await;
    let facts = site.make_repository("team/app").await;
    let build = site.queue(script(&facts, "wait gate", &["v1"])).await;
    site.wait_for_state(&build, "running").await;
    let app = site.app.clone();
    site.kill().await;
    app.release_builds().await.unwrap();
    drop(app);
    launcher.open("gate");
    let site = place.start(&launcher, 1).await;
    let shown = site.wait_for_state(&build, "succeeded").await;
    assert_eq!(shown["attempt"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_worker_is_replaced_once() {
    let (place, launcher) = (Place::new(), ScriptLauncher::default());
    let site = place.start(&launcher, 1).await;
    let facts = site.make_repository("team/app").await;
    let build = site.queue(script(&facts, "log x\nlose", &["v1"])).await;
    let shown = site.wait_for_state(&build, "failed").await;
    assert_eq!(shown["failure"]["reason"], "worker_lost");
    assert_eq!(shown["attempt"], 2);
    assert_ne!(shown["failure"]["detail"], Value::Null);
    assert_eq!(launcher.started().len(), 2);
}
