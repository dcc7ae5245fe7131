//! A log is read whole, whatever happens to the connection, and is kept for as long as it shall be.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::Stdio,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use wharf_testkit::Engine;
use wharf_tests::building::{Rule, Site, wait_for};

use wharf_tests::typing::Cli;

/// Lines with time between them, and colors.
const TALKING: &str = "\
RUN printf '\\033[31mred\\033[0m\\n'; for line in 1 2 3 4 5 6 7 8; do echo line-$line; sleep 0.5; done
";

fn start_talking<'a>(site: &'a Site, base: &str) -> (Rule<'a>, u64) {
    let rule = site.make_rule(json!({ "cache": false }));
    let dockerfile = format!("FROM {base}\n{TALKING}");
    rule.code
        .push_files("main", "Talk", &[("Dockerfile", &dockerfile)]);
    let number = rule.start("main");
    (rule, number)
}

/// Events of a stream: their numbers and what they say, until `stop` or the end.
fn follow(
    site: &Site,
    path: &str,
    last: u64,
    stop: impl Fn(&Value) -> bool,
) -> (Vec<(u64, Value)>, bool) {
    let login = site.server.admin().authorization().expect("a login");
    let mut connection = TcpStream::connect(site.server.authority()).expect("a connection");
    let patience = Some(Duration::from_secs(60));
    connection.set_read_timeout(patience).expect("a timeout");
    // Of the old version, whose bodies are not cut into chunks.
    let request = format!(
        "GET /api/v1{path} HTTP/1.0\r\nAuthorization: {login}\r\nLast-Event-ID: {last}\r\n\r\n"
    );
    connection.write_all(request.as_bytes()).expect("sent");
    let mut events = Vec::new();
    let mut number = 0;
    for line in BufReader::new(connection).lines() {
        let line = line.expect("a line");
        if let Some(id) = line.strip_prefix("id: ") {
            number = id.parse().expect("a number");
        } else if line == "event: end" {
            return (events, true);
        } else if let Some(data) = line.strip_prefix("data: ") {
            let event: Value = serde_json::from_str(data).expect("JSON");
            let enough = stop(&event);
            events.push((number, event));
            if enough {
                return (events, false);
            }
        }
    }
    panic!("the stream ended without its end: {events:?}");
}

#[test]
fn a_stream_that_is_cut_goes_on_behind_its_last_event_and_colors_are_kept() {
    let Some(site) = Site::shared() else { return };
    let Some(base) = site.base_image() else {
        return;
    };
    let (rule, number) = start_talking(site, base);
    let path = rule.path(&format!("/builds/{number}/log/stream"));
    let mut all = Vec::new();
    // Cut twice, in the middle of what the step says.
    for text in ["line-2", "line-5"] {
        let last = all.last().map_or(0, |(number, _)| *number);
        let says = |event: &Value| event["text"].as_str().is_some_and(|it| it.contains(text));
        let (events, ended) = follow(site, &path, last, says);
        assert!(!ended, "{events:?}");
        all.extend(events);
    }
    let last = all.last().expect("events").0;
    let (events, ended) = follow(site, &path, last, |_| false);
    assert!(ended);
    all.extend(events);
    rule.wait_for_success(number);

    let numbers: Vec<u64> = all.iter().map(|(number, _)| *number).collect();
    let wanted: Vec<u64> = (1..=numbers.len() as u64).collect();
    assert_eq!(numbers, wanted, "no gap, and nothing twice");
    let path = rule.path(&format!("/builds/{number}/log?format=jsonl"));
    let api = site.api();
    let kept = api.request(reqwest::Method::GET, &path).send_undescribed();
    let kept = String::from_utf8(kept.expect(200).body.to_vec()).expect("UTF-8");
    let kept: Vec<Value> = kept
        .lines()
        .map(|it| serde_json::from_str(it).expect("JSON"))
        .collect();
    let heard: Vec<Value> = all.into_iter().map(|(_, event)| event).collect();
    assert_eq!(heard, kept, "what was heard is what is kept");
    let said = kept.iter().filter(|event| event["type"] == "output");
    let times: Vec<_> = said
        .map(|event| event["at"].as_i64().expect("a time"))
        .collect();
    assert!(times.is_sorted(), "{kept:#?}");
    // Eight lines, half a second between two.
    let took = times.last().expect("lines") - times[0];
    assert!(took >= 3_000_000, "{took} µs");
    assert!(
        rule.log(number).contains("\u{1b}[31mred\u{1b}[0m"),
        "{}",
        rule.log(number)
    );
}

/// Passes connections on to the server, and cuts the first that has sent a text back.
fn cut_after(server: &str, text: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its number").to_string();
    let server = server.to_owned();
    thread::spawn(move || {
        let (cut, is_cut) = mpsc::channel();
        let mut done = false;
        for inside in listener.incoming().flatten() {
            let Ok(outside) = TcpStream::connect(&server) else {
                return;
            };
            done |= is_cut.try_recv().is_ok();
            let watched = (!done).then(|| (text, cut.clone()));
            let (from, to) = (inside.try_clone(), outside.try_clone());
            if let (Ok(from), Ok(to)) = (from, to) {
                thread::spawn(move || pass_on(from, to, None));
            }
            thread::spawn(move || pass_on(outside, inside, watched));
        }
    });
    address
}

