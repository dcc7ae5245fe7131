//! What outlives the moment: a stream its server, uploaded files their build, a build a clock that is set.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use reqwest::Method;
use serde_json::{Value, json};
use wharf_testkit::{Server, encode_segment, skip::record_skip, unique_name};
use wharf_tests::building::{Rule, Site, read_busybox, wait_for};

/// No stream is silent for longer while its server ends or its build is run.
const SILENCE: Duration = Duration::from_secs(120);

/// A rule whose branch `main` holds this Dockerfile, with a shell.
fn make_rule<'a>(site: &'a Site, busybox: &[u8], steps: &str) -> Rule<'a> {
    let rule = site.make_rule(json!({}));
    let tree = rule.code.clone_work_tree();
    fs::write(tree.path().join("busybox"), busybox).expect("a file");
    let start = "FROM scratch\nCOPY --chmod=755 busybox /bin/sh\n";
    tree.write("Dockerfile", &format!("{start}{steps}"));
    tree.commit("Steps");
    tree.push(&["main"]);
    rule
}

/// The lines of a build's stream after an event.
fn open_stream(server: &Server, path: &str, last: u64) -> BufReader<TcpStream> {
    let login = server.admin().authorization().expect("a login");
    let mut connection = TcpStream::connect(server.authority()).expect("a connection");
    let timeout = connection.set_read_timeout(Some(SILENCE));
    timeout.expect("a limit");
    let request = format!(
        "GET /api/v1{path} HTTP/1.0\r\nAuthorization: {login}\r\nLast-Event-ID: {last}\r\n\r\n"
    );
    connection.write_all(request.as_bytes()).expect("sent");
    BufReader::new(connection)
}

/// Reads events until the stream ends or `enough` says so: their numbers, their texts, and whether the build's end was told.
fn read_events(
    stream: &mut BufReader<TcpStream>,
    enough: impl Fn(&str) -> bool,
) -> (Vec<u64>, String, bool) {
    let (mut numbers, mut texts, mut ended) = (Vec::new(), String::new(), false);
    let mut line = String::new();
    while !enough(&texts) {
        line.clear();
        if stream.read_line(&mut line).expect("a line") == 0 {
            break;
        }
        ended |= line.trim() == "event: end";
        if let Some(number) = line.strip_prefix("id: ") {
            numbers.push(number.trim().parse().expect("a number"));
        }
        let data = line.strip_prefix("data: ");
        let event = data.and_then(|data| serde_json::from_str::<Value>(data).ok());
        texts += event
            .as_ref()
            .and_then(|it| it["text"].as_str())
            .unwrap_or("");
    }
    (numbers, texts, ended)
}

#[test]
fn streams_of_logs_end_with_the_server_and_go_on_with_the_next() {
    let Some(mut site) = Site::start() else {
        return;
    };
    let Some(busybox) = read_busybox() else {
        return;
    };
    let rule = make_rule(&site, &busybox, "RUN echo first; sleep 8; echo last\n");
    let number = rule.start("main");
    let path = rule.path(&format!("/builds/{number}/log/stream"));
    let mut stream = open_stream(&site.server, &path, 0);
    let (mut numbers, _, ended) = read_events(&mut stream, |texts| texts.contains("first"));
    assert!(!ended);
    let left = rule.leave();
    let started = Instant::now();
    let waiting = std::thread::spawn(move || read_events(&mut stream, |_| false));
    let took = site.server.terminate();
    let (more, _, ended) = waiting.join().expect("a reader");
    assert!(!ended, "the build is not over");
    assert!(took < Duration::from_secs(8), "it took {took:?} to stop");
    assert!(started.elapsed() < Duration::from_secs(10));
    numbers.extend(more);
    site.server.restart();
    let last = *numbers.last().expect("events");
    let mut stream = open_stream(&site.server, &path, last);
    let (more, texts, ended) = read_events(&mut stream, |_| false);
    assert!(ended && texts.contains("last"), "{texts}");
    numbers.extend(more);
    let count = numbers.len() as u64;
    assert!(numbers.into_iter().eq(1..=count), "a gap, or one twice");
    left.enter(&site).wait_for_success(number);
}

/// A tar archive with one Dockerfile and one file.
fn make_archive() -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("a file");
    write("Dockerfile", "FROM scratch\nCOPY greeting /\n");
    write("greeting", "hello\n");
    let packed = Command::new("tar")
        .arg("-C")
        .arg(folder.path())
        .args(["-c", "."])
        .output();
    packed.expect("tar").stdout
}

/// Builds an uploaded archive; answers the image's path in the API and the build's number.
fn build_archive(site: &Site) -> (String, u64) {
    let image = format!("{}/{}", unique_name("team"), unique_name("uploaded"));
    site.api()
        .post("/repositories", json!({ "name": image }))
        .expect(201);
    let base = format!("/repositories/{}", encode_segment(&image));
    let api = site.api();
    let upload = api.request(Method::POST, &format!("{base}/build-contexts"));
    let context = upload
        .body("application/x-tar", make_archive())
        .send()
        .expect(201)
        .json();
    let body = json!({ "context": context["id"], "version": "v1" });
    let made = api.post(&format!("{base}/builds"), body).expect(201).json();
    (base, made["number"].as_u64().expect("a number"))
}

