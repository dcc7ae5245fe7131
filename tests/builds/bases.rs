//! Images that stand on others of this registry: when one changes, what stands on it is built again.

use serde_json::{Value, json};

use wharf_testkit::{image::ImageMaker, unique_name};
use wharf_tests::building::{Rule, Site, wait_for};

/// Tags that nobody builds by pushing: the links do.
const BRANCHES: &str = "branches";

fn make_rule<'a>(site: &'a Site, namespace: &str, name: &str) -> Rule<'a> {
    let definition = json!({ "trigger": { BRANCHES: true, "tags": true } });
    site.make_rule_of(
        &format!("{namespace}/{name}"),
        json!({ "definition": definition }),
    )
}

/// Pushes a Dockerfile and waits until it is built; answers the record.
fn build(rule: &Rule<'_>, branch: &str, dockerfile: &str) -> Value {
    let files = [("Dockerfile", dockerfile), ("hello", dockerfile)];
    let commit = rule.code.push_files(branch, "Build it", &files);
    rule.wait_for_success(rule.wait_for_build_of(&commit))
}

fn list_rebuilds(rule: &Rule<'_>) -> Vec<Value> {
    let mut builds = rule.list_builds();
    builds.retain(|it| it["cause"] == "link");
    builds
}

/// Waits until so many builds that links started are over, and answers them.
fn wait_for_rebuilds(rule: &Rule<'_>, count: usize) -> Vec<Value> {
    wait_for(|| {
        let found = list_rebuilds(rule);
        let over = found.iter().all(|it| it["state"] == "succeeded");
        (found.len() >= count && over).then_some(found)
    })
}

fn list_links(site: &Site, rule: &Rule<'_>) -> Vec<Value> {
    site.api().read_all(&rule.path("/links"), 100)
}

