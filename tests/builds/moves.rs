//! Branches and tags that move while builds wait or run.

use serde_json::{Value, json};

use wharf_tests::building::{Rule, Site, wait_for};

/// Waits until a build is in a phase.
fn wait_for_phase(rule: &Rule<'_>, number: u64, phase: &str) {
    wait_for(|| (rule.show(number)["phase"] == phase).then_some(()));
}

fn post(site: &Site, path: &str, status: u16) -> Value {
    let api = site.api();
    let answer = api.request(reqwest::Method::POST, path).send();
    answer.expect(status).json()
}

fn write_hello(base: &str, said: &str) -> String {
    format!("FROM {base}\nCMD [\"echo\", \"{said}\"]\n")
}

#[test]
fn a_newer_commit_supersedes_builds_of_its_branch_and_never_one_of_a_tag() {
    let Some(site) = Site::start_open("concurrency = 1") else {
        return;
    };
    let Some(base) = site.base_image() else {
        return;
    };
    let rule = site.make_rule(json!({ "trigger": { "branches": true, "tags": true } }));
    let slow = format!("FROM {base}\nRUN sleep 60\n");
    let first = rule
        .code
        .push_files("main", "Slow", &[("Dockerfile", &slow)]);
    let first = rule.wait_for_build_of(&first);
    wait_for_phase(&rule, first, "building");

    // One that runs.
    let quick = write_hello(base, "second");
    let second = rule
        .code
        .push_files("main", "Quick", &[("Dockerfile", &quick)]);
    let second = rule.wait_for_success(rule.wait_for_build_of(&second));
    let ended = rule.show(first);
    assert_eq!(ended["state"], "superseded", "{ended:#}");
    assert_eq!(rule.find_tag("main").as_deref(), second["digest"].as_str());

    // Some that wait, behind one of another repository.
    let other = site.make_rule(json!({}));
    other
        .code
        .push_files("main", "Slow", &[("Dockerfile", &slow)]);
    let plug = other.start("main");
    wait_for_phase(&other, plug, "building");
    let tree = rule.code.clone_work_tree();
    tree.tag("v1", None);
    tree.tag("v2", None);
    let waiting = tree.commit("Third");
    tree.push(&["main", "v1", "v2"]);
    let waiting = rule.wait_for_build_of(&waiting);
    tree.write("Dockerfile", &write_hello(base, "fourth"));
    let newest = tree.commit("Fourth");
    tree.git(&["tag", "--force", "v1"]);
    tree.push(&["+main", "+v1"]);
    let newest = rule.wait_for_build_of(&newest);
    let state = |number| rule.show(number)["state"].clone();
    wait_for(|| (state(waiting) == "superseded").then_some(()));
    assert!(rule.show(waiting)["started_at"].is_null());

    let of_tags = |name: &str| -> Vec<Value> {
        let builds = rule.list_builds();
        let name = json!(format!("refs/tags/{name}"));
        builds.into_iter().filter(|it| it["ref"] == name).collect()
    };
    wait_for(|| (of_tags("v1").len() == 2 && of_tags("v2").len() == 1).then_some(()));
    for build in of_tags("v1").iter().chain(&of_tags("v2")) {
        assert_eq!(build["state"], "queued", "{build:#}");
    }

    // One that waits is canceled at once, and can be tried again.
    let canceled = of_tags("v2")[0]["number"].as_u64().expect("a number");
    let path = rule.path(&format!("/builds/{canceled}/cancel"));
    let answer = post(&site, &path, 200);
    assert_eq!(answer["state"], "canceled");
    assert!(answer["started_at"].is_null());
    assert_eq!(answer["stopped_by"], "admin");
    let again = post(&site, &rule.path(&format!("/builds/{canceled}/retry")), 201);
    assert_eq!(again["cause"], "retry");

    let path = other.path(&format!("/builds/{plug}/cancel"));
    post(&site, &path, 200);
    assert_eq!(other.wait_for_end(plug)["state"], "canceled");
    let again = rule.wait_for_success(again["number"].as_u64().expect("a number"));
    let newest = rule.wait_for_success(newest);
    assert_eq!(rule.find_tag("main").as_deref(), newest["digest"].as_str());
    assert_eq!(rule.find_tag("v2").as_deref(), again["digest"].as_str());
    let v1 = of_tags("v1");
    let ends: Vec<_> = v1
        .iter()
        .map(|it| rule.wait_for_end(it["number"].as_u64().expect("a number")))
        .collect();
    // The newest is first. The older one ran, and found its tag elsewhere.
    assert_eq!(ends[0]["state"], "succeeded");
    assert_eq!(ends[1]["state"], "superseded");
    assert!(ends[1]["started_at"].is_string(), "{:#}", ends[1]);
    assert_eq!(rule.find_tag("v1").as_deref(), ends[0]["digest"].as_str());
    check_decisions(&site, &rule);
}