fn wait_for_success(site: &Site, base: &str, number: u64) {
    let shown = wait_for(|| {
        let shown = site
            .api()
            .get(&format!("{base}/builds/{number}"))
            .expect(200)
            .json();
        (!matches!(shown["state"].as_str(), Some("queued" | "running"))).then_some(shown)
    });
    assert_eq!(shown["state"], "succeeded", "{shown:#}");
}

#[test]
fn a_build_of_uploaded_files_is_retried_with_them() {
    let Some(site) = Site::start() else { return };
    let (base, first) = build_archive(&site);
    wait_for_success(&site, &base, first);
    let mut number = first;
    // The repetition can be repeated as well.
    for _ in 0..2 {
        let path = format!("{base}/builds/{number}/retry");
        let again = site
            .api()
            .request(Method::POST, &path)
            .send()
            .expect(201)
            .json();
        number = again["number"].as_u64().expect("a number");
        wait_for_success(&site, &base, number);
    }
}

#[test]
fn files_whose_time_is_over_are_gone_and_the_answer_names_the_setting() {
    let Some(site) = Site::start_from(Server::builder(), &[], "context_days = 0") else {
        return;
    };
    let (base, number) = build_archive(&site);
    wait_for_success(&site, &base, number);
    let path = format!("{base}/builds/{number}/retry");
    // The file goes right after the record has its end.
    let refused = wait_for(|| {
        let answer = site.api().request(Method::POST, &path).send();
        (answer.status == 409).then_some(answer)
    });
    assert!(
        refused.text().contains("context_days"),
        "{}",
        refused.text()
    );
}

/// The library that tells a program another time.
fn find_faketime() -> Option<PathBuf> {
    let folders = fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let mut found = folders.map(|folder| folder.path().join("faketime/libfaketimeMT.so.1"));
    let library = found.find(|library| library.exists());
    if library.is_none() {
        record_skip("faketime is not installed (make test-deps)");
    }
    library
}

#[test]
fn a_clock_that_jumps_neither_doubles_nor_loses_a_running_build() {
    let (Some(library), Some(busybox)) = (find_faketime(), read_busybox()) else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let clock = folder.path().join("clock");
    fs::write(&clock, "+0\n").expect("a clock");
    let server = Server::builder()
        .env("LD_PRELOAD", library)
        .env("FAKETIME_TIMESTAMP_FILE", &clock)
        .env("FAKETIME_NO_CACHE", "1")
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    let Some(site) = Site::start_from(server, &[], "") else {
        return;
    };
    // Longer than two looks for builds whose server is gone.
    let rule = make_rule(&site, &busybox, "RUN echo first; sleep 24; echo last\n");
    let number = rule.start("main");
    let path = rule.path(&format!("/builds/{number}/log/stream"));
    let mut stream = open_stream(&site.server, &path, 0);
    read_events(&mut stream, |texts| texts.contains("first"));
    fs::write(&clock, "+2h\n").expect("another time");
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| read_events(&mut stream, |_| false));
        wait_for(|| {
            let look = rule.show(number);
            let started = look["attempt"].as_u64();
            assert_eq!(started, Some(1), "it was begun twice: {look:#}");
            (look["state"] == "succeeded").then_some(())
        });
        fs::write(&clock, "-2h\n").expect("another time");
        let (_, texts, ended) = reader.join().expect("a reader");
        assert!(ended && texts.contains("last"));
    });
    let shown = rule.show(number);
    assert_eq!(
        (&shown["state"], &shown["attempt"]),
        (&json!("succeeded"), &json!(1))
    );
    // And what is started while it stands behind is built too.
    rule.wait_for_success(rule.start("main"));
}

#[test]
fn an_image_made_from_git_is_there_with_its_rule_or_not_at_all() {
    let Some(site) = Site::start() else { return };
    if site.server.database_url().is_some() {
        return record_skip("the database is made to fail through SQLite's own file");
    }
    let existing = site.make_rule(json!({}));
    let shown = site
        .api()
        .get(&existing.path("/rules/main"))
        .expect(200)
        .json();
    let database = site.server.data_dir().join("wharf.db");
    let database = rusqlite::Connection::open(database).expect("the database");
    let trigger = "CREATE TRIGGER fail BEFORE INSERT ON rules WHEN NEW.name = 'broken'
        BEGIN SELECT RAISE(ABORT, 'on purpose'); END";
    database.execute_batch(trigger).expect("a trigger");
    let image = format!("{}/{}", unique_name("team"), unique_name("half"));
    let rule = json!({
        "name": "broken", "source": shown["source"]["id"], "remote": shown["remote"],
    });
    let body = json!({ "name": image, "rule": rule });
    let refused = site.api().post("/repositories-from-git", body);
    assert!(refused.status.is_server_error(), "{}", refused.describe());
    let path = format!("/repositories/{}", encode_segment(&image));
    site.api().get(&path).expect(404);
    let count = "SELECT COUNT(*) FROM audit WHERE target = ?1";
    let noted: i64 = database
        .query_row(count, [&image], |row| row.get(0))
        .expect("a count");
    assert_eq!(noted, 0, "something was made, and taken away again");
}
