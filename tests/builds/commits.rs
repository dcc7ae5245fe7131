//! Commits that are built by hand, and what is trusted about them.

use serde_json::json;

use wharf_tests::building::{Rule, Site};

/// Fails when the rule's secret is there, so that a success says that it is not.
const WITHOUT_SECRET: &str = "\
RUN --mount=type=secret,id=token test ! -e /run/secrets/token && echo none > /hello
CMD [\"cat\", \"/hello\"]
";

/// A rule with a secret, over a repository whose branch stood at the first commit before it was forced to the second.
fn prepare<'a>(site: &'a Site, base: &str) -> (Rule<'a>, String, String) {
    let definition = json!({ "trigger": { "branches": true, "branch_patterns": ["release"] } });
    let secrets = json!({ "token": "a-token-of-the-rule" });
    let body = json!({ "definition": definition, "secrets": secrets });
    let rule = site.make_rule_with(body);
    let tree = rule.code.clone_work_tree();
    tree.write("Dockerfile", &format!("FROM {base}\n{WITHOUT_SECRET}"));
    let left = tree.commit("What nothing reaches any more");
    tree.push(&["main"]);
    tree.git(&["commit", "--quiet", "--amend", "--message", "Another"]);
    let head = tree.head();
    tree.push(&["+main"]);
    (rule, left, head)
}

#[test]
fn a_commit_that_no_ref_reaches_is_built_without_secrets_and_sets_no_tag_of_a_rule() {
    let Some(site) = Site::shared() else { return };
    let Some(base) = site.base_image() else {
        return;
    };
    let (rule, left, head) = prepare(site, base);
    let number = rule.start_with(json!({ "rule": "main", "commit": left }));
    let built = rule.wait_for_success(number);
    assert_eq!(built["trust"], "loose");
    assert_eq!(built["commit"], left);
    assert_ne!(left, head);
    assert_eq!(built["message"], "What nothing reaches any more");
    assert_eq!(built["tags"], json!([&left[..8]]));
    if let Some(printed) = site.run_in_docker(&rule.image, &left[..8]) {
        assert_eq!(printed, "none\n");
    }

    // The rule's own build of its branch owns the tag from then on.
    let tree = rule.code.clone_work_tree();
    tree.switch_to("release");
    tree.write("Dockerfile", "FROM scratch\nCOPY README.md /\n");
    let commit = tree.commit("Release");
    tree.push(&["release"]);
    let own = rule.wait_for_success(rule.wait_for_build_of(&commit));
    assert_eq!(own["tags"], json!(["release"]));
    let body = json!({ "rule": "main", "commit": left, "version": "release" });
    let refused = site
        .api()
        .post(&rule.path("/builds"), body)
        .expect_problem(400, "invalid_field");
    let problem = refused.json();
    assert_eq!(problem["params"]["field"], "version", "{problem}");
    assert_eq!(rule.find_tag("release").as_deref(), own["digest"].as_str());
}

#[test]
fn an_older_commit_of_a_branch_is_built_as_the_rules_own() {
    let Some(site) = Site::shared() else { return };
    let rule = site.make_rule(json!({}));
    let files = [
        ("Dockerfile", "FROM scratch\nCOPY hello /\n"),
        ("hello", "one"),
    ];
    let first = rule.code.push_files("main", "One", &files);
    rule.code.push_files("main", "Two", &[("hello", "two")]);
    let body = json!({ "rule": "main", "commit": first, "version": "one" });
    let built = rule.wait_for_success(rule.start_with(body));
    assert_eq!(built["trust"], "rule");
    assert_eq!(
        (&built["commit"], &built["tags"]),
        (&json!(first), &json!(["one"]))
    );
    let body = json!({ "rule": "main", "commit": "1".repeat(40) });
    let missing = rule.wait_for_end(rule.start_with(body));
    assert_eq!(missing["state"], "failed");
    assert_eq!(missing["trust"], "loose");
    assert_eq!(missing["failure"]["reason"], "source", "{missing:#}");
}