/// Each update of a ref has exactly one decision, and no two tell of the same commit of the same ref.
fn check_decisions(site: &Site, rule: &Rule<'_>) {
    let decisions = site
        .api()
        .read_all(&rule.path("/rules/main/decisions"), 100);
    let mut updates: Vec<_> = decisions
        .iter()
        .filter(|it| it["cause"] != "retry")
        .map(|it| format!("{} {}", it["ref"], it["new"]))
        .collect();
    let all = updates.len();
    updates.sort();
    updates.dedup();
    assert_eq!(updates.len(), all, "{decisions:#?}");
    for decision in &decisions {
        println!(
            "{} {} {} build {}",
            decision["ref"], decision["decision"], decision["reason"], decision["build"]
        );
    }
}

#[test]
fn a_forced_push_back_moves_the_tag_back() {
    let Some(site) = Site::shared() else { return };
    let Some(base) = site.base_image() else {
        return;
    };
    let rule = site.make_rule(json!({ "trigger": { "branches": true } }));
    let tree = rule.code.clone_work_tree();
    let mut commits = Vec::new();
    for said in ["one", "two"] {
        tree.write("Dockerfile", &write_hello(base, said));
        let commit = tree.commit(said);
        tree.push(&["main"]);
        rule.wait_for_success(rule.wait_for_build_of(&commit));
        commits.push(commit);
    }
    tree.git(&["reset", "--quiet", "--hard", &commits[0]]);
    tree.push(&["+main"]);
    let back = wait_for(|| {
        let builds = rule.list_builds();
        let mut of_first = builds.iter().filter(|it| it["commit"] == commits[0]);
        let newest = of_first.next().and_then(|it| it["number"].as_u64());
        newest.filter(|_| of_first.next().is_some())
    });
    let back = rule.wait_for_success(back);
    assert_eq!(rule.find_tag("main").as_deref(), back["digest"].as_str());
    let (config, _) = rule.pull("main");
    assert_eq!(config["config"]["Cmd"], json!(["echo", "one"]));
    if let Some(printed) = site.run_in_docker(&rule.image, "main") {
        assert_eq!(printed, "one\n");
    }
}

#[test]
fn a_head_that_moves_while_its_build_runs_leaves_the_tag_alone() {
    let Some(site) = Site::shared() else { return };
    let Some(base) = site.base_image() else {
        return;
    };
    // By hand only: no poll sees the push and stops the build.
    let rule = site.make_rule(json!({}));
    let dockerfile = format!("FROM {base}\nRUN sleep 2\n");
    rule.code
        .push_files("main", "One", &[("Dockerfile", &dockerfile)]);
    let number = rule.start("main");
    wait_for_phase(&rule, number, "building");
    let commit = rule.code.push_files("main", "Two", &[("hello", "two")]);
    let ended = rule.wait_for_end(number);
    assert_eq!(ended["state"], "superseded", "{ended:#}");
    assert_eq!(rule.find_tag("main"), None);
    let log = rule.log(number);
    assert!(log.contains(&commit), "{log}");
}
