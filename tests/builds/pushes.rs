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
