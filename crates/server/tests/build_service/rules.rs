//! Rules as builds meet them. Their host is nobody: rows are all that is needed here.

use std::collections::HashSet;

use serde_json::{Value, json};
use wharf_db::{
    DbError, Durability, Tx,
    builds::{NewBuild, RuleRef},
    params,
    rules::{
        decisions::{find_built_before_skip, prune_decisions},
        heads::{NewDecision, record_decision},
        links::{NewLink, forget_stale_links, list_linked_rules, note_auto_link},
    },
};
use wharf_model::{
    BuildId, Facts, LinkId, RuleId, Timestamp,
    builds::{CommitId, RefName, TrustClass},
};

use crate::{
    launcher::ScriptLauncher,
    site::{Place, Site, script},
};

/// A rule that builds any ref by hand and knows one: `main`.
pub(crate) async fn make_rule(site: &Site, facts: &Facts) -> RuleId {
    let (rule, repository) = (RuleId::new(), facts.repository);
    let made = site.db.write(Durability::Durable, move |tx| {
        tx.execute(
            "INSERT INTO rules (id, repository_id, name, source_kind, source_address, source_owner, remote, enabled,
                caught_up, version, created_by, created_at, changed_by, changed_at, definition)
             VALUES ($1, $2, 'main', 'git', 'http://127.0.0.1:1', 'admin', 'app.git', $3, $3, 1, 'admin', 0, 'admin',
                0, '{}')",
            params![rule, repository, true],
        )?;
        tx.execute(
            "INSERT INTO rule_heads (rule_id, ref, object, commit_id, sequence) VALUES ($1, 'refs/heads/main', $2, $2, 1)",
            params![rule, "1".repeat(40)],
        )
    });
    let made: Result<u64, DbError> = made.await;
    made.unwrap();
    rule
}

