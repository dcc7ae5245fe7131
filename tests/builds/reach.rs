//! What a Dockerfile reaches is not what the server reaches for it.

use serde_json::json;
use wharf_tests::building::Site;

#[test]
fn a_dockerfile_does_not_fetch_from_where_the_server_may_clone() {
    let Some(site) = Site::start() else { return };
    let rule = site.make_rule(json!({}));
    let address = site.git.address();
    let tree = rule.code.clone_work_tree();
    // The clone itself comes from there.
    tree.write(
        "Dockerfile",
        &format!("FROM scratch\nADD http://{address}/secret /\n"),
    );
    tree.commit("Ask for a file of the inner network");
    tree.push(&["main"]);
    let shown = rule.wait_for_end(rule.start("main"));
    assert_eq!(shown["state"], "failed", "{shown:#}");
    let failure = shown["failure"].to_string();
    assert!(failure.contains("[build] allow_net"), "{shown:#}");
    let asked = site
        .git
        .requests()
        .iter()
        .any(|request| request.path.contains("secret"));
    assert!(!asked);
}
