//! How builds end: failed, canceled, superseded, retried.

use serde_json::json;
use wharf_db::{
    DbError, Durability,
    builds::{NewBuild, RuleRef, supersede_builds},
};
use wharf_model::{
    Facts, RuleId,
    builds::{RefName, TrustClass},
};

use crate::{
    launcher::{STEP, ScriptLauncher},
    site::{Place, Site, path_of, script, wait_for},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_build_shows_the_step_that_failed_with_its_last_lines() {
    let (place, launcher) = (Place::new(), ScriptLauncher::default());
    let site = place.start(&launcher, 2).await;
    let facts = site.make_repository("team/app").await;
    let text = "log one\nlog two\nfail the script did not work";
    let build = site.queue(script(&facts, text, &["v1"])).await;
    let shown = site.wait_for_state(&build, "failed").await;
    let failure = &shown["failure"];
    assert_eq!(failure["reason"], "command");
    assert_eq!(failure["step"], STEP);
    assert_eq!(failure["exit_code"], 3);
    assert_eq!(failure["last_lines"], "one\ntwo");
    assert_eq!(failure["detail"], "the script did not work");
    let steps: Vec<_> = shown["phases"].as_array().unwrap().iter().collect();
    let step = steps.iter().find(|step| step["kind"] == "step").unwrap();
    assert_eq!(step["error"], "the script did not work");
    assert!(step["ended_at"].is_string());
    let tags = site.get("/repositories/team%2Fapp/tags").await;
    assert_eq!(tags["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_is_canceled_while_it_waits_and_while_it_runs_and_built_again() {
    let (place, launcher) = (Place::new(), ScriptLauncher::default());
    let site = place.start(&launcher, 1).await;
    let facts = site.make_repository("team/app").await;
    let running = site
        .queue(script(&facts, "wait gate\nlog x", &["v1"]))
        .await;
    site.wait_for_state(&running, "running").await;
    let waiting = site.queue(script(&facts, "log y", &["v2"])).await;
    let (status, shown) = site.post(&path_of(&waiting, "/cancel"), json!({})).await;
    assert_eq!((status, &shown["state"]), (200, &json!("canceled")));
    let (status, shown) = site.post(&path_of(&running, "/cancel"), json!({})).await;
    assert_eq!((status, &shown["stopping"]), (200, &json!("canceled")));
    let shown = site.wait_for_state(&running, "canceled").await;
    assert_eq!(shown["stopped_by"], "admin");
    assert_eq!(launcher.canceled(), ["wait gate\nlog x"]);
    let (status, problem) = site.post(&path_of(&running, "/cancel"), json!({})).await;
    assert_eq!((status, &problem["code"]), (409, &json!("conflict")));
    launcher.open("gate");
    let (status, again) = site.post(&path_of(&running, "/retry"), json!({})).await;
    assert_eq!((status, &again["number"]), (201, &json!(3)));
    assert_eq!(again["cause"], "retry");
    wait_for(|| async {
        let shown = site.get("/repositories/team%2Fapp/builds/3").await;
        (shown["state"] == "succeeded").then_some(())
    })
    .await;
    assert_eq!(
        launcher.started().len(),
        2,
        "what was canceled in time never began"
    );
}

/// A build of a rule's ref.
fn of_rule(facts: &Facts, rule: RuleId, reference: &str, text: &str) -> NewBuild {
    let reference: RefName = reference.parse().unwrap();
    let tag = reference.short().replace('/', "-");
    NewBuild {
        rule: Some(RuleRef {
            id: Some(rule),
            name: "main".to_owned(),
        }),
        trust: TrustClass::Rule,
        reference: Some(reference),
        ..script(facts, text, &[&tag])
    }
}

/// Queues a build of a rule as a decision does: what it overtakes is superseded with it.
async fn decide(site: &Site, new: NewBuild) -> wharf_db::builds::Build {
    let (rule, reference) = (
        new.rule.clone().unwrap().id.unwrap(),
        new.reference.clone().unwrap(),
    );
    let at = new.at;
    let queued = site.queue(new).await;
    let id = queued.id;
    let superseded = site.db.write(Durability::Durable, move |tx| {
        supersede_builds(tx, rule, &reference, id, at)
    });
    let superseded: Result<_, DbError> = superseded.await;
    superseded.unwrap();
    site.app.wake_builds();
    queued
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_commit_overtakes_older_builds_of_its_branch_and_never_those_of_a_tag() {
    let (place, launcher) = (Place::new(), ScriptLauncher::default());
    let site = place.start(&launcher, 1).await;
    let facts = site.make_repository("team/app").await;
    let rule = RuleId::new();
    let branch = |text| of_rule(&facts, rule, "refs/heads/feature/x", text);
    let tag = |text| of_rule(&facts, rule, "refs/tags/v1", text);
    let first = decide(&site, branch("wait one")).await;
    site.wait_for_state(&first, "running").await;
    let other = decide(&site, of_rule(&facts, rule, "refs/heads/main", "log m")).await;
    let second = decide(&site, branch("log 2")).await;
    let tagged = decide(&site, tag("log t1")).await;
    let third = decide(&site, branch("log 3")).await;
    let retagged = decide(&site, tag("log t2")).await;
    for overtaken in [&first, &second] {
        let shown = site.wait_for_state(overtaken, "superseded").await;
        assert_eq!(shown["stopped_by"], "system");
    }
    for done in [&other, &tagged, &third, &retagged] {
        site.wait_for_state(done, "succeeded").await;
    }
    assert!(!launcher.started().iter().any(|it| it.script == "log 2"));
    let kinds = site.db.read(|tx| {
        let rows = tx.query(
            "SELECT kind FROM events WHERE kind LIKE 'build.%' ORDER BY id",
            &[],
        )?;
        let kinds = rows.into_iter().map(|mut row| row.take::<String>(0));
        kinds.collect::<Result<Vec<_>, DbError>>()
    });
    let kinds = kinds.await.unwrap();
    let count = |kind: &str| kinds.iter().filter(|it| *it == kind).count();
    assert_eq!(count("build.superseded"), 2, "{kinds:?}");
    assert_eq!(count("build.succeeded"), 4, "{kinds:?}");
    assert_eq!(count("build.started"), 5, "{kinds:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_is_deleted_takes_its_builds_along() {
    let (place, launcher) = (Place::new(), ScriptLauncher::default());
    let site = place.start(&launcher, 1).await;
    let facts = site.make_repository("team/app").await;
    let running = site.queue(script(&facts, "wait never", &["v1"])).await;
    site.wait_for_state(&running, "running").await;
    let path = "/api/v1/repositories/team%2Fapp";
    let deleted = site.request(reqwest::Method::DELETE, path).send().await;
    assert_eq!(deleted.unwrap().status(), 204);
    wait_for(|| async { (!launcher.canceled().is_empty()).then_some(()) }).await;
    let queue = wait_for(|| async {
        let queue = site.get("/builds/queue").await;
        (queue["running"] == 0).then_some(queue)
    })
    .await;
    assert_eq!(queue["waiting"], json!([]));
}
