//! The README of what was built as the image's full description, on every kind of host.

use std::os::unix::fs::symlink;

use serde_json::json;
use wharf_tests::building::wait_for;

use super::{
    kinds::{Kind, Pace},
    place::Place,
    rule::Rule,
};

pub(super) fn the_readme_of_what_was_built_becomes_the_description(kind: Kind) {
    let Some(place) = Place::connect(kind, Pace::Told) else {
        return;
    };
    let code = place.make_code("web");
    let definition = json!({ "trigger": { "branches": true }, "readme": true });
    let rule = place.make_rule(&code, definition);
    let dockerfile = ("Dockerfile", "FROM scratch\nCOPY README.md /\n");
    let readme = ("README.md", "# Web\n\nServes \u{1b}[1mpages\u{1b}[0m.\n");
    let build = |message: &str, files: &[(&str, &str)]| {
        let commit = rule.code.push_files("main", message, files);
        let number = Rule::build_of(&rule.wait_for_decision("refs/heads/main", &commit));
        rule.wait_for_success(number);
        commit
    };
    let first = build("One", &[dockerfile, readme]);
    let expected = "# Web\n\nServes [1mpages[0m.\n";
    wait_for(|| (describe(&rule) == expected).then_some(()));

    // Longer than a description takes, and cut within a character.
    let long = "é".repeat(60_000);
    build("Two", &[("README.md", &long)]);
    wait_for(|| (describe(&rule) == long[..100 * 1024]).then_some(()));

    // A link stays within the repository.
    let tree = rule.code.clone_work_tree();
    tree.switch_to("main");
    std::fs::remove_file(tree.path().join("README.md")).expect("it is there");
    tree.write("etc/hostname", "# Of the repository\n");
    tree.write("Dockerfile", "FROM scratch\nCOPY etc /etc\n");
    symlink("/etc/hostname", tree.path().join("README.md")).expect("a link");
    let linked = tree.commit("Three");
    tree.push(&["main"]);
    let number = Rule::build_of(&rule.wait_for_decision("refs/heads/main", &linked));
    rule.wait_for_success(number);
    wait_for(|| (describe(&rule) == "# Of the repository\n").then_some(()));

    let change = json!({ "definition": { "readme": false } });
    place
        .api
        .patch(&rule.path("/rules/main"), change)
        .expect(200);
    tree.write("etc/hostname", "# The switch is off\n");
    let last = tree.commit("Four");
    tree.push(&["main"]);
    let number = Rule::build_of(&rule.wait_for_decision("refs/heads/main", &last));
    rule.wait_for_success(number);
    assert_eq!(describe(&rule), "# Of the repository\n");

    // Another branch, with what is switched on again.
    let change = json!({ "definition": { "readme": true } });
    place
        .api
        .patch(&rule.path("/rules/main"), change)
        .expect(200);
    let branch = format!("{first}:refs/heads/old");
    tree.push(&[&branch]);
    let number = Rule::build_of(&rule.wait_for_decision("refs/heads/old", &first));
    rule.wait_for_success(number);
    // The host says that `main` is the default branch, plain git by its HEAD: no other one describes the image.
    assert_eq!(describe(&rule), "# Of the repository\n");
}

fn describe(rule: &Rule<'_>) -> String {
    let shown = rule.place.api.get(&rule.path("")).expect(200).json();
    let text = shown["description"].as_str();
    text.unwrap_or_default().to_owned()
}
