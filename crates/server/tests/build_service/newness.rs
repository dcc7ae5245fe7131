//! Which of two builds is the newer one: what an older one does not take back, here and at further registries, and whose a
//! build is.

use serde_json::{Value, json};
use wharf_db::{
    DbError, Durability,
    builds::{self, Build, NewBuild, supersede_builds},
};
use wharf_model::{
    BuildId, Facts, RuleId, Timestamp,
    builds::{BuildCause, BuildState, PushTarget},
};

use crate::{
    launcher::ScriptLauncher,
    rules::{make_rule, of_rule},
    site::{Place, Site, path_of, script, wait_for},
};

/// A build of a git tag that sets `latest` besides.
fn of_tag(facts: &Facts, rule: RuleId, tag: &str, text: &str, cause: BuildCause) -> NewBuild {
    NewBuild {
        reference: Some(format!("refs/tags/{tag}").parse().unwrap()),
        cause,
        ..of_rule(script(facts, text, &[tag, "latest"]), rule)
    }
}

async fn read_latest(site: &Site) -> Value {
    let shown = site.get("/repositories/team%2Fapp/tags/latest").await;
    shown["digest"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_tag_stays_with_the_last_push_whichever_build_ends_last_or_is_repeated() {
    let (place, launcher) = (Place::new(), ScriptLauncher::default());
    let site = place.start(&launcher, 3).await;
    let facts = site.make_repository("team/app").await;
    let rule = make_rule(&site, &facts).await;
    let push = |tag, text| of_tag(&facts, rule, tag, text, BuildCause::Push);
    let link = |tag, text| of_tag(&facts, rule, tag, text, BuildCause::Link);
    let slow = site.queue(push("v1.0", "wait slow")).await;
    let canceled = site.queue(push("v1.1", "wait canceled")).await;
    for build in [&slow, &canceled] {
        site.wait_for_state(build, "running").await;
    }
    site.post(&path_of(&canceled, "/cancel"), json!({})).await;
    site.wait_for_state(&canceled, "canceled").await;
    let newest = site.queue(push("v1.2", "log newest")).await;
    let newest = site.wait_for_state(&newest, "succeeded").await;
    launcher.open("slow");
    launcher.open("canceled");
    let slow = site.wait_for_state(&slow, "succeeded").await;
    let set = |shown: &Value| (shown["tags"].clone(), shown["overtaken_tags"].clone());
    assert_eq!(set(&slow), (json!(["v1.0"]), json!(["latest"])));
    assert_eq!(set(&newest), (json!(["v1.2", "latest"]), Value::Null));
    assert_eq!(read_latest(&site).await, newest["digest"]);
    // The older one again, by hand and by a link.
    let (status, again) = site.post(&path_of(&canceled, "/retry"), json!({})).await;
    assert_eq!(status, 201, "{again}");
    let path = format!("/repositories/team%2Fapp/builds/{}", again["number"]);
    let again = wait_for(|| async {
        let shown = site.get(&path).await;
        (shown["state"] == "succeeded").then_some(shown)
    })
    .await;
    assert_eq!(set(&again), (json!(["v1.1"]), json!(["latest"])));
    let linked = site.queue(link("v1.0", "log a new base")).await;
    let linked = site.wait_for_state(&linked, "succeeded").await;
    assert_eq!(set(&linked), (json!(["v1.0"]), json!(["latest"])));
    let only = NewBuild {
        tags: vec!["latest".parse().unwrap()],
        ..link("v1.0", "log nothing else")
    };
    let only = site.queue(only).await;
    site.wait_for_state(&only, "superseded").await;
    assert_eq!(read_latest(&site).await, newest["digest"]);
    // The newest one's own ref does set it, and so does the next push.
    for new in [link("v1.2", "log its new base"), push("v1.3", "log next")] {
        let build = site.queue(new).await;
        let shown = site.wait_for_state(&build, "succeeded").await;
        assert_eq!(read_latest(&site).await, shown["digest"]);
    }
}

/// Two builds of a rule that are done, with deliveries of their `latest` to one image that nobody serves.
async fn push_twice(site: &Site) -> [Build; 2] {
    let facts = site.make_repository("team/app").await;
    let rule = make_rule(site, &facts).await;
    let mut done = Vec::new();
    for tag in ["v1", "v2"] {
        let mut new = of_tag(&facts, rule, tag, "log x", BuildCause::Push);
        new.spec.push_also = vec![PushTarget {
            image: "127.0.0.1:1/team/app".to_owned(),
            tags: vec!["latest".to_owned()],
        }];
        let build = site.queue(new).await;
        site.wait_for_state(&build, "succeeded").await;
        let id = build.id;
        let found = site.db.read(move |tx| builds::find_build(tx, id));
        let found: Result<_, DbError> = found.await;
        done.push(found.unwrap().unwrap());
    }
    done.try_into().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_image_is_not_brought_to_a_further_registry_after_a_newer_one() {
    let (place, launcher) = (Place::new(), ScriptLauncher::default());
    let site = place.start(&launcher, 1).await;
    let [old, new] = push_twice(&site).await;
    let checked = site.db.write(Durability::Durable, move |tx| {
        let now = Timestamp::from(std::time::SystemTime::now());
        let list = |tx: &mut _| builds::list_due_pushes(tx, now, &[], &[], 10);
        let due = list(tx)?;
        assert_eq!(due.len(), 2);
        let first = &due[0].1;
        assert!(builds::claim_push(tx, first.id)?);
        assert!(list(tx)?.is_empty(), "one delivery to an image at a time");
        builds::end_push(tx, first.id, Some("refused"), Some(now), now)?;
        assert_eq!(list(tx)?.len(), 2);
        let tags = ["latest".parse().unwrap(), "own".parse().unwrap()];
        let overtaken =
            |tx: &mut _, build| builds::list_overtaken_at(tx, build, &first.image, &tags);
        assert_eq!(overtaken(tx, &old)?, tags[..1]);
        assert_eq!(overtaken(tx, &new)?, []);
        // What was given up does not keep an older image away.
        for push in builds::list_pushes(tx, new.id)? {
            builds::claim_push(tx, push.id)?;
            builds::end_push(tx, push.id, Some("refused"), None, now)?;
        }
        assert_eq!(overtaken(tx, &old)?, []);
        Ok::<_, DbError>(())
    });
    checked.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_a_newer_one_overtook_says_so_and_brings_nothing() {
    let (place, launcher) = (Place::new(), ScriptLauncher::default());
    let site = place.start(&launcher, 1).await;
    let [old, new] = push_twice(&site).await;
    let delivering = tokio::spawn(site.app.clone().run_build_pushes());
    let shown = wait_for(|| async {
        let shown = site.show(&old).await["pushes"][0].clone();
        (shown["state"] == "overtaken").then_some(shown)
    })
    .await;
    assert_eq!(shown["overtaken_tags"], json!(["latest"]));
    wait_for(|| async {
        let shown = site.show(&new).await["pushes"][0].clone();
        shown["error"].is_string().then_some(())
    })
    .await;
    delivering.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_build_supersedes_an_older_one_although_the_clock_was_set_back_between() {
    let place = Place::new();
    let site = place.start_waiting(Default::default()).await;
    let facts = site.make_repository("team/app").await;
    let rule = make_rule(&site, &facts).await;
    let of_main = |id| NewBuild {
        id,
        reference: Some("refs/heads/main".parse().unwrap()),
        ..of_rule(script(&facts, "log x", &["main"]), rule)
    };
    let older = site.queue(of_main(BuildId::new())).await;
    let early = "01900000-0000-7000-8000-000000000000".parse().unwrap();
    let newer = site.queue(of_main(early)).await;
    let superseded = site.db.write(Durability::Durable, move |tx| {
        let main = "refs/heads/main".parse().unwrap();
        supersede_builds(tx, rule, &main, newer.id, Timestamp::from_seconds(1))
    });
    let superseded: Result<_, DbError> = superseded.await;
    assert_eq!(superseded.unwrap(), [older.id]);
    let left = site.show(&newer).await;
    assert_eq!(left["state"], BuildState::Queued.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_the_name_of_whoever_started_a_build_does_not_have_the_build() {
    let place = Place::new();
    let site = place.start_waiting(Default::default()).await;
    let facts = site.make_repository("team/app").await;
    let account = site.make_member("bob", "team", "developer").await;
    let started = |starter: &str| NewBuild {
        started_by: "bob".to_owned(),
        starter: Some(starter.to_owned()),
        ..script(&facts, "log x", &["v1"])
    };
    let former = format!("user:{}", wharf_model::UserId::new());
    for (starter, expected) in [(&*former, 403), (&*account, 200)] {
        let build = site.queue(started(starter)).await;
        let path = format!("/api/v1{}", path_of(&build, "/cancel"));
        let answer = site.request_as("bob", reqwest::Method::POST, &path).send();
        assert_eq!(
            answer.await.unwrap().status().as_u16(),
            expected,
            "{starter}"
        );
    }
}
