//! Kills at moments that the rows of faults (F50 to F52) do not wait for: of the server while a build waits, and at any
//! moment of one. Whatever is hit, the build ends well once, with one image, one tag and one event.

use std::{path::Path, time::Instant};

use serde_json::json;
use wharf_testkit::{Engine, skip};
use wharf_tests::building::{Site, check_own_leftovers, wait_for};

/// How many moments of a build are tried.
const MOMENTS: u32 = 8;

/// Something to do in each phase: a step, and some data to compress and take in.
fn write_dockerfile(base: &str) -> String {
    format!("FROM {base}\nRUN dd if=/dev/urandom of=/big bs=1M count=8 2>/dev/null; sleep 0.3\n")
}

/// How often a tag of a repository was set, as the events tell; the server is down.
fn count_events(data: &Path, image: &str) -> i64 {
    let database = rusqlite::Connection::open(data.join("wharf.db")).expect("the database");
    let count = database.query_row(
        "SELECT COUNT(*) FROM events WHERE kind IN ('tag_created', 'tag_changed') AND repository_id =
            (SELECT id FROM repositories WHERE name = ?1)",
        [image],
        |row| row.get(0),
    );
    count.expect("a number")
}

#[test]
fn f50_a_server_that_is_killed_at_any_moment_ends_the_build_well_with_one_event() {
    if !matches!(Engine::from_env(), Engine::Sqlite) {
        skip!("events are counted in the file of SQLite");
    }
    let Some(mut site) = Site::start_open("") else {
        return;
    };
    let Some(base) = site.base_image().map(str::to_owned) else {
        return;
    };
    let rule = site.make_rule(json!({ "cache": false }));
    let dockerfile = write_dockerfile(&base);
    rule.code
        .push_files("main", "Work", &[("Dockerfile", &dockerfile)]);
    let begun = Instant::now();
    rule.wait_for_success(rule.start("main"));
    let whole = begun.elapsed();
    let (image, path) = (rule.image.clone(), rule.leave());
    let data = site.server.data_dir().to_owned();
    let mut attempts = Vec::new();
    for moment in 1..=MOMENTS {
        let number = path.enter(&site).start("main");
        std::thread::sleep(whole * moment / (MOMENTS + 1));
        let phase = path.enter(&site).show(number)["phase"].clone();
        site.server.kill();
        site.server.restart();
        let rule = path.enter(&site);
        let shown = rule.wait_for_success(number);
        attempts.push(format!("{phase} → {}", shown["attempt"]));
        assert!(shown["attempt"].as_u64() <= Some(2), "{shown:#}");
        assert_eq!(rule.find_tag("main").as_deref(), shown["digest"].as_str());
        check_own_leftovers(&site);
    }
    println!("killed in (attempts then): {}", attempts.join(", "));
    site.server.terminate();
    // The first build, and each of those that were hit, has moved the tag once.
    assert_eq!(count_events(&data, &image), i64::from(MOMENTS) + 1);
    let fsck = site.server.run(&[
        "fsck",
        "--data-dir",
        data.to_str().expect("text"),
        "--read-bytes",
    ]);
    assert!(fsck.status.success(), "{fsck:?}");
}

#[test]
fn f50_a_build_that_waits_when_the_server_is_killed_keeps_its_place_and_is_built_once() {
    let Some(mut site) = Site::start_open("concurrency = 1") else {
        return;
    };
    let Some(base) = site.base_image().map(str::to_owned) else {
        return;
    };
    let slow = site.make_rule(json!({}));
    let text = format!("FROM {base}\nRUN sleep 300\n");
    slow.code
        .push_files("main", "Slow", &[("Dockerfile", &text)]);
    let plug = slow.start("main");
    wait_for(|| (slow.show(plug)["phase"] == "building").then_some(()));
    let rule = site.make_rule(json!({}));
    let text = "FROM scratch\nCOPY README.md /\n";
    rule.code
        .push_files("main", "Quick", &[("Dockerfile", text)]);
    let number = rule.start("main");
    assert_eq!(rule.show(number)["position"], 1);
    let (slow, rule) = (slow.leave(), rule.leave());
    site.server.kill();
    site.server.restart();
    let (slow, rule) = (slow.enter(&site), rule.enter(&site));
    // Its namespace had no turn yet, so it goes first; the one that ran is begun once more behind it.
    let built = rule.wait_for_success(number);
    assert_eq!(built["attempt"], 1);
    wait_for(|| (slow.show(plug)["phase"] == "building").then_some(()));
    assert_eq!(slow.show(plug)["attempt"], 2);
    let path = slow.path(&format!("/builds/{plug}/cancel"));
    let api = site.api();
    api.request(reqwest::Method::POST, &path).send().expect(200);
    assert_eq!(slow.wait_for_end(plug)["state"], "canceled");
    check_own_leftovers(&site);
}
