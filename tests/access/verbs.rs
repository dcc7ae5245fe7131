//! `may` of answers, held against the rules as they are restated here.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use wharf_testkit::{ApiClient, encode_segment, unique_name};

use crate::{
    principal::Principal,
    rights::{Outcome, Right, decide},
    row::Scene,
    world::World,
};

/// Verbs of a repository with the right that each stands for.
const OF_REPOSITORIES: [(&str, Right); 14] = [
    ("pull", Right::Pull),
    ("push", Right::Push),
    ("edit", Right::Edit),
    ("delete", Right::Delete),
    ("favorite", Right::PullAsPerson),
    ("view_builds", Right::ViewBuilds),
    ("read_logs", Right::ReadBuildLogs),
    ("start_builds", Right::StartBuild),
    ("start_loose_builds", Right::BuildAnything),
    ("manage_builds", Right::ManageBuilds),
    ("manage_rules", Right::ManageRules),
    ("view_triggers", Right::ViewTriggers),
    ("run_triggers", Right::RunTriggers),
    ("manage_triggers", Right::ManageTriggers),
];

const OF_NAMESPACES: [(&str, Right); 11] = [
    ("view", Right::View),
    ("edit", Right::EditNamespace),
    ("delete", Right::EditNamespace),
    ("create_repositories", Right::CreateRepository),
    ("manage_robots", Right::ManageRobots),
    ("manage_members", Right::ManageMembers),
    ("manage_credentials", Right::ManageCredentials),
    ("read_audit", Right::ReadAudit),
    ("view_triggers", Right::ViewNamespaceTriggers),
    ("run_triggers", Right::RunNamespaceTriggers),
    ("manage_triggers", Right::ManageNamespaceTriggers),
];

const OF_THE_INSTALLATION: [(&str, Right); 6] = [
    ("create_namespaces", Right::ManageOwnAccount),
    ("manage_account", Right::ManageOwnAccount),
    ("manage_users", Right::Administer),
    ("manage_clusters", Right::Administer),
    ("read_audit", Right::Administer),
    ("administer", Right::Administer),
];

const OF_TRIGGERS: [(&str, Right); 3] = [
    ("edit", Right::ManageTriggers),
    ("delete", Right::ManageTriggers),
    ("run", Right::RunTriggers),
];

fn read_verbs(value: &Value) -> BTreeSet<&str> {
    let verbs = value["may"].as_array().expect("a list");
    verbs
        .iter()
        .map(|verb| verb.as_str().expect("a word"))
        .collect()
}

fn expect_verbs(
    value: &Value,
    principal: Principal,
    rights: &[(&'static str, Right)],
    public: bool,
) {
    let allowed = rights
        .iter()
        .filter(|(_, right)| decide(principal, *right, public) == Outcome::Allowed)
        .map(|(verb, _)| *verb);
    let allowed: BTreeSet<&str> = allowed.collect();
    assert_eq!(
        read_verbs(value),
        allowed,
        "{principal:?}, public: {public}"
    );
}

/// Everybody who gets an answer, with their client.
fn everybody(world: &World) -> impl Iterator<Item = (Principal, ApiClient)> {
    let all = Principal::ALL.into_iter();
    all.filter(|principal| *principal != Principal::RevokedToken)
        .map(|principal| (principal, world.api_of(principal)))
}

#[test]
fn a_repository_tells_each_caller_what_they_may_do_and_the_list_says_the_same() {
    let world = World::get();
    for public in [false, true] {
        let scene = Scene::with_image(world, public);
        let path = format!("/repositories/{}", encode_segment(&scene.repository));
        for (principal, api) in everybody(world) {
            let seen = decide(principal, Right::Pull, public) == Outcome::Allowed;
            let query = format!("/repositories?q={}", encode_segment(&scene.repository));
            let listed = api.get(&query).expect(200).json()["items"].clone();
            assert_eq!(listed.as_array().map(Vec::len), Some(usize::from(seen)));
            if seen {
                expect_verbs(
                    &api.get(&path).expect(200).json(),
                    principal,
                    &OF_REPOSITORIES,
                    public,
                );
                expect_verbs(&listed[0], principal, &OF_REPOSITORIES, public);
            }
        }
    }
}

#[test]
fn a_namespace_and_ones_own_account_tell_what_may_be_done() {
    let world = World::get();
    for (principal, api) in everybody(world) {
        if decide(principal, Right::View, false) == Outcome::Allowed {
            let shown = api.get(&format!("/namespaces/{}", world.namespace));
            expect_verbs(&shown.expect(200).json(), principal, &OF_NAMESPACES, false);
        }
        if decide(principal, Right::OwnAccount, false) == Outcome::Allowed {
            let me = api.get("/me").expect(200).json();
            expect_verbs(&me, principal, &OF_THE_INSTALLATION, false);
        }
    }
}

#[test]
fn a_trigger_and_a_build_tell_what_may_be_done_to_them() {
    let world = World::get();
    let scene = Scene::with_image(world, true);
    let path = |rest: &str| format!("/repositories/{}{rest}", encode_segment(&scene.repository));
    let trigger = unique_name("verbs");
    let hook = json!({ "kind": "webhook", "url": "http://127.0.0.1:5999/hook" });
    let body = json!({ "name": trigger, "actions": [hook] });
    world.admin_api().post(&path("/triggers"), body).expect(201);
    let build = json!({ "dockerfile": "FROM scratch\nLABEL a=b\n", "version": "made" });
    let developer = world.api_of(Principal::Developer);
    let started = [world.admin_api(), developer].map(|api| {
        let started = api.post(&path("/builds"), build.clone()).expect(201).json();
        started["number"].as_u64().expect("a number")
    });
    // Who started a build may do to it what else takes a maintainer.
    let others = [
        ("read_logs", Right::ReadBuildLogs),
        ("cancel", Right::ManageBuilds),
        ("retry", Right::RetryAnything),
    ];
    let own = [
        ("read_logs", Right::ReadBuildLogs),
        ("cancel", Right::StartBuild),
        ("retry", Right::BuildAnything),
    ];
    for (principal, api) in everybody(world) {
        if decide(principal, Right::ViewTriggers, true) == Outcome::Allowed {
            let shown = api.get(&path(&format!("/triggers/{trigger}"))).expect(200);
            expect_verbs(&shown.json(), principal, &OF_TRIGGERS, true);
        }
        if decide(principal, Right::ViewBuilds, true) == Outcome::Allowed {
            let list = api.get(&path("/builds")).expect(200).json();
            let items = list["items"].as_array().expect("a list").iter();
            let by_number: BTreeMap<u64, &Value> = items
                .map(|item| (item["number"].as_u64().expect("a number"), item))
                .collect();
            expect_verbs(by_number[&started[0]], principal, &others, true);
            let rights = match principal {
                Principal::Developer => &own,
                _ => &others,
            };
            expect_verbs(by_number[&started[1]], principal, rights, true);
        }
    }
}
