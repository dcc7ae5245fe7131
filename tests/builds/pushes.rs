//! What is pushed, built and pulled.

use std::time::Instant;

use serde_json::json;

use wharf_tests::building::Site;

/// The tiny build: one file into an empty image.
const TINY: &[(&str, &str)] = &[
    (
        "Dockerfile",
        "FROM scratch\nCOPY hello /hello\nCMD [\"/hello\"]\n",
    ),
    ("hello", "hello\n"),
];

#[test]
fn a_git_push_becomes_an_image_that_a_client_pulls() {
    let Some(site) = Site::start() else { return };
    let rule = site.make_rule(json!({ "trigger": { "branches": true } }));
    let pushed_at = Instant::now();
    let commit = rule.code.push_files("main", "Say hello", TINY);
    let number = rule.wait_for_build_of(&commit);
    let built = rule.wait_for_success(number);
    println!("from push to tag: {:?}", pushed_at.elapsed());
    for phase in built["phases"].as_array().expect("a list") {
        println!(
            "{:<10} {} ms {}",
            phase["kind"], phase["duration_ms"], phase["name"]
        );
    }
    assert_eq!(built["commit"], commit);
    assert_eq!(built["message"], "Say hello");
    assert_eq!(built["tags"], json!(["main"]));
    assert_eq!(built["trust"], "rule");
    let (config, layers) = rule.pull("main");
    assert_eq!(config["config"]["Cmd"], json!(["/hello"]));
    assert_eq!(layers.len(), 1);
}

#[test]
fn a_branch_with_a_slash_a_tag_and_a_commit_are_built_by_hand() {
    let Some(site) = Site::start() else { return };
    let rule = site.make_rule(json!({}));
    let commit = rule.code.push_files("feature/login", "One", TINY);
    let number = rule.start("feature/login");
    let built = rule.wait_for_success(number);
    assert_eq!(built["commit"], commit);
    let tag = built["tags"][0].as_str().expect("a tag");
    assert!(tag.starts_with("feature-login-"), "{tag}");
    rule.pull(tag);

    let tree = rule.code.clone_work_tree();
    tree.switch_to("feature/login");
    tree.tag("v1", Some("Version 1"));
    tree.push(&["v1"]);
    let number = rule.start_with(json!({ "rule": "main", "ref": "refs/tags/v1" }));
    let built = rule.wait_for_success(number);
    assert_eq!(
        (&built["ref"], &built["commit"]),
        (&json!("refs/tags/v1"), &json!(commit))
    );
    rule.pull(built["tags"][0].as_str().expect("a tag"));

    let number = rule.start_with(json!({ "rule": "main", "commit": commit }));
    assert_eq!(rule.wait_for_success(number)["commit"], commit);
}

#[test]
fn a_commit_that_is_no_longer_the_head_moves_no_tag() {
    let Some(site) = Site::start() else { return };
    let rule = site.make_rule(json!({}));
    rule.code.push_files("main", "One", TINY);
    let first = rule.wait_for_success(rule.start("main"));
    // The second one is overtaken while it is built: what it builds waits for nobody, so it is retried from its record.
    let commit = rule.code.push_files("main", "Two", &[("hello", "two\n")]);
    let second = rule.wait_for_success(rule.start("main"));
    assert_eq!(second["commit"], commit);
    let path = rule.path(&format!("/builds/{}/retry", first["number"]));
    let again = site
        .api()
        .request(reqwest::Method::POST, &path)
        .send()
        .expect(201)
        .json();
    let again = rule.wait_for_end(again["number"].as_u64().expect("a number"));
    assert_eq!(again["state"], "superseded", "{}", rule.log(3));
    let shown = site.api().get(&rule.path("/tags/main")).expect(200).json();
    assert_eq!(shown["digest"], second["digest"]);
}

#[test]
fn a_failing_dockerfile_says_which_step_failed() {
    let Some(site) = Site::start() else { return };
    let rule = site.make_rule(json!({}));
    let files = [("Dockerfile", "FROM scratch\nCOPY nothing /\n")];
    rule.code.push_files("main", "Broken", &files);
    let built = rule.wait_for_end(rule.start("main"));
    assert_eq!(built["state"], "failed");
    let detail = built["failure"]["detail"].as_str().expect("a sentence");
    assert!(detail.contains("nothing"), "{detail}");
    assert_eq!(
        built["phases"]
            .as_array()
            .expect("a list")
            .iter()
            .filter(|it| it["error"].is_string())
            .count(),
        1
    );
}

#[test]
fn a_commit_that_asks_not_to_be_built_ends_as_skipped_before_its_first_step() {
    let Some(site) = Site::start() else { return };
    let rule = site.make_rule(json!({ "trigger": { "branches": true } }));
    // A step that would fail, and the words behind the first line. Of so many refs at once nobody reads what their commits
    // say, until one is cloned.
    let tree = rule.code.clone_work_tree();
    tree.write("Dockerfile", "FROM scratch\nRUN [\"/none\"]\n");
    let commit = tree.commit("Change nothing\n\nOnly words. [Skip CI]\n");
    let branches: Vec<String> = (0..21).map(|number| format!("b{number}")).collect();
    branches.iter().for_each(|branch| tree.switch_to(branch));
    let branches: Vec<&str> = branches.iter().map(String::as_str).collect();
    tree.push(&branches);
    let number = rule.wait_for_build_of(&commit);
    let ended = rule.wait_for_end(number);
    assert_eq!(ended["state"], "skipped", "{ended:#}\n{}", rule.log(number));
    assert_eq!(ended["failure"]["reason"], "skip_ci");
    let steps = ended["phases"].as_array().expect("a list").iter();
    assert_eq!(steps.filter(|phase| phase["kind"] == "step").count(), 0);
    let api = site.api();
    let decisions = api
        .get(&rule.path("/rules/main/decisions"))
        .expect(200)
        .json();
    let mut decided = decisions["items"].as_array().expect("a list").iter();
    let decided = decided
        .find(|it| it["build"] == number)
        .expect("its decision");
    assert_eq!(decided["new"], commit);
    assert_eq!(
        (&decided["decision"], &decided["reason"]),
        (&json!("skipped"), &json!("skip_ci"))
    );
    let request = api.request(
        reqwest::Method::GET,
        &rule.path(&format!("/builds/{number}")),
    );
    let chinese = request
        .header("accept-language", "zh-CN")
        .send()
        .expect(200)
        .json();
    assert_eq!(chinese["failure"]["message"], "提交说明要求不构建");
    // Who asks for it all the same gets it.
    let again = api.request(
        reqwest::Method::POST,
        &rule.path(&format!("/builds/{number}/retry")),
    );
    let again = again.send().expect(201).json()["number"]
        .as_u64()
        .expect("a number");
    assert_eq!(rule.wait_for_end(again)["state"], "failed");
}
