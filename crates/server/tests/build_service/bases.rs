//! Base images from other registries: whose they are.

use reqwest::Method;

use crate::{
    launcher::ScriptLauncher,
    registry::OtherRegistry,
    site::{Place, Site, path_of, script, wait_for},
};

async fn read_log(site: &Site, build: &wharf_db::builds::Build) -> String {
    let path = format!("/api/v1{}", path_of(build, "/log"));
    let answer = site.request(Method::GET, &path).send().await.unwrap();
    answer.text().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn c30_a_layer_that_one_namespace_fetched_is_nothing_to_another_that_knows_its_digest() {
    const SECRET: &str = "the private layer of somebody";
    let (place, launcher) = (Place::new(), ScriptLauncher::default());
    let site = place.start(&launcher, 1).await;
    let private = OtherRegistry::start(SECRET, true).await;
    let victim = site.make_repository("victim/app").await;
    let text = format!("base {}", private.image());
    let build = site.queue(script(&victim, &text, &["v1"])).await;
    site.wait_for_state(&build, "succeeded").await;
    assert!(read_log(&site, &build).await.contains(SECRET));
    // Nobody but the victim's own builds needs the registry any less for that.
    let hostile = OtherRegistry::start(SECRET, false).await;
    let attacker = site.make_repository("attacker/app").await;
    let text = format!("base {}", hostile.image());
    let build = site.queue(script(&attacker, &text, &["v1"])).await;
    let shown = site.wait_for_state(&build, "failed").await;
    assert_eq!(shown["failure"]["reason"], "image", "{shown}");
    assert!(!read_log(&site, &build).await.contains(SECRET));
    // The victim's own builds find it again, whatever became of the registry.
    let build = site.queue(script(&victim, &text, &["v2"])).await;
    site.wait_for_state(&build, "succeeded").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_namespace_fetched_goes_with_it() {
    let (place, launcher) = (Place::new(), ScriptLauncher::default());
    let site = place.start(&launcher, 1).await;
    let other = OtherRegistry::start("a layer", true).await;
    let facts = site.make_repository("team/app").await;
    let text = format!("base {}", other.image());
    let build = site.queue(script(&facts, &text, &["v1"])).await;
    site.wait_for_state(&build, "succeeded").await;
    let store = place
        .path()
        .join("builds/images")
        .join(facts.namespace.to_string());
    assert!(store.exists());
    for path in ["repositories/team%2Fapp", "namespaces/team"] {
        let path = format!("/api/v1/{path}");
        let answer = site.request(Method::DELETE, &path).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
    }
    wait_for(|| async { (!store.exists()).then_some(()) }).await;
}
