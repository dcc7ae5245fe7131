//! What is pushed is decided, built, pulled and run.

use serde_json::{Value, json};
use wharf_testkit::{Dockerd, WorkTree, encode_segment, skip};
use wharf_tests::building::read_busybox;

use super::{
    kinds::{Code, Host, Kind, Pace},
    place::Place,
    rule::Rule,
};

/// Nothing but a shell and what it prints.
const DOCKERFILE: &str = "FROM scratch\nCOPY --chmod=755 busybox /bin/cat\nCOPY greeting /greeting\n\
     CMD [\"/bin/cat\", \"/greeting\"]\n";

pub(super) fn a_push_becomes_an_image_that_docker_runs(kind: Kind) {
    let Some(place) = Place::connect(kind, Pace::Told) else {
        return;
    };
    let Some(busybox) = read_busybox() else {
        return;
    };
    let dockerd = match Dockerd::get() {
        Ok(dockerd) => dockerd,
        Err(reason) => skip!("no dockerd here: {reason}"),
    };
    let code = place.make_code("web");
    browse(&place, &code);
    let rule = place.make_rule(
        &code,
        json!({
            "trigger": {
                "branches": true, "branch_patterns": ["main", "feature/*"],
                "tags": true, "tag_patterns": ["/^v[0-9]/"],
            },
        }),
    );

    let tree = rule.code.clone_work_tree();
    std::fs::write(tree.path().join("busybox"), busybox).expect("a file");
    tree.commit("What it is built of");
    let branch = commit_on(&tree, "feature/login", "hello from a branch");
    let unwanted = commit_on(&tree, "experiment/one", "not to be built");
    let skipped = {
        tree.switch_to("main");
        tree.write("greeting", "too early\n");
        tree.commit("Not yet\n\n[skip ci]")
    };
    tree.switch_to("feature/login");
    tree.tag("v1.0", Some("The first one"));
    let tag_object = tree.git(&["rev-parse", "v1.0"]);
    tree.push(&["feature/login", "experiment/one", "main", "v1.0"]);

    let built = rule.wait_for_decision("refs/heads/feature/login", &branch);
    let tagged = rule.wait_for_decision("refs/tags/v1.0", &tag_object);
    for (reference, object, reason) in [
        ("refs/heads/experiment/one", &unwanted, "no_pattern_matches"),
        ("refs/heads/main", &skipped, "skip_ci"),
    ] {
        let made = rule.wait_for_decision(reference, object);
        assert_eq!(made["decision"], "skipped", "{made:#}");
        assert_eq!(made["reason"], reason, "{made:#}");
    }
    let cause = if kind.is_told() { "push" } else { "poll" };
    assert_eq!(built["cause"], cause, "{built:#}");
    rule.assert_each_update_decided_once();

    let docker = dockerd.sign_in(place.server.authority(), &place.person.login());
    let of_branch = rule.wait_for_success(Rule::build_of(&built));
    let tag = of_branch["tags"][0].as_str().expect("a tag");
    assert!(tag.starts_with("feature-login-"), "{tag}");
    assert_eq!(of_branch["commit"], branch);
    let of_tag = rule.wait_for_success(Rule::build_of(&tagged));
    assert_eq!(of_tag["tags"], json!(["v1.0"]));
    for tag in [tag, "v1.0"] {
        let name = rule.name(tag);
        docker.run(&["pull", &name]);
        let said = docker.run(&["run", "--rm", "--network", "none", &name]);
        assert_eq!(said, "hello from a branch\n", "{name}");
    }

    // What the rule skipped a person may build, from its commit.
    let number = rule.start(json!({ "rule": "main", "commit": unwanted, "version": "by-hand" }));
    let by_hand = rule.wait_for_success(number);
    assert_eq!(by_hand["commit"], unwanted);
    let name = rule.name("by-hand");
    docker.run(&["pull", &name]);
    let said = docker.run(&["run", "--rm", "--network", "none", &name]);
    assert_eq!(said, "not to be built\n");
    rule.assert_each_update_decided_once();
    if let Host::Forge(forge) = &place.host {
        assert_eq!(forge.unknown_requests(), Vec::<String>::new());
    }
}

fn commit_on(tree: &WorkTree, branch: &str, greeting: &str) -> String {
    tree.switch_to("main");
    tree.switch_to(branch);
    tree.write("Dockerfile", DOCKERFILE);
    tree.write("greeting", &format!("{greeting}\n"));
    tree.commit(greeting)
}

/// What a person looks at before there is a rule.
fn browse(place: &Place, code: &Code) {
    let path = format!("/sources/{}", place.source);
    let remote = encode_segment(&code.remote);
    if !place.kind.is_forge() {
        let refused = place.api.get(&format!("{path}/repositories"));
        refused.expect_problem(409, "conflict");
        return;
    }
    let owner = code.remote.split('/').next().expect("an owner");
    let owners = place.api.read_all(&format!("{path}/owners"), 100);
    assert!(owners.iter().any(|it| it["path"] == owner), "{owners:?}");
    let listed = format!("{path}/repositories?owner={owner}");
    let found: Vec<Value> = place.api.read_all(&listed, 100);
    let found = found.iter().find(|it| it["path"] == code.remote.as_str());
    let found = found.expect("the repository");
    assert_eq!(found["private"], true, "{found}");
    let branches = place
        .api
        .read_all(&format!("{path}/repositories/{remote}/branches"), 100);
    assert_eq!(branches[0]["name"], "main");
    let tags = place
        .api
        .read_all(&format!("{path}/repositories/{remote}/tags"), 100);
    assert_eq!(tags.len(), 0);
}
