//! Dockerfiles that somebody uploads, with and without an archive of files.

use std::fs;

use serde_json::json;

use wharf_testkit::unique_name;
use wharf_tests::building::Site;

#[test]
fn a_pasted_dockerfile_becomes_the_version_that_was_asked_for() {
    let Some(site) = Site::shared() else { return };
    let Some(base) = site.base_image() else {
        return;
    };
    let rule = site.make_rule(json!({}));
    let dockerfile = format!(
        "FROM {base} AS small\nARG WHO\nRUN echo \"hello $WHO\" > /hello\nCMD [\"cat\", \"/hello\"]\n\
         FROM small\nRUN exit 1\n"
    );
    let number = rule.start_with(json!({
        "dockerfile": dockerfile, "version": "1.0", "target": "small", "build_args": { "WHO": "you" },
    }));
    let built = rule.wait_for_success(number);
    assert_eq!(
        (&built["source"], &built["trust"], &built["tags"]),
        (&json!("dockerfile"), &json!("loose"), &json!(["1.0"]))
    );
    assert_eq!(built["bases"], json!([base]));
    if let Some(printed) = site.run_in_docker(&rule.image, "1.0") {
        assert_eq!(printed, "hello you\n");
    }
}

#[test]
fn an_uploaded_archive_has_the_files_that_copy_takes_and_the_dockerfile_unless_one_is_pasted() {
    let Some(site) = Site::shared() else { return };
    let Some(base) = site.base_image() else {
        return;
    };
    let rule = site.make_rule(json!({}));
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("deploy")).expect("a folder");
    let text = format!("FROM {base}\nCOPY hello /\nCMD [\"cat\", \"/hello\"]\n");
    fs::write(folder.path().join("deploy/web.Dockerfile"), &text).expect("a file");
    fs::write(folder.path().join("hello"), "from the archive\n").expect("a file");

    let context = site.upload_context(&rule.image, folder.path());
    let body = json!({ "context": context, "path": "deploy/web.Dockerfile", "version": "kept" });
    let built = rule.wait_for_success(rule.start_with(body.clone()));
    assert_eq!(built["trust"], "loose");
    if let Some(printed) = site.run_in_docker(&rule.image, "kept") {
        assert_eq!(printed, "from the archive\n");
    }
    // It was for this build alone.
    let again = site
        .api()
        .post(&rule.path("/builds"), body)
        .expect_problem(400, "invalid_field");
    assert_eq!(again.json()["params"]["field"], "context");

    let context = site.upload_context(&rule.image, folder.path());
    let pasted = format!("FROM {base}\nCOPY hello /\nCMD [\"wc\", \"-c\", \"/hello\"]\n");
    let body = json!({ "context": context, "dockerfile": pasted, "version": "pasted" });
    rule.wait_for_success(rule.start_with(body));
    if let Some(printed) = site.run_in_docker(&rule.image, "pasted") {
        assert_eq!(printed.trim_start(), "17 /hello\n");
    }
}

#[test]
fn a_pasted_dockerfile_cannot_become_a_tag_that_a_rule_owns() {
    let Some(site) = Site::shared() else { return };
    let rule = site.make_rule(json!({ "naming": { "also": ["latest"] } }));
    let files = [("Dockerfile", "FROM scratch\nCOPY README.md /\n")];
    rule.code.push_files("main", "Begin", &files);
    let own = rule.wait_for_success(rule.start("main"));
    for tag in ["main", "latest"] {
        let body = json!({ "dockerfile": format!("FROM scratch\nLABEL a={}\n", unique_name("x")), "version": tag });
        let refused = site
            .api()
            .post(&rule.path("/builds"), body)
            .expect_problem(400, "invalid_field");
        assert_eq!(refused.json()["params"]["field"], "version");
        assert_eq!(rule.find_tag(tag).as_deref(), own["digest"].as_str());
    }
}
