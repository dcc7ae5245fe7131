//! Where the Dockerfile is, and what COPY copies from.

use serde_json::{Value, json};

use wharf_tests::building::Site;

/// What a build of this definition finds as `hello`.
fn build_and_read(definition: Value, dockerfile: &str, tag: &str) {
    let Some(site) = Site::shared() else { return };
    let Some(base) = site.base_image() else {
        return;
    };
    let rule = site.make_rule(definition);
    let text = format!("FROM {base}\nCOPY hello /\nCMD [\"cat\", \"/hello\"]\n");
    let files = [
        (dockerfile, text.as_str()),
        ("hello", "of the root\n"),
        ("apps/web/hello", "of apps/web\n"),
    ];
    rule.code.push_files("main", "Two places", &files);
    let built = rule.wait_for_success(rule.start("main"));
    assert_eq!(built["tags"], json!([tag]));
    let expected = match built["directory"].as_str() {
        Some("apps/web") => "of apps/web\n",
        Some(".") => "of the root\n",
        other => panic!("{other:?}"),
    };
    println!("{dockerfile} in {}: {expected}", built["directory"]);
    let (_, layers) = rule.pull(tag);
    assert!(!layers.is_empty());
    if let Some(printed) = site.run_in_docker(&rule.image, tag) {
        assert_eq!(printed, expected);
    }
}

#[test]
fn copy_is_relative_to_the_build_directory_wherever_the_dockerfile_is() {
    let definition = json!({ "dockerfile": "docker/web.Dockerfile", "directory": "apps/web" });
    build_and_read(definition, "docker/web.Dockerfile", "main");
}

#[test]
fn a_leading_slash_means_the_root_of_the_clone() {
    let definition = json!({ "dockerfile": "/docker/web.Dockerfile", "directory": "/apps/web/" });
    build_and_read(definition, "docker/web.Dockerfile", "main");
}

#[test]
fn without_a_build_directory_it_is_the_root_although_the_dockerfile_is_below() {
    let definition = json!({ "dockerfile": "apps/web/Dockerfile" });
    build_and_read(definition, "apps/web/Dockerfile", "main");
}

#[test]
fn in_docker_hubs_form_the_build_directory_is_the_dockerfiles_folder() {
    let lines = json!([{ "source_type": "branch", "source": "/^ma(.*)$/", "tags": "ma-{\\1}" }]);
    let naming = json!({ "form": "docker_hub", "lines": lines });
    let definition = json!({ "dockerfile": "/apps/web/Dockerfile", "naming": naming });
    build_and_read(definition, "apps/web/Dockerfile", "ma-in");
}

#[test]
fn a_dockerfile_that_is_not_there_or_not_inside_fails_with_its_path() {
    let Some(site) = Site::shared() else { return };
    let rule = site.make_rule(json!({ "dockerfile": "deploy/Dockerfile" }));
    rule.code.push_files("main", "None", &[("hello", "hello")]);
    let built = rule.wait_for_end(rule.start("main"));
    assert_eq!(built["state"], "failed");
    let detail = built["failure"]["detail"].as_str().unwrap_or_default();
    assert!(detail.contains("deploy/Dockerfile"), "{built:#}");
    let path = rule.path("/rules/main");
    let body = json!({ "definition": { "dockerfile": "../Dockerfile" } });
    let refused = site
        .api()
        .patch(&path, body)
        .expect_problem(400, "invalid_field")
        .json();
    assert_eq!(refused["params"]["field"], "dockerfile", "{refused}");
}
