//! Links between images of this registry: what builds say of their base images, and who may follow them.

use serde_json::{Value, json};
use wharf_db::{
    DbError, Durability,
    builds::{Build, NewBuild},
    params,
    repositories::{NewRepository, insert_repository},
    rules::{
        heads::{NewDecision, record_decision},
        links::{NewLink, list_linked_rules, note_auto_link},
        rebuilds::{list_waiting, want_rebuild},
    },
};
use wharf_model::{Facts, LinkId, RepositoryId, RuleId, Timestamp, builds::RefName};

use crate::{
    launcher::ScriptLauncher,
    rules::{make_rule, of_rule},
    site::{Place, Site, script},
};

const BASE: &str = "base hub.example/team/base:1";

/// A build of the rule's `main`.
fn of_main(facts: &Facts, rule: RuleId, text: &str) -> NewBuild {
    NewBuild {
        reference: Some(RefName::branch("main").unwrap()),
        ..of_rule(script(facts, text, &["main"]), rule)
    }
}

async fn push_base(site: &Site, base: &Facts, text: &str) {
    let build = site.queue(script(base, text, &["1"])).await;
    site.wait_for_state(&build, "succeeded").await;
}

async fn list_linked(site: &Site, base: RepositoryId, tag: &'static str) -> Vec<RuleId> {
    let linked = site.db.read(move |tx| list_linked_rules(tx, base, tag));
    let linked: Result<_, DbError> = linked.await;
    linked.unwrap()
}