fn pass_on(mut from: TcpStream, mut to: TcpStream, cut: Option<(&str, mpsc::Sender<()>)>) {
    let mut buffer = [0; 4096];
    while let Ok(count) = from.read(&mut buffer) {
        if count == 0 || to.write_all(&buffer[..count]).is_err() {
            break;
        }
        if let Some((text, told)) = &cut
            && String::from_utf8_lossy(&buffer[..count]).contains(text)
        {
            // Nobody may listen any more.
            let _ = told.send(());
            break;
        }
    }
    let _ = from.shutdown(std::net::Shutdown::Both);
    let _ = to.shutdown(std::net::Shutdown::Both);
}

#[test]
fn the_command_line_follows_across_a_cut_connection_with_no_line_lost_or_twice() {
    let Some(site) = Site::shared() else { return };
    let Some(base) = site.base_image() else {
        return;
    };
    let (rule, number) = start_talking(site, base);
    let proxy = cut_after(site.server.authority(), "line-3");
    let cli = Cli::log_in(&format!("http://{proxy}"), site.server.admin_password());
    let number = number.to_string();
    let shown = cli.run(&["builds", "logs", "-f", &rule.image, &number]);
    for line in 1..=8 {
        let text = format!("line-{line}");
        // Once where the command is named and once where it speaks.
        let said = shown.lines().filter(|it| it.ends_with(&text)).count();
        assert_eq!(said, 1, "{text} in {shown}");
    }
}

#[test]
fn the_command_line_shows_a_line_four_seconds_before_the_one_that_comes_five_seconds_later() {
    let Some(site) = Site::shared() else { return };
    let Some(base) = site.base_image() else {
        return;
    };
    let rule = site.make_rule(json!({ "cache": false }));
    let dockerfile = format!("FROM {base}\nRUN echo a; sleep 5; echo b\n");
    rule.code
        .push_files("main", "Say a, then b", &[("Dockerfile", &dockerfile)]);
    rule.start("main");
    let cli = Cli::log_in(site.server.url(), site.server.admin_password());
    let mut command = cli.command(&["builds", "logs", "-f", &rule.image]);
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .expect("wharf starts");
    let output = child.stdout.take().expect("a pipe");
    let mut seen = Vec::new();
    for line in BufReader::new(output).lines() {
        seen.push((line.expect("a line"), Instant::now()));
    }
    assert!(child.wait().expect("ended").success());
    // `#5 0.123 a`; the step's own name has more words.
    let at = |text: &str| {
        let says = |line: &str| {
            let words: Vec<_> = line.split(' ').collect();
            words.len() == 3 && words[2] == text
        };
        let found = seen.iter().find(|(line, _)| says(line));
        found.unwrap_or_else(|| panic!("{text:?} in {seen:?}")).1
    };
    let between = at("b").duration_since(at("a"));
    assert!(between >= Duration::from_secs(4), "{between:?}");
}

#[test]
fn a_log_is_compressed_after_the_end_and_goes_when_its_time_is_over_while_the_record_stays() {
    if !matches!(Engine::from_env(), Engine::Sqlite) {
        wharf_testkit::skip!("the record's time is changed in the file of SQLite");
    }
    let Some(mut site) = Site::start_open("log_days = 7") else {
        return;
    };
    let rule = site.make_rule(json!({}));
    let files = [("Dockerfile", "FROM scratch\nCOPY README.md /\n")];
    rule.code.push_files("main", "Write", &files);
    let number = rule.start("main");
    rule.wait_for_success(number);
    let log = rule.log(number);
    assert!(log.contains("COPY README.md"), "{log}");
    let folder = site.server.data_dir().join("builds");
    let list = || {
        let entries = fs::read_dir(&folder).expect("a folder").flatten();
        let paths = entries.map(|entry| entry.path());
        let logs = paths.filter(|path| path.to_string_lossy().contains(".log"));
        logs.collect::<Vec<_>>()
    };
    let kept = wait_for(|| {
        let logs = list();
        (logs.len() == 1 && logs[0].extension()? == "zst").then(|| logs[0].clone())
    });
    let bytes = fs::read(&kept).expect("the log");
    // RFC 8878, 3.1.1: how a frame begins.
    assert!(bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]), "{kept:?}");

    let rule = rule.leave();
    site.server.terminate();
    let database = site.server.data_dir().join("wharf.db");
    let database = rusqlite::Connection::open(database).expect("the database");
    let eight_days = 8_i64 * 86_400 * 1_000_000;
    let changed = database.execute("UPDATE builds SET ended_at = ended_at - ?1", [eight_days]);
    assert_eq!(changed.expect("changed"), 1);
    drop(database);
    site.server.restart();
    let rule = rule.enter(&site);
    wait_for(|| (rule.show(number)["log"] == "expired").then_some(()));
    assert!(list().is_empty(), "{:?}", list());
    assert_eq!(rule.show(number)["state"], "succeeded");
    let path = rule.path(&format!("/builds/{number}/log"));
    let gone = site.api().get(&path);
    println!(
        "a log that is gone: {}",
        gone.expect_problem(409, "conflict").json()["detail"]
    );
}
