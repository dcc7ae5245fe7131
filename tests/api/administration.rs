//! What administrators look after: storage and its check, workers and the queue, health.

use serde_json::Value;
use wharf_testkit::{ImageMaker, Server, unique_name};
use wharf_tests::wait_until;

use crate::{SERVER, admin, fresh_repository};

#[test]
fn storage_tells_what_is_stored_and_how_much_room_there_is() {
    wait_until("the first look", || {
        admin().get("/storage").expect(200).json()["looked_at"].is_string()
    });
    let storage = admin().get("/storage").expect(200).json();
    assert_eq!(storage["backend"], "local");
    let number = |name: &str| storage[name].as_u64().expect("a number");
    assert!(number("free_bytes") > 0 && number("free_bytes") <= number("total_bytes"));
    let repository = fresh_repository();
    repository.push_image("v1", &ImageMaker::new(repository.name()).make());
    let usage = admin().read_all("/storage/namespaces", 100);
    let namespace = repository.name().split('/').next().expect("a namespace");
    let own = usage.iter().find(|one| one["name"] == namespace);
    let own = own.expect("listed");
    assert_eq!(own["repository_count"], 1);
    assert!(own["created_at"].is_string());
    let members = admin().read_all(&format!("/namespaces/{namespace}/members"), 100);
    let owners: Vec<&Value> = members
        .iter()
        .filter(|member| member["role"] == "owner")
        .map(|member| &member["username"])
        .collect();
    let told: Vec<&Value> = own["owners"].as_array().expect("owners").iter().collect();
    assert_eq!(told, owners);
    let names: Vec<&str> = usage
        .iter()
        .filter_map(|one| one["name"].as_str())
        .collect();
    assert!(names.is_sorted());
}

#[test]
fn a_check_of_the_storage_runs_beside_requests_and_tells_what_it_found() {
    let server = Server::builder().start();
    let api = server.api(&server.admin());
    let read = || api.get("/storage/check").expect(200).json();
    assert_eq!(read()["state"], "none");
    let repository = server.registry(&server.admin()).repository("team/app");
    let image = ImageMaker::new("checked").layers(2).make();
    repository.push_image("v1", &image);
    let begun = api.post("/storage/check", serde_json::json!({ "read_bytes": true }));
    assert_eq!(begun.expect(201).json()["started_by"], "admin");
    wait_until("the check is over", || read()["state"] == "done");
    let done = read();
    assert_eq!(
        (done["damage"].as_u64(), done["stray"].as_u64()),
        (Some(0), Some(0))
    );
    assert_eq!(done["blobs"].as_u64(), Some(image.blobs().count() as u64));

    // Damage is found and named, in the reader's language too.
    let digest = image.layers[0].digest();
    let file = find_file(server.data_dir(), digest.split(':').nth(1).expect("hex"));
    std::fs::remove_file(file).expect("a blob's file");
    api.post("/storage/check", serde_json::json!({}))
        .expect(201);
    wait_until("the second check is over", || read()["damage"] == 1);
    let finding = &read()["findings"][0];
    assert_eq!(
        (&finding["kind"], &finding["damage"]),
        (&"lost_blob".into(), &Value::Bool(true))
    );
    assert!(
        finding["message"]
            .as_str()
            .expect("words")
            .contains(&digest)
    );
    let audit = api.read_all("/audit?action=storage.check", 100);
    assert_eq!(audit.len(), 2);
}

fn find_file(folder: &std::path::Path, name: &str) -> std::path::PathBuf {
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().contains(name) {
                return path;
            }
        }
    }
    panic!("no file of {name}");
}

#[test]
fn workers_tell_limits_and_whose_builds_wait() {
    let server = Server::builder().config("[build]\nconcurrency = 0").start();
    let api = server.api(&server.admin());
    api.post("/repositories", serde_json::json!({ "name": "team/app" }))
        .expect(201);
    let build = serde_json::json!({ "dockerfile": "FROM scratch\nLABEL a=b\n", "version": "made" });
    for _ in 0..2 {
        api.post("/repositories/team%2Fapp/builds", build.clone())
            .expect(201);
    }
    let workers = api.get("/workers").expect(200).json();
    assert_eq!(workers["concurrency"], 0);
    assert_eq!(workers["workers"], serde_json::json!([]));
    let queue = &workers["namespaces"][0];
    assert_eq!(
        (&queue["name"], &queue["waiting"]),
        (&"team".into(), &2.into())
    );
    assert!(queue["waits_since"].is_string());
    assert!(workers["limits"]["memory"].as_u64().expect("bytes") > 0);
}

#[test]
fn health_is_a_list_of_checks_with_what_to_do() {
    let report = admin().get("/health").expect(200).json();
    let checks = report["checks"].as_array().expect("a list");
    let find = |name: &str| {
        let found = checks.iter().find(|check| check["name"] == name);
        found.unwrap_or_else(|| panic!("no check {name}"))
    };
    for fine in ["database", "store", "clock", "deliveries", "connection"] {
        assert_eq!(find(fine)["state"], "ok", "{fine}");
        assert_eq!(find(fine)["hint"], Value::Null);
    }
    for check in checks {
        let state = check["state"].as_str().expect("a word");
        let message = check["message"].as_str().expect("words");
        assert!(
            !message.contains('{') && !message.starts_with("health."),
            "{message}"
        );
        assert_eq!(check["hint"].is_string(), state != "ok", "{check}");
    }
    let person = SERVER.get().user(&unique_name("person"));
    SERVER.get().api(&person.login()).get("/health").expect(403);
}