/// A build that the rule vouches for.
pub(crate) fn of_rule(new: NewBuild, rule: RuleId) -> NewBuild {
    NewBuild {
        rule: Some(RuleRef {
            id: Some(rule),
            name: "main".to_owned(),
        }),
        trust: TrustClass::Rule,
        ..new
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c29_a_tag_that_a_new_rule_would_set_is_its_own_before_it_built_anything() {
    let (place, launcher) = (Place::new(), ScriptLauncher::default());
    let site = place.start(&launcher, 1).await;
    let facts = site.make_repository("team/app").await;
    let paste = async |version: &str| {
        let body = json!({ "dockerfile": "log x", "version": version });
        site.post("/repositories/team%2Fapp/builds", body).await
    };
    assert_eq!(paste("main").await.0, 201, "nobody's yet");
    make_rule(&site, &facts).await;
    let (status, answer) = paste("main").await;
    assert_eq!(
        (status, &answer["params"]["reason"]),
        (400, &json!("tag_of_rule"))
    );
    assert_eq!(paste("other").await.0, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn c29_a_rule_that_comes_while_a_loose_build_runs_keeps_its_tag() {
    let (place, launcher) = (Place::new(), ScriptLauncher::default());
    let site = place.start(&launcher, 1).await;
    let facts = site.make_repository("team/app").await;
    let build = site
        .queue(script(&facts, "wait gate\nlog x", &["mine", "main"]))
        .await;
    site.wait_for_state(&build, "running").await;
    make_rule(&site, &facts).await;
    launcher.open("gate");
    let shown = site.wait_for_state(&build, "failed").await;
    assert_eq!(shown["failure"]["reason"], "tag_owned");
    let tags = site.get("/repositories/team%2Fapp/tags").await;
    assert_eq!(tags["items"], json!([]), "neither of the two");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_whose_rule_is_gone_is_not_repeated_and_says_so() {
    let (place, launcher) = (Place::new(), ScriptLauncher::default());
    let site = place.start(&launcher, 1).await;
    let facts = site.make_repository("team/app").await;
    let rule = make_rule(&site, &facts).await;
    let build = site
        .queue(of_rule(script(&facts, "log x", &["v1"]), rule))
        .await;
    site.wait_for_state(&build, "succeeded").await;
    let path = crate::site::path_of(&build, "/retry");
    assert_eq!(site.post(&path, Value::Null).await.0, 201);
    let rules = "/api/v1/repositories/team%2Fapp/rules/main";
    let gone = site.request(reqwest::Method::DELETE, rules).send().await;
    assert_eq!(gone.unwrap().status().as_u16(), 204);
    let (status, answer) = site.post(&path, Value::Null).await;
    assert_eq!(
        (status, &answer["params"]["what"]),
        (409, &json!("rule_gone"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_that_somebody_chose_are_set_again_by_who_may_push_alone() {
    let (place, launcher) = (Place::new(), ScriptLauncher::default());
    let site = place.start(&launcher, 1).await;
    let facts = site.make_repository("team/app").await;
    let rule = make_rule(&site, &facts).await;
    let body = json!({ "name": "starts builds", "actions": ["pull", "build:start"] });
    let (status, token) = site.post("/tokens", body).await;
    assert_eq!(status, 201, "{token}");
    let retry = async |number: &Value, with_token: bool| {
        let path = format!("/api/v1/repositories/team%2Fapp/builds/{number}/retry");
        let mut request = site.request(reqwest::Method::POST, &path);
        if with_token {
            let url = request.build().unwrap().url().clone();
            let secret = token["secret"].as_str().unwrap();
            request = reqwest::Client::new().post(url).bearer_auth(secret);
        }
        let answer = request.json(&Value::Null).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json::<Value>().await.unwrap_or_default())
    };
    for (by_hand, allowed) in [(false, 201), (true, 403)] {
        let new = NewBuild {
            tags_by_hand: by_hand,
            ..of_rule(script(&facts, "log x", &["v1"]), rule)
        };
        let build = site.queue(new).await;
        let shown = site.wait_for_state(&build, "succeeded").await;
        assert_eq!(retry(&shown["number"], true).await.0, allowed);
        let (status, again) = retry(&shown["number"], false).await;
        assert_eq!(status, 201, "{again}");
        let path = format!("/repositories/team%2Fapp/builds/{}", again["number"]);
        crate::site::wait_for(|| async {
            let shown = site.get(&path).await;
            (shown["state"] == "succeeded").then_some(())
        })
        .await;
        // What repeats it is the same once more.
        assert_eq!(retry(&again["number"], true).await.0, allowed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c30_the_same_dockerfile_has_a_cache_for_each_repository_and_for_each_class_of_trust() {
    let (place, launcher) = (Place::new(), ScriptLauncher::default());
    let site = place.start(&launcher, 1).await;
    for name in ["one/app", "one/other", "two/app"] {
        let facts = site.make_repository(name).await;
        let rule = make_rule(&site, &facts).await;
        let same = || script(&facts, "log the same", &["v1"]);
        for new in [same(), of_rule(same(), rule)] {
            let build = site.queue(new).await;
            let shown = site.wait_for_state(&build, "succeeded").await;
            assert_eq!(shown["state"], "succeeded");
        }
    }
    let started = launcher.started();
    let scopes: std::collections::BTreeSet<_> =
        started.iter().map(|it| it.cache_scope.as_str()).collect();
    assert_eq!((started.len(), scopes.len()), (6, 6), "{scopes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_stays_as_long_as_the_newest_build_of_any_branch_names_its_base() {
    let (place, launcher) = (Place::new(), ScriptLauncher::default());
    let site = place.start(&launcher, 1).await;
    let facts = site.make_repository("team/app").await;
    let base = site.make_repository("team/base").await.repository;
    let rule = make_rule(&site, &facts).await;
    let (main, next) = ("refs/heads/main", "refs/heads/next");
    let repository = facts.repository;
    let link = NewLink {
        id: LinkId::new(),
        repository,
        rule: Some(rule),
        base,
        base_tag: "1".to_owned(),
        problem: None,
        created_by: "system".to_owned(),
        maker: None,
        at: Timestamp::from_seconds(0),
    };
    let linked = site.db.write(Durability::Durable, move |tx| {
        let again = NewLink {
            id: LinkId::new(),
            ..link.clone()
        };
        note_auto_link(tx, &link, main)?;
        note_auto_link(tx, &again, next)?;
        let mut seen = Vec::new();
        for dropped in [next, main] {
            forget_stale_links(tx, rule, dropped, &HashSet::new())?;
            seen.push(list_linked_rules(tx, base, "1")?);
        }
        Ok::<_, DbError>(seen)
    });
    assert_eq!(linked.await.unwrap(), [vec![rule], vec![]]);
}

/// Decides a push to `main`.
fn decide(
    tx: &mut Tx<'_>,
    rule: RuleId,
    new: &CommitId,
    reason: Option<&str>,
) -> Result<BuildId, DbError> {
    let build = BuildId::new();
    let decision = NewDecision {
        rule,
        reference: RefName::branch("main").unwrap(),
        old: None,
        new: Some(new.clone()),
        commit: Some(new.clone()),
        decision: reason.map_or("built", |_| "skipped"),
        reason: reason.map(str::to_owned),
        detail: String::new(),
        build: reason.is_none().then_some(build),
        cause: "push",
        origin: String::new(),
        at: Timestamp::from_seconds(0),
    };
    record_decision(tx, &decision, true).map(|_| build)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_built_last_is_wanted_while_the_head_is_passed_over_and_no_longer() {
    let (place, launcher) = (Place::new(), ScriptLauncher::default());
    let site = place.start(&launcher, 1).await;
    let facts = site.make_repository("team/app").await;
    let rule = make_rule(&site, &facts).await;
    let wanted = site.db.write(Durability::Durable, move |tx| {
        let main = RefName::branch("main").unwrap();
        let [first, second, third]: [CommitId; 3] =
            ["a", "b", "c"].map(|digit| digit.repeat(40).parse().unwrap());
        let find = |tx: &mut Tx<'_>, head| {
            find_built_before_skip(tx, rule, &main, head, &["skip_ci", "queue_full"])
        };
        let built = decide(tx, rule, &first, None)?;
        assert_eq!(find(tx, &first)?, None, "the head is built itself");
        decide(tx, rule, &second, Some("skip_ci"))?;
        assert_eq!(find(tx, &second)?, Some(built));
        assert_eq!(find(tx, &third)?, None, "not decided yet");
        decide(tx, rule, &third, Some("deleted"))?;
        assert_eq!(find(tx, &third)?, None, "skipped for another reason");
        let newer = decide(tx, rule, &third, None)?;
        decide(tx, rule, &second, Some("queue_full"))?;
        assert_eq!(find(tx, &second)?, Some(newer));
        Ok::<_, DbError>(())
    });
    wanted.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn submodules_are_switched_on_by_the_sources_owner_alone() {
    let place = Place::new();
    let site = place.start_waiting(Default::default()).await;
    let facts = site.make_repository("team/app").await;
    make_rule(&site, &facts).await;
    site.make_member("mia", "team", "maintainer").await;
    let edit = async |definition: Value| {
        let path = "/api/v1/repositories/team%2Fapp/rules/main";
        let request = site.request_as("mia", reqwest::Method::PATCH, path);
        let body = json!({ "definition": definition });
        let answer = request.json(&body).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json::<Value>().await.unwrap())
    };
    let (status, answer) = edit(json!({ "submodules": true })).await;
    assert_eq!(
        (status, &answer["params"]["reason"]),
        (400, &json!("not_your_source"))
    );
    assert_eq!(edit(json!({ "skip_ci": false })).await.0, 200);
    // Whoever may change rules may switch them off, and leave them on.
    let on = site.db.write(Durability::Durable, |tx| {
        tx.execute(
            "UPDATE rules SET definition = $1",
            params![r#"{"submodules":true}"#],
        )
    });
    let on: Result<u64, DbError> = on.await;
    on.unwrap();
    assert_eq!(edit(json!({ "skip_ci": true })).await.0, 200);
    assert_eq!(edit(json!({ "submodules": false })).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn old_decisions_go_but_for_the_last_about_each_ref() {
    let place = Place::new();
    let site = place.start_waiting(Default::default()).await;
    let facts = site.make_repository("team/app").await;
    let rule = make_rule(&site, &facts).await;
    let left = site.db.write(Durability::Durable, move |tx| {
        let decide = |tx: &mut Tx<'_>, branch: &str, seconds| {
            let decision = NewDecision {
                rule,
                reference: RefName::branch(branch).unwrap(),
                old: None,
                new: None,
                commit: None,
                decision: "seen",
                reason: None,
                detail: String::new(),
                build: None,
                cause: "poll",
                origin: String::new(),
                at: Timestamp::from_seconds(seconds),
            };
            record_decision(tx, &decision, false).map(drop)
        };
        for (branch, seconds) in [
            ("busy", 1),
            ("busy", 2),
            ("busy", 3),
            ("quiet", 1),
            ("new", 10),
            ("new", 11),
        ] {
            decide(tx, branch, seconds)?;
        }
        let before = Timestamp::from_seconds(10);
        let pruned = [1, 100, 100].map(|limit| prune_decisions(tx, before, limit));
        let rows = tx.query(
            "SELECT ref || ' ' || at FROM ref_decisions ORDER BY ref, at",
            &[],
        )?;
        let left: Result<Vec<String>, DbError> =
            rows.into_iter().map(|mut row| row.take(0)).collect();
        Ok::<_, DbError>((pruned.into_iter().collect::<Result<Vec<_>, _>>()?, left?))
    });
    let (pruned, left) = left.await.unwrap();
    assert_eq!(pruned, [1, 1, 0]);
    let expected = ["busy 3", "new 10", "new 11", "quiet 1"];
    assert_eq!(left, expected.map(|it| format!("refs/heads/{it}000000")));
}
