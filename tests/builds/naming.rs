//! What images are called, from the push to the tag.

use serde_json::json;

use wharf_testkit::Server;
use wharf_tests::building::Site;

/// An image of one label: its digest is another one for each value.
const TINY: &str = "FROM scratch\nARG VERSION\nLABEL version=$VERSION\nCOPY README.md /\n";

#[test]
fn a_prefix_expands_build_arguments_and_latest_is_set_with_it() {
    let Some(site) = Site::shared() else { return };
    let rule = site.make_rule(json!({
        "trigger": { "branches": true },
        "build_args": { "VERSION": "1.0.0" },
        "naming": { "prefix": "v-${VERSION}", "reference": true, "time": true, "commit": true, "also": ["latest"] },
    }));
    let commit = rule
        .code
        .push_files("main", "Name it", &[("Dockerfile", TINY)]);
    let built = rule.wait_for_success(rule.wait_for_build_of(&commit));
    let tags: Vec<_> = built["tags"].as_array().expect("a list").iter().collect();
    let [long, latest] = tags.as_slice() else {
        panic!("{tags:?}")
    };
    assert_eq!(**latest, "latest");
    let long = long.as_str().expect("a text");
    let parts: Vec<_> = long.split('-').collect();
    let ["v", "1.0.0", "main", time, sha] = parts.as_slice() else {
        panic!("{long}")
    };
    assert!(
        time.len() == 14 && time.bytes().all(|it| it.is_ascii_digit()),
        "{long}"
    );
    assert_eq!(*sha, &commit[..8]);
    let digest = built["digest"].as_str().expect("a digest");
    for tag in [long, "latest"] {
        assert_eq!(rule.find_tag(tag).as_deref(), Some(digest), "{tag}");
    }
    let (config, _) = rule.pull("latest");
    assert_eq!(config["config"]["Labels"]["version"], "1.0.0");
}

/// Zones of which no two ever have the same hour, one of them ahead by half an hour.
#[test]
fn times_in_names_are_those_of_the_servers_zone() {
    for (zone, minutes) in [("Asia/Kolkata", 330), ("America/Phoenix", -420)] {
        let server = Server::builder().config(&format!("[server]\ntimezone = \"{zone}\""));
        let Some(site) = Site::start_from(server, &[], "") else {
            return;
        };
        let rule = site.make_rule(json!({
            "trigger": { "branches": true },
            "naming": { "form": "templates", "templates": ["t-{date:%Y%m%d%H%M%S}"] },
        }));
        let before = now_in_minutes();
        let commit = rule
            .code
            .push_files("main", "Name it", &[("Dockerfile", TINY)]);
        let built = rule.wait_for_success(rule.wait_for_build_of(&commit));
        let after = now_in_minutes();
        let tag = built["tags"][0].as_str().expect("a tag");
        let local = tag.strip_prefix("t-").expect("a template");
        let named = minutes_of(local) - minutes;
        assert!(
            (before..=after).contains(&named),
            "{zone}: {tag} is not between {before} and {after}"
        );
    }
}

/// Minutes since 1970.
fn now_in_minutes() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    (now.expect("after 1970").as_secs() / 60) as i64
}

/// The same of `%Y%m%d%H%M%S`, as if it were said of UTC. Days by the civil calendar: H. Hinnant, "chrono-Compatible
/// Low-Level Date Algorithms", `days_from_civil`.
fn minutes_of(text: &str) -> i64 {
    let number = |from: usize, to: usize| text[from..to].parse::<i64>().expect("digits");
    let (year, month, day) = (number(0, 4), number(4, 6), number(6, 8));
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year / 400, year % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    days * 1440 + number(8, 10) * 60 + number(10, 12)
}

#[test]
fn a_git_tag_is_named_by_templates_and_others_by_nothing() {
    let Some(site) = Site::shared() else { return };
    let rule = site.make_rule(json!({
        "trigger": { "tags": true, "tag_patterns": ["v*"] },
        "naming": { "form": "templates", "templates": ["{semver.version}", "{semver.major}.{semver.minor}"],
            "also": ["latest"] },
    }));
    let tree = rule.code.clone_work_tree();
    tree.write("Dockerfile", TINY);
    let commit = tree.commit("Release");
    tree.tag("v1.2.3", Some("an annotated one"));
    tree.tag("nightly", None);
    tree.push(&["main", "v1.2.3", "nightly"]);
    let built = rule.wait_for_success(rule.wait_for_build_of(&commit));
    assert_eq!(built["ref"], "refs/tags/v1.2.3");
    assert_eq!(built["tags"], json!(["1.2.3", "1.2", "latest"]));
    for tag in ["1.2.3", "1.2", "latest"] {
        assert_eq!(rule.find_tag(tag).as_deref(), built["digest"].as_str());
    }
    let decisions = site
        .api()
        .read_all(&rule.path("/rules/main/decisions"), 100);
    let of = |name: &str| {
        let mut found = decisions.iter().filter(|it| it["ref"] == name);
        let decision = found
            .next()
            .unwrap_or_else(|| panic!("{name}: {decisions:#?}"));
        assert!(found.all(|it| it["decision"] == "seen"), "{decisions:#?}");
        (decision["decision"].clone(), decision["reason"].clone())
    };
    assert_eq!(of("refs/tags/v1.2.3").0, "built");
    assert_eq!(
        of("refs/tags/nightly"),
        (json!("skipped"), json!("no_pattern_matches"))
    );
    assert_eq!(
        of("refs/heads/main"),
        (json!("skipped"), json!("branches_not_built"))
    );
    assert_eq!(rule.list_builds().len(), 1);
}