#[test]
fn a_changed_base_rebuilds_the_heads_of_what_stands_on_it_in_order_and_once() {
    let Some(site) = Site::shared() else { return };
    let namespace = unique_name("chain");
    let [base, middle, top] =
        ["base", "middle", "top"].map(|name| make_rule(site, &namespace, name));
    let from = |rule: &Rule<'_>| format!("FROM {}/{}:main", site.server.authority(), rule.image);
    // Where there is a shell, docker runs what stands on it.
    let shell = site.base_image();
    let ground = format!("FROM {}\nCOPY hello /base\n", shell.unwrap_or("scratch"));
    build(&base, "main", &ground);
    let of_middle = format!("{}\nCOPY hello /middle\n", from(&base));
    build(&middle, "main", &of_middle);
    build(&middle, "next", &of_middle);
    let tree = middle.code.clone_work_tree();
    tree.tag("v1", None);
    tree.push(&["v1"]);
    let tagged = wait_for(|| {
        let builds = middle.list_builds();
        let found = builds.iter().find(|it| it["ref"] == "refs/tags/v1");
        found.and_then(|it| it["number"].as_u64())
    });
    let tagged = middle.wait_for_success(tagged);
    // On both, so that it could be built too early, and twice.
    let of_top = format!(
        "{} AS middle\n{}\nCOPY --from=middle /middle /top\n",
        from(&middle),
        from(&base)
    );
    build(&top, "main", &of_top);
    let links = list_links(site, &top);
    let bases: Vec<_> = links
        .iter()
        .map(|it| it["base"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(links.len(), 2, "{links:#?}");
    assert!(
        bases.contains(&&*base.image) && bases.contains(&&*middle.image),
        "{bases:?}"
    );
    assert!(
        links
            .iter()
            .all(|it| it["kind"] == "auto" && it["active"] == true)
    );

    for round in 1..=2 {
        let marker = format!("{ground}LABEL round={round}\nCMD [\"echo\", \"round {round}\"]\n");
        build(&base, "main", &marker);
        let of_middle = wait_for_rebuilds(&middle, 2 * round);
        let of_top = wait_for_rebuilds(&top, round);
        // In the second round, both would be more if the first had built anything twice.
        assert_eq!(
            (of_middle.len(), of_top.len()),
            (2 * round, round),
            "{of_top:#?}"
        );
        let mut refs: Vec<_> = of_middle[..2]
            .iter()
            .map(|it| it["ref"].as_str().expect("a ref"))
            .collect();
        refs.sort_unstable();
        assert_eq!(refs, ["refs/heads/main", "refs/heads/next"]);
        let ended = of_middle[..2]
            .iter()
            .map(|it| it["ended_at"].as_str().expect("an end"));
        let last = ended.max().expect("two");
        let started = of_top[0]["started_at"].as_str().expect("a start");
        assert!(
            started >= last,
            "the top began at {started}, the middle ended at {last}"
        );
        assert_eq!(list_rebuilds(&base).len(), 0);
        let (config, _) = top.pull("main");
        assert_eq!(config["config"]["Labels"]["round"], round.to_string());
    }
    if shell.is_some()
        && let Some(printed) = site.run_in_docker(&top.image, "main")
    {
        assert_eq!(printed, "round 2\n");
    }
    assert_eq!(middle.find_tag("v1").as_deref(), tagged["digest"].as_str());
}

/// A repository without a rule whose tag `1` names another image after each push.
struct Pushed<'a> {
    site: &'a Site,
    name: String,
}

impl<'a> Pushed<'a> {
    fn create(site: &'a Site, name: String) -> Self {
        site.server.create_repository(&name, true);
        let pushed = Self { site, name };
        pushed.push();
        pushed
    }

    fn push(&self) {
        let registry = self.site.server.registry(&self.site.server.admin());
        let image = ImageMaker::new(unique_name("content")).make();
        registry.repository(&self.name).push_image("1", &image);
    }

    fn from(&self) -> String {
        format!("FROM {}/{}:1\n", self.site.server.authority(), self.name)
    }
}

#[test]
fn links_by_hand_rebuild_too_until_they_are_switched_off_and_none_may_go_round() {
    let Some(site) = Site::shared() else { return };
    let namespace = unique_name("by-hand");
    let pushed = Pushed::create(site, format!("{namespace}/pushed"));
    let linked = make_rule(site, &namespace, "linked");
    let control = make_rule(site, &namespace, "control");
    let mut ids = Vec::new();
    for rule in [&linked, &control] {
        build(rule, "main", "FROM scratch\nCOPY hello /\n");
        let body = json!({ "base": pushed.name, "tag": "1" });
        let made = site
            .api()
            .post(&rule.path("/links"), body)
            .expect(201)
            .json();
        assert_eq!(made["kind"], "manual");
        ids.push(made["id"].as_str().expect("an id").to_owned());
    }
    pushed.push();
    wait_for_rebuilds(&linked, 1);
    let decisions = site
        .api()
        .read_all(&linked.path("/rules/main/decisions"), 100);
    let of_link = decisions.iter().find(|it| it["cause"] == "link");
    let of_link = of_link.unwrap_or_else(|| panic!("{decisions:#?}"));
    assert_eq!(of_link["origin"], format!("{}:1", pushed.name));
    wait_for_rebuilds(&control, 1);

    let path = linked.path(&format!("/links/{}", ids[0]));
    let off = site
        .api()
        .patch(&path, json!({ "active": false }))
        .expect(200)
        .json();
    assert_eq!(off["active"], false);
    pushed.push();
    wait_for_rebuilds(&control, 2);
    pushed.push();
    wait_for_rebuilds(&control, 3);
    assert_eq!(list_rebuilds(&linked).len(), 1, "it is switched off");
    site.api()
        .patch(&path, json!({ "active": true }))
        .expect(200);
    pushed.push();
    wait_for_rebuilds(&linked, 2);

    let body = json!({ "base": control.image });
    let own = site
        .api()
        .post(&control.path("/links"), body)
        .expect_problem(409, "conflict");
    assert_eq!(own.json()["params"]["what"], "link_cycle");
    let body = json!({ "base": linked.image });
    site.api().post(&control.path("/links"), body).expect(201);
    let body = json!({ "base": control.image });
    let back = site
        .api()
        .post(&linked.path("/links"), body)
        .expect_problem(409, "conflict");
    assert_eq!(back.json()["params"]["what"], "link_cycle");

    // A FROM line that would go round is a link that is off, and says why; the build goes on.
    let line = format!(
        "FROM {}/{}:main\nCOPY hello /again\n",
        site.server.authority(),
        control.image
    );
    build(&linked, "main", &line);
    let links = list_links(site, &linked);
    let round = links.iter().find(|it| it["base"] == *control.image);
    let round = round.unwrap_or_else(|| panic!("{links:#?}"));
    assert_eq!(
        (&round["active"], &round["problem"]),
        (&json!(false), &json!("cycle"))
    );
}

#[test]
fn a_storm_of_new_bases_rebuilds_ten_times_an_hour_and_says_so() {
    let Some(site) = Site::shared() else { return };
    let namespace = unique_name("storm");
    let pushed = Pushed::create(site, format!("{namespace}/pushed"));
    let rule = make_rule(site, &namespace, "app");
    build(&rule, "main", &pushed.from());
    let stopped = |site: &Site| {
        let decisions = site
            .api()
            .read_all(&rule.path("/rules/main/decisions"), 100);
        decisions.into_iter().find(|it| it["reason"] == "storm")
    };
    let mut seen = 0;
    let decision = wait_for(|| {
        pushed.push();
        wait_for(|| {
            let now = list_rebuilds(&rule).len();
            (now > seen || stopped(site).is_some()).then_some(())
        });
        seen = list_rebuilds(&rule).len();
        stopped(site)
    });
    assert_eq!(list_rebuilds(&rule).len(), 10);
    assert_eq!(
        (&decision["decision"], &decision["detail"]),
        (&json!("skipped"), &json!("10"))
    );
    println!("{decision}");
}