/// The bases because of which rules wait to be built again.
async fn list_rebuilt(site: &Site) -> Vec<String> {
    let waiting: Result<_, DbError> = site.db.read(list_waiting).await;
    waiting.unwrap().into_iter().map(|one| one.base).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_base_that_changes_during_the_first_build_has_it_built_again_and_one_that_stays_does_not()
{
    let (place, launcher) = (Place::new(), ScriptLauncher::default());
    let site = place.start_named(&launcher).await;
    let facts = site.make_repository("team/app").await;
    let base = site.make_repository("team/base").await;
    let rule = make_rule(&site, &facts).await;
    push_base(&site, &base, "log one").await;
    let still = site.make_repository("team/still").await;
    let still_rule = make_rule(&site, &still).await;
    let build = site.queue(of_main(&still, still_rule, BASE)).await;
    site.wait_for_state(&build, "succeeded").await;
    let text = format!("{BASE}\nlog read\nwait gate");
    let build = site.queue(of_main(&facts, rule, &text)).await;
    wait_for_line(&site, &build, "read").await;
    push_base(&site, &base, "log two").await;
    launcher.open("gate");
    site.wait_for_state(&build, "succeeded").await;
    assert_eq!(list_rebuilt(&site).await, ["team/base:1"]);
    let whose = site.db.read(|tx| {
        let waiting = list_waiting(tx)?;
        Ok::<_, DbError>(waiting[0].rule)
    });
    assert_eq!(whose.await.unwrap(), rule);
}

async fn wait_for_line(site: &Site, build: &Build, line: &str) {
    let path = format!("/api/v1{}", crate::site::path_of(build, "/log"));
    crate::site::wait_for(|| async {
        let answer = site.request(reqwest::Method::GET, &path).send().await;
        let log = answer.unwrap().text().await.unwrap();
        log.lines().any(|it| it.contains(line)).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_that_fails_forgets_no_link_and_makes_one_of_a_base_that_is_not_there_yet() {
    let (place, launcher) = (Place::new(), ScriptLauncher::default());
    let site = place.start_named(&launcher).await;
    let facts = site.make_repository("team/app").await;
    let base = site.make_repository("team/base").await;
    let rule = make_rule(&site, &facts).await;
    push_base(&site, &base, "log one").await;
    let run = async |text: &str, state: &str| {
        let build = site.queue(of_main(&facts, rule, text)).await;
        site.wait_for_state(&build, state).await;
    };
    run(BASE, "succeeded").await;
    run("fail before the first FROM was read", "failed").await;
    run("base hub.example/team/base:2", "failed").await;
    for tag in ["1", "2"] {
        assert_eq!(list_linked(&site, base.repository, tag).await, [rule]);
    }
    run("log without a base", "succeeded").await;
    for tag in ["1", "2"] {
        assert_eq!(list_linked(&site, base.repository, tag).await, []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_counts_while_its_maker_may_read_the_base_and_decisions_name_it_to_nobody_else() {
    let place = Place::new();
    let site = place.start_waiting(Default::default()).await;
    let facts = site.make_repository("team/app").await;
    let secret = site.make_repository("others/secret").await;
    let rule = make_rule(&site, &facts).await;
    let mia = site.make_member("mia", "team", "maintainer").await;
    let member = "/api/v1/namespaces/others/members/mia";
    let put = site.request(reqwest::Method::PUT, member);
    let put = put.json(&json!({ "role": "reader" })).send().await;
    assert!(put.unwrap().status().is_success());
    let links = "/api/v1/repositories/team%2Fapp/links";
    let made = site.request_as("mia", reqwest::Method::POST, links);
    let made = made.json(&json!({ "base": "others/secret" })).send().await;
    assert_eq!(made.unwrap().status().as_u16(), 201);
    assert_eq!(list_linked(&site, secret.repository, "1").await, [rule]);
    let decided = site.db.write(Durability::Durable, move |tx| {
        let decision = NewDecision {
            rule,
            reference: RefName::branch("main").unwrap(),
            old: None,
            new: None,
            commit: None,
            decision: "skipped",
            reason: Some("storm".to_owned()),
            detail: String::new(),
            build: None,
            cause: "link",
            origin: "others/secret:1".to_owned(),
            at: Timestamp::from_seconds(0),
        };
        record_decision(tx, &decision, false)
    });
    let decided: Result<_, DbError> = decided.await;
    decided.unwrap();
    let read_origin = async || {
        let path = "/api/v1/repositories/team%2Fapp/rules/main/decisions";
        let answer = site.request_as("mia", reqwest::Method::GET, path).send();
        let page: Value = answer.await.unwrap().json().await.unwrap();
        page["items"][0]["origin"].clone()
    };
    let read_links = async || {
        let path = "/api/v1/repositories/team%2Fapp/deletion";
        let answer = site.request_as("mia", reqwest::Method::GET, path).send();
        let page: Value = answer.await.unwrap().json().await.unwrap();
        let all = page["items"].as_array().unwrap_or_else(|| panic!("{page}"));
        let link = all.iter().find(|it| it["kind"] == "link").unwrap();
        (link["count"].clone(), link["names"].clone())
    };
    assert_eq!(read_origin().await, "others/secret:1");
    assert_eq!(read_links().await, (json!(1), json!(["others/secret"])));
    let gone = site.request(reqwest::Method::DELETE, member).send().await;
    assert!(gone.unwrap().status().is_success());
    assert_eq!(list_linked(&site, secret.repository, "1").await, []);
    assert_eq!(read_origin().await, "");
    assert_eq!(read_links().await, (json!(1), json!([])));
    // Whoever has the name of the maker is not the maker.
    let other = site.db.write(Durability::Durable, move |tx| {
        tx.execute(
            "UPDATE users SET admin = $1 WHERE 'user:' || id = $2",
            params![true, mia],
        )
    });
    let other: Result<u64, DbError> = other.await;
    other.unwrap();
    assert_eq!(list_linked(&site, secret.repository, "1").await, [rule]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_builds_git_tags_again_where_the_rule_says_so_and_branches_always() {
    let place = Place::new();
    let site = place.start_waiting(Default::default()).await;
    let following = tokio::spawn(site.app.clone().run_rebuilds());
    for (name, rebuild_tags) in [("team/with", true), ("team/without", false)] {
        let facts = site.make_repository(name).await;
        let rule = make_rule(&site, &facts).await;
        let trigger = json!({ "branches": true, "tags": true });
        let definition = json!({ "trigger": trigger, "rebuild_tags": rebuild_tags }).to_string();
        let wanted = site.db.write(Durability::Durable, move |tx| {
            tx.execute(
                "UPDATE rules SET definition = $2 WHERE id = $1",
                params![rule, definition],
            )?;
            tx.execute(
                "INSERT INTO rule_heads (rule_id, ref, object, commit_id, sequence) VALUES ($1, 'refs/tags/v1', $2, $2, 1)",
                params![rule, "2".repeat(40)],
            )?;
            want_rebuild(tx, rule, "team/base:1", Timestamp::from_seconds(0))
        });
        let wanted: Result<(), DbError> = wanted.await;
        wanted.unwrap();
        crate::site::wait_for(|| async { list_rebuilt(&site).await.is_empty().then_some(()) })
            .await;
        // Its source is nobody's: each head that was to be built has its decision, which says that.
        let path = format!(
            "/repositories/{}/rules/main/decisions",
            name.replace('/', "%2F")
        );
        let page = site.get(&path).await;
        let mut refs: Vec<_> = page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["ref"].as_str().unwrap())
            .collect();
        refs.sort_unstable();
        let expected: &[&str] = match rebuild_tags {
            true => &["refs/heads/main", "refs/tags/v1"],
            false => &["refs/heads/main"],
        };
        assert_eq!(refs, expected, "{page}");
    }
    following.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_asked_what_its_base_stands_on_and_no_further_than_is_worth_it() {
    let place = Place::new();
    let site = place.start_waiting(Default::default()).await;
    let app = site.make_repository("team/app").await;
    let at = Timestamp::from_seconds(0);
    // Each stands on the next one.
    let bases: Vec<Facts> = (0..110)
        .map(|number| Facts {
            repository: RepositoryId::new(),
            name: format!("team/base{number}").parse().unwrap(),
            ..app.clone()
        })
        .collect();
    let made = site.db.write(Durability::Durable, move |tx| {
        for base in &bases {
            let new = NewRepository {
                facts: base.clone(),
                short_description: String::new(),
                description: String::new(),
                created_by: "admin".to_owned(),
                at,
            };
            insert_repository(tx, &new)?;
        }
        for pair in bases.windows(2) {
            let link = NewLink {
                id: LinkId::new(),
                repository: pair[0].repository,
                rule: None,
                base: pair[1].repository,
                base_tag: "1".to_owned(),
                problem: None,
                created_by: "system".to_owned(),
                maker: None,
                at,
            };
            note_auto_link(tx, &link, "refs/heads/main")?;
        }
        Ok::<_, DbError>(())
    });
    made.await.unwrap();
    let link = async |name: &str, base: &str| {
        let path = format!("/repositories/team%2F{name}/links");
        let body = json!({ "base": format!("team/{base}") });
        let (status, answer) = site.post(&path, body).await;
        (
            status,
            answer["code"].clone(),
            answer["params"]["what"].clone(),
        )
    };
    let long = link("app", "base0").await;
    assert_eq!(long, (409, json!("limit_reached"), Value::Null));
    assert_eq!(link("app", "base20").await.0, 201);
    let round = link("base90", "app").await;
    assert_eq!(round, (409, json!("conflict"), json!("link_cycle")));
    assert_eq!(link("base5", "app").await.0, 201);
}
