//! Whose turn it is: many builds of many namespaces, each by a worker of its own.

use std::collections::HashMap;

use serde_json::{Value, json};

use wharf_testkit::encode_segment;
use wharf_tests::building::{Site, wait_for};

/// How many builds each of the twenty namespaces has waiting, in the order in which they come: two hundred together. The
/// busy ones come first, and five have a single build, at the very end.
const WAITING: [usize; 20] = [
    31, 25, 20, 15, 12, 12, 12, 10, 10, 10, 10, 8, 8, 6, 6, 1, 1, 1, 1, 1,
];

/// A build that starts and does not end by itself.
fn plug(site: &Site, base: &str, name: &str) -> String {
    let image = format!("{name}/{name}");
    site.server.create_repository(&image, false);
    let dockerfile = format!("FROM {base}\nRUN sleep 300\n");
    let path = format!("/repositories/{}/builds", encode_segment(&image));
    let body = json!({ "dockerfile": dockerfile, "version": "1" });
    let started = site.api().post(&path, body).expect(201).json();
    let path = format!("{path}/{}", started["number"]);
    wait_for(|| {
        let shown = site.api().get(&path).expect(200).json();
        (shown["phase"] == "building").then_some(())
    });
    path
}

fn cancel(site: &Site, path: &str) {
    let api = site.api();
    let path = format!("{path}/cancel");
    api.request(reqwest::Method::POST, &path).send().expect(200);
}

/// Queues a tiny build; answers its path.
fn queue_tiny(site: &Site, image: &str, version: usize) -> String {
    let path = format!("/repositories/{}/builds", encode_segment(image));
    let dockerfile = format!("FROM scratch\nCOPY <<EOF /hello\n{version}\nEOF\n");
    let body = json!({ "dockerfile": dockerfile, "version": format!("v{version}") });
    let started = site.api().post(&path, body).expect(201).json();
    format!("{path}/{}", started["number"])
}

fn namespace_of(build: &Value) -> String {
    let name = build["repository"].as_str().expect("a name");
    name.split('/').next().unwrap_or_default().to_owned()
}

#[test]
fn two_hundred_builds_of_twenty_namespaces_take_turns() {
    assert_eq!(WAITING.iter().sum::<usize>(), 200);
    let Some(site) = Site::start_open("concurrency = 2\nnamespace_concurrency = 2") else {
        return;
    };
    let Some(base) = site.base_image() else {
        return;
    };
    let plugs = ["plug-a", "plug-b"].map(|name| plug(&site, base, name));
    for (place, count) in WAITING.iter().enumerate() {
        let image = format!("n{place:02}/app");
        site.server.create_repository(&image, false);
        for version in 0..*count {
            queue_tiny(&site, &image, version);
        }
    }
    let queue = site.api().get("/builds/queue").expect(200).json();
    let promised = read_promised(&queue);
    assert_eq!(promised.len(), 200);
    assert_eq!(queue["running"], 2);

    plugs.iter().for_each(|path| cancel(&site, path));
    let begun = std::time::Instant::now();
    let mut most = 0;
    wait_for(|| {
        let queue = site.api().get("/builds/queue").expect(200).json();
        let running = queue["running"].as_u64().expect("a number");
        most = most.max(running);
        let waiting = queue["waiting"].as_array().expect("a list");
        (running == 0 && waiting.is_empty()).then_some(())
    });
    let took = begun.elapsed();
    assert_eq!(most, 2, "as many as may run, and never more");

    let mut builds: Vec<_> = site.api().read_all("/builds", 100);
    builds.retain(|it| namespace_of(it).starts_with('n'));
    assert_eq!(builds.len(), 200);
    for build in &builds {
        assert_eq!(
            (&build["state"], &build["attempt"]),
            (&json!("succeeded"), &json!(1)),
            "{build:#}"
        );
    }
    builds.sort_by_key(|it| it["started_at"].as_str().expect("a start").to_owned());
    let order: Vec<_> = builds
        .iter()
        .map(|it| (namespace_of(it), it["number"].as_u64().expect("a number")))
        .collect();
    print_order(&order, took);
    assert_eq!(order, promised, "begun in the order that was shown");
    check_fairness(&order);
}

/// Namespaces and numbers in the order that the queue shows.
fn read_promised(queue: &Value) -> Vec<(String, u64)> {
    let waiting = queue["waiting"].as_array().expect("a list");
    let place = |(index, place): (usize, &Value)| {
        assert_eq!(place["position"], index + 1);
        let build = &place["build"];
        (
            namespace_of(build),
            build["number"].as_u64().expect("a number"),
        )
    };
    waiting.iter().enumerate().map(place).collect()
}

fn print_order(order: &[(String, u64)], took: std::time::Duration) {
    println!("200 builds of 20 namespaces in {took:?}, in this order:");
    for round in order.chunks(20) {
        let line: Vec<_> = round
            .iter()
            .map(|(namespace, number)| format!("{namespace}#{number}"))
            .collect();
        println!("  {}", line.join(" "));
    }
}

/// Before the k-th build of a namespace no other namespace has begun more than k.
fn check_fairness(order: &[(String, u64)]) {
    let mut begun: HashMap<&str, usize> = HashMap::new();
    for (namespace, number) in order {
        let own = begun.get(&**namespace).copied().unwrap_or_default();
        for (other, count) in &begun {
            assert!(
                *count <= own + 1,
                "{namespace}#{number} is its build {} and waited behind {count} of {other}",
                own + 1
            );
        }
        *begun.entry(&**namespace).or_default() += 1;
    }
}

#[test]
fn a_namespace_at_its_limit_waits_while_another_is_served_and_sees_when_it_begins() {
    let Some(site) = Site::start_open("concurrency = 2\nnamespace_concurrency = 1") else {
        return;
    };
    let Some(base) = site.base_image() else {
        return;
    };
    // How long its builds take is known from one that is over.
    let image = "mine/app";
    site.server.create_repository(image, false);
    let show = |path: &str| site.api().get(path).expect(200).json();
    let end = |path: &str| {
        wait_for(|| {
            let shown = show(path);
            let open = matches!(shown["state"].as_str(), Some("queued" | "running"));
            (!open).then_some(shown)
        })
    };
    assert_eq!(end(&queue_tiny(&site, image, 0))["state"], "succeeded");
    let path = format!("/repositories/{}/builds", encode_segment(image));
    let body = json!({ "dockerfile": format!("FROM {base}\nRUN sleep 300\n"), "version": "slow" });
    let slow = site.api().post(&path, body).expect(201).json();
    let slow = format!("{path}/{}", slow["number"]);
    wait_for(|| (show(&slow)["phase"] == "building").then_some(()));
    let mine = queue_tiny(&site, image, 1);
    site.server.create_repository("theirs/app", false);
    assert_eq!(
        end(&queue_tiny(&site, "theirs/app", 0))["state"],
        "succeeded"
    );
    let waiting = show(&mine);
    assert_eq!(waiting["state"], "queued", "{waiting:#}");
    assert_eq!(waiting["position"], 1);
    assert!(waiting["expected_start"].is_string(), "{waiting:#}");
    cancel(&site, &slow);
    assert_eq!(end(&mine)["state"], "succeeded");
}
