//! What a Dockerfile may not ask for on a server, and that it was asked for is written down.

use serde_json::json;

use wharf_tests::building::Site;

#[test]
fn c05_a_step_that_asks_for_the_machines_rights_is_refused_and_audited() {
    let Some(site) = Site::shared() else { return };
    let rule = site.make_rule(json!({ "trigger": { "branches": true } }));
    for step in [
        "RUN --security=insecure echo $((6 * 7))",
        "RUN --network=host echo $((6 * 7))",
        "RUN --device=vendor.com/gpu echo $((6 * 7))",
    ] {
        let dockerfile = format!("# syntax=docker/dockerfile:1-labs\nFROM scratch\n{step}\n");
        let commit = rule
            .code
            .push_files("main", step, &[("Dockerfile", &dockerfile)]);
        let number = rule.wait_for_build_of(&commit);
        let ended = rule.wait_for_end(number);
        assert_eq!(ended["state"], "failed", "{step}: {ended:#}");
        assert_eq!(ended["failure"]["reason"], "forbidden", "{step}: {ended:#}");
        let log = rule.log(number);
        assert!(!log.contains("42"), "{step}: {log}");

        let asked = format!("/audit?action=build.refuse&target={}", rule.image);
        let entries = site.api().read_all(&asked, 100);
        let found = entries
            .iter()
            .find(|entry| entry["details"]["build"] == number)
            .unwrap_or_else(|| panic!("{step}: {entries:#?}"));
        assert_eq!(found["actor"], format!("build:{number}"), "{found:#}");
        assert_eq!(found["details"]["commit"], commit, "{found:#}");
        assert!(
            found["details"]["detail"]
                .as_str()
                .is_some_and(|detail| detail.contains("is not allowed")),
            "{found:#}"
        );
    }
    // What fails for another reason leaves no such line.
    let dockerfile = [("Dockerfile", "FROM scratch\nCOPY nothing /\n")];
    let commit = rule.code.push_files("main", "Plain", &dockerfile);
    let number = rule.wait_for_build_of(&commit);
    assert_eq!(rule.wait_for_end(number)["failure"]["reason"], "dockerfile");
    let asked = format!("/audit?action=build.refuse&target={}", rule.image);
    assert_eq!(site.api().read_all(&asked, 100).len(), 3);
}
