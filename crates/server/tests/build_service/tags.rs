//! What a build puts into its repository, and what it may not.

use reqwest::Method;
use serde_json::{Value, json};
use wharf_db::{DbError, Durability, builds::NewBuild, params};
use wharf_model::RuleId;

use crate::{
    launcher::ScriptLauncher,
    rules::{make_rule, of_rule},
    site::{Place, path_of, script, wait_for},
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
        tx.execute(
            "INSERT INTO owned_tags (repository_id, tag, rule_id) VALUES ($1, 'latest', $2)",
            params![repository, RuleId::new()],
        )
    });
    let owned: Result<u64, DbError> = owned.await;
    owned.unwrap();
    let build = site
        .queue(script(&facts, "log x", &["mine", "latest"]))
        .await;
    let shown = site.wait_for_state(&build, "failed").await;
    assert_eq!(shown["failure"]["reason"], "tag_owned");
    let tags = site.get("/repositories/team%2Fapp/tags").await;
    assert_eq!(tags["items"], json!([]), "neither of the two");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_readme_of_the_newest_branch_describes_where_no_default_branch_is_known() {
    let (place, launcher) = (Place::new(), ScriptLauncher::default());
    let site = place.start(&launcher, 2).await;
    let facts = site.make_repository("team/app").await;
    let rule = make_rule(&site, &facts).await;
    let of_ref = |reference: &str, text: &str| {
        let tag = reference.rsplit('/').next().unwrap();
        NewBuild {
            reference: Some(reference.parse().unwrap()),
            ..of_rule(script(&facts, text, &[tag]), rule)
        }
    };
    let slow = of_ref("refs/heads/slow", "readme of the slow\nwait gate");
    let slow = site.queue(slow).await;
    site.wait_for_state(&slow, "running").await;
    let read = async || {
        let shown = site.get("/repositories/team%2Fapp").await;
        shown["description"].clone()
    };
    let build = site
        .queue(of_ref("refs/heads/main", "readme of main"))
        .await;
    wait_for(|| async { (read().await == "of main").then_some(()) }).await;
    site.wait_for_state(&build, "succeeded").await;
    let tagged = site.queue(of_ref("refs/tags/v1", "readme of a tag")).await;
    launcher.open("gate");
    for build in [&slow, &tagged] {
        site.wait_for_state(build, "succeeded").await;
        let path = format!("/api/v1{}", path_of(build, "/log"));
        wait_for(|| async {
            let answer = site.request(Method::GET, &path).send().await.unwrap();
            let log = answer.text().await.unwrap();
            log.contains("README of another branch").then_some(())
        })
        .await;
    }
    assert_eq!(read().await, "of main");
}
