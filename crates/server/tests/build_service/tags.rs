//! What a build puts into its repository, and what it may not.

use reqwest::Method;
use serde_json::{Value, json};
use wharf_db::{DbError, Durability, builds::own_tags};
use wharf_model::RuleId;

use crate::{
    launcher::ScriptLauncher,
    site::{Place, script},
};

#[tokio::test(flavor = "multi_thread")]
async fn all_tags_of_a_build_are_set_at_once_by_its_own_identity_and_the_image_is_pulled() {
    let (place, launcher) = (Place::new(), ScriptLauncher::default());
    let site = place.start(&launcher, 1).await;
    let facts = site.make_repository("team/app").await;
    let text = "log image";
    let build = site.queue(script(&facts, text, &["v1", "latest"])).await;
    let shown = site.wait_for_state(&build, "succeeded").await;
    let digest = shown["digest"].as_str().unwrap();
    assert!(shown["size_bytes"].as_u64().unwrap() > text.len() as u64);
    assert_eq!(shown["steps"], 1);
    for tag in ["v1", "latest"] {
        let path = format!("/v2/team/app/manifests/{tag}");
        let pulled = site.request(Method::GET, &path).send().await.unwrap();
        assert_eq!(pulled.headers()["docker-content-digest"], digest);
        let manifest: Value = pulled.json().await.unwrap();
        let layer = manifest["layers"][0]["digest"].as_str().unwrap();
        let blob = site.request(Method::GET, &format!("/v2/team/app/blobs/{layer}"));
        let blob = blob.send().await.unwrap().text().await.unwrap();
        assert_eq!(blob, text);
        let shown = site
            .get(&format!("/repositories/team%2Fapp/tags/{tag}"))
            .await;
        assert_eq!(shown["pushed_by"], "build:1");
    }
    let moved = site.db.read(|tx| {
        let rows = tx.query("SELECT cause FROM tag_history ORDER BY name", &[])?;
        let causes: Result<Vec<String>, DbError> =
            rows.into_iter().map(|mut row| row.take(0)).collect();
        let events = tx.query("SELECT 1 FROM events WHERE kind = 'tag_created'", &[])?;
        Ok::<_, DbError>((causes?, events.len()))
    });
    let (causes, events) = moved.await.unwrap();
    assert_eq!(
        (causes.as_slice(), events),
        (["build", "build"].map(String::from).as_slice(), 2)
    );
    let started = &launcher.started()[0];
    assert_eq!(started.cache_scope, format!("{}/loose", facts.repository));
    assert!(started.secrets.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_that_nobody_vouches_for_sets_no_tag_of_a_rule() {
    let (place, launcher) = (Place::new(), ScriptLauncher::default());
    let site = place.start(&launcher, 1).await;
    let facts = site.make_repository("team/app").await;
    let repository = facts.repository;
    let owned = site.db.write(Durability::Durable, move |tx| {
        own_tags(tx, repository, RuleId::new(), &["latest".parse().unwrap()])
    });
    let owned: Result<(), DbError> = owned.await;
    owned.unwrap();
    let build = site
        .queue(script(&facts, "log x", &["mine", "latest"]))
        .await;
    let shown = site.wait_for_state(&build, "failed").await;
    assert_eq!(shown["failure"]["reason"], "tag_owned");
    let tags = site.get("/repositories/team%2Fapp/tags").await;
    assert_eq!(tags["items"], json!([]), "neither of the two");
}
