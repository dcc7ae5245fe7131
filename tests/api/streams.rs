//! `/stream`: what happened, told while somebody looks.

use std::{
    io::{BufRead, BufReader, ErrorKind, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use wharf_testkit::{ImageMaker, Login, Server, encode_segment, unique_name};

use crate::{SERVER, admin, fresh_person, fresh_repository, repository_path};

/// How long something may take to be told. What is told within a second on an idle machine takes longer on a busy one.
const PATIENCE: Duration = Duration::from_secs(20);

/// An open stream.
pub(crate) struct Listener {
    lines: BufReader<TcpStream>,
    /// The last `id`.
    last: String,
    /// The topics that were left out.
    pub(crate) refused: Value,
}

/// What a stream said: the event's name, and its data.
type Said = (String, Value);

impl Listener {
    pub(crate) fn open(server: &Server, login: &Login, topics: &str, last: &str) -> Self {
        let mut connection = TcpStream::connect(server.authority()).expect("a connection");
        connection
            .set_read_timeout(Some(PATIENCE))
            .expect("a timeout");
        let login = login
            .authorization()
            .map(|login| format!("Authorization: {login}\r\n"));
        let login = login.unwrap_or_default();
        let topics = encode_segment(topics);
        // Of the old version, whose bodies are not cut into chunks.
        let request = format!(
            "GET /api/v1/stream?topics={topics} HTTP/1.0\r\n{login}Last-Event-ID: {last}\r\n\r\n"
        );
        connection.write_all(request.as_bytes()).expect("sent");
        let mut lines = BufReader::new(connection);
        let mut first = String::new();
        lines.read_line(&mut first).expect("an answer");
        assert!(first.contains(" 200 "), "{first}");
        let last = last.to_owned();
        let mut listener = Self {
            lines,
            last,
            refused: Value::Null,
        };
        let said = listener.next().expect("the beginning");
        assert_eq!(said.0, "ready");
        listener.refused = said.1["refused"].clone();
        listener
    }

    /// What is said next; none when the stream ended.
    fn next(&mut self) -> Option<Said> {
        let mut name = String::new();
        loop {
            let mut line = String::new();
            let count = self.lines.read_line(&mut line);
            let count = count.unwrap_or_else(|error| match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::TimedOut => panic!("nothing was said"),
                _ => panic!("{error}"),
            });
            if count == 0 {
                return None;
            }
            let line = line.trim_end();
            if let Some(id) = line.strip_prefix("id: ") {
                id.clone_into(&mut self.last);
            } else if let Some(event) = line.strip_prefix("event: ") {
                event.clone_into(&mut name);
            } else if let Some(data) = line.strip_prefix("data: ") {
                return Some((name, serde_json::from_str(data).expect("JSON")));
            }
        }
    }

    /// The first message that is wanted; what comes before is passed over.
    pub(crate) fn wait_for(&mut self, mut wanted: impl FnMut(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            assert!(begun.elapsed() < PATIENCE, "it was not told");
            let (name, data) = self.next().expect("the stream goes on");
            assert_eq!(name, "", "{data}");
            if wanted(&data) {
                return data;
            }
        }
    }
}

pub(crate) fn push(repository: &wharf_testkit::Repository, tag: &str) {
    let image = ImageMaker::new(format!("{}:{tag}", repository.name()).as_str()).make();
    repository.push_image(tag, &image);
}

fn is_tag(data: &Value, tag: &str) -> bool {
    data["tag"] == tag
}

#[test]
fn a_push_is_told_at_once_and_to_nobody_elses_topic() {
    let server = SERVER.get();
    let (one, other) = (fresh_repository(), fresh_repository());
    push(&one, "v0");
    push(&other, "v0");
    let topic = format!("repository:{}", one.name());
    let mut listener = Listener::open(&server, &server.admin(), &topic, "");
    push(&other, "elsewhere");
    let pushed = Instant::now();
    push(&one, "v1");
    let told = listener.wait_for(|data| {
        assert!(!is_tag(data, "elsewhere"), "{data}");
        is_tag(data, "v1")
    });
    // A second on an idle machine; this one may be busy.
    assert!(pushed.elapsed() < Duration::from_secs(5));
    assert_eq!(told["topic"], topic.as_str());
    assert_eq!(told["type"], "tag_created");
    assert_eq!(told["repository"], one.name());
    assert!(told["digest"].is_string() && told["event"].is_string());
}

#[test]
fn who_comes_back_hears_of_everything_that_happened_meanwhile() {
    let server = SERVER.get();
    let repository = fresh_repository();
    push(&repository, "v0");
    let topic = format!("repository:{}", repository.name());
    let mut listener = Listener::open(&server, &server.admin(), &topic, "");
    push(&repository, "v1");
    listener.wait_for(|data| is_tag(data, "v1"));
    let last = listener.last.clone();
    drop(listener);
    for tag in ["v2", "v3"] {
        push(&repository, tag);
    }
    admin()
        .delete(&repository_path(repository.name(), "/tags/v1"))
        .expect(204);
    let mut again = Listener::open(&server, &server.admin(), &topic, &last);
    push(&repository, "v4");
    let mut heard = Vec::new();
    again.wait_for(|data| {
        heard.push((
            data["type"].as_str().unwrap_or_default().to_owned(),
            data["tag"].as_str().unwrap_or_default().to_owned(),
        ));
        is_tag(data, "v4")
    });
    for wanted in [
        ("tag_created", "v2"),
        ("tag_created", "v3"),
        ("tag_deleted", "v1"),
    ] {
        let wanted = (wanted.0.to_owned(), wanted.1.to_owned());
        assert_eq!(
            heard.iter().filter(|it| **it == wanted).count(),
            1,
            "{heard:?}"
        );
    }
}

#[test]
fn a_build_is_told_to_members_and_a_public_repositorys_pushes_to_everybody() {
    let server = SERVER.get();
    let repository = fresh_repository();
    push(&repository, "v0");
    server.set_visibility(repository.name(), true);
    let topic = format!("repository:{}", repository.name());
    let mut member = Listener::open(&server, &server.admin(), &format!("{topic},queue,me"), "");
    let mut stranger = Listener::open(&server, &Login::Anonymous, &topic, "");
    let body = json!({ "dockerfile": "FROM scratch\nLABEL a=b\n", "version": "built" });
    let started = admin().post(&repository_path(repository.name(), "/builds"), body);
    let number = started.expect(201).json()["number"].clone();
    let told = member.wait_for(|data| data["type"] == "build.queued");
    assert_eq!(told["number"], number);
    member.wait_for(|data| data["topic"] == "queue");
    push(&repository, "v1");
    stranger.wait_for(|data| {
        let kind = data["type"].as_str().unwrap_or_default();
        assert!(!kind.starts_with("build"), "{data}");
        is_tag(data, "v1")
    });
}

#[test]
fn who_pushed_is_told_to_members_and_not_to_everybody() {
    let server = SERVER.get();
    let repository = fresh_repository();
    push(&repository, "v0");
    server.set_visibility(repository.name(), true);
    let topic = format!("repository:{}", repository.name());
    let mut member = Listener::open(&server, &server.admin(), &topic, "");
    let mut nobody = Listener::open(&server, &Login::Anonymous, &topic, "");
    push(&repository, "v1");
    let told = member.wait_for(|data| is_tag(data, "v1"));
    assert_eq!(told["actor"], "admin");
    let told = nobody.wait_for(|data| is_tag(data, "v1"));
    assert_eq!(told.get("actor"), None, "{told}");
    assert!(!told.to_string().contains("\"admin\""), "{told}");
}

#[test]
fn a_right_that_is_taken_ends_the_stream_before_anything_more_is_told() {
    let server = SERVER.get();
    let repository = fresh_repository();
    push(&repository, "v0");
    let (person, _) = fresh_person();
    let namespace = repository.name().split('/').next().expect("a namespace");
    server.member(namespace, &person, "reader");
    let topic = format!("repository:{}", repository.name());
    let mut listener = Listener::open(&server, &person.login(), &format!("{topic},me"), "");
    push(&repository, "v1");
    listener.wait_for(|data| is_tag(data, "v1"));
    let member = format!("/namespaces/{namespace}/members/{}", person.username);
    admin().delete(&member).expect(204);
    push(&repository, "secret");
    let mut said = listener.next();
    // Something of before may be on its way.
    while let Some((name, data)) = &said {
        assert!(!is_tag(data, "secret"), "{data}");
        if name == "end" {
            assert_eq!(
                (&data["reason"], &data["topic"]),
                (&json!("gone"), &json!(topic))
            );
            break;
        }
        said = listener.next();
    }
    assert!(said.is_some(), "the end was said");
    assert!(listener.next().is_none(), "and the stream is over");
}

#[test]
fn a_token_that_is_deleted_ends_its_streams() {
    let server = SERVER.get();
    let (person, api) = fresh_person();
    let token = server.token(&person, &unique_name("stream"), &["pull"]);
    let mut listener = Listener::open(&server, &token.login(), "activity", "");
    api.delete(&format!("/tokens/{}", token.id())).expect(204);
    let mut said = listener.next();
    // What others did in public may be told before.
    while said.as_ref().is_some_and(|(name, _)| name.is_empty()) {
        said = listener.next();
    }
    let (name, data) = said.expect("an end");
    assert_eq!(
        (name.as_str(), &data["reason"]),
        ("end", &json!("signed_out"))
    );
    assert!(listener.next().is_none());
}

#[test]
fn what_may_not_be_seen_and_what_is_no_topic_opens_no_stream() {
    let repository = fresh_repository();
    push(&repository, "v0");
    let name = repository.name();
    let (_, stranger) = fresh_person();
    let ask = |api: &wharf_testkit::ApiClient, query: &str| {
        let path = format!("/stream?{query}");
        api.request(reqwest::Method::GET, &path).send_undescribed()
    };
    let topics = |topic: &str| format!("topics={}", encode_segment(topic));
    for kind in ["repository", "builds", "deliveries"] {
        let answer = ask(&stranger, &topics(&format!("{kind}:{name}")));
        answer.expect_problem(404, "not_found");
    }
    let answer = ask(&stranger, &topics(&format!("log:{name}:1")));
    answer.expect_problem(404, "not_found");
    let answer = ask(&admin(), &topics(&format!("log:{name}:1")));
    answer.expect_problem(404, "not_found");
    let log = format!("log:{name}:1");
    for bad in [
        "topics=",
        "topics=weather",
        "topics=repository",
        "topics=queue&after=yesterday",
        &topics(&format!("{log},{log}")),
        &topics(&["queue"; 17].join(",")),
    ] {
        ask(&admin(), bad).expect_problem(400, "invalid_field");
    }
    let server = SERVER.get();
    let nobody = server.api(&Login::Anonymous);
    for topic in ["queue", "activity", "me"] {
        ask(&nobody, &topics(topic)).expect_problem(401, "unauthenticated");
    }
}

#[test]
fn topics_that_may_not_be_followed_are_named_and_the_others_are_told() {
    let server = SERVER.get();
    let repository = fresh_repository();
    push(&repository, "v0");
    server.set_visibility(repository.name(), true);
    let name = repository.name();
    let topics = format!("deliveries:{name},repository:{name},log:{name}:1@7,me");
    let mut listener = Listener::open(&server, &Login::Anonymous, &topics, "");
    let refused = [
        format!("deliveries:{name}"),
        format!("log:{name}:1"),
        "me".to_owned(),
    ];
    assert_eq!(listener.refused, json!(refused));
    assert!(!listener.last.is_empty(), "with where it begins");
    push(&repository, "v1");
    listener.wait_for(|data| is_tag(data, "v1"));
    let (person, _) = fresh_person();
    let own = Listener::open(&server, &person.login(), "me,queue", "");
    assert_eq!(own.refused, json!([]));
}

#[test]
fn who_pushed_is_told_to_members_alone() {
    let server = SERVER.get();
    let repository = fresh_repository();
    push(&repository, "v0");
    server.set_visibility(repository.name(), true);
    let topic = format!("repository:{}", repository.name());
    let (person, _) = fresh_person();
    let mut member = Listener::open(&server, &server.admin(), &topic, "");
    let mut strangers = [
        Listener::open(&server, &Login::Anonymous, &topic, ""),
        Listener::open(&server, &person.login(), &topic, ""),
    ];
    push(&repository, "v1");
    let told = member.wait_for(|data| is_tag(data, "v1"));
    assert_eq!(told["actor"], "admin");
    for stranger in &mut strangers {
        let told = stranger.wait_for(|data| is_tag(data, "v1"));
        assert!(told.get("actor").is_none(), "{told}");
        assert!(told["digest"].is_string());
    }
}

#[test]
fn an_account_has_a_limited_number_of_streams() {
    let server = SERVER.get();
    let (person, api) = fresh_person();
    let mut open: Vec<Listener> = (0..24)
        .map(|_| Listener::open(&server, &person.login(), "me", ""))
        .collect();
    let more = || {
        api.request(reqwest::Method::GET, "/stream?topics=me")
            .send_undescribed()
    };
    more().expect_problem(409, "limit_reached");
    open.pop();
    wharf_tests::wait_until("the place is free again", || {
        let mut connection = TcpStream::connect(server.authority()).expect("a connection");
        let login = person.login().authorization().expect("a login");
        let request =
            format!("GET /api/v1/stream?topics=me HTTP/1.0\r\nAuthorization: {login}\r\n\r\n");
        connection.write_all(request.as_bytes()).expect("sent");
        let mut first = String::new();
        BufReader::new(connection)
            .read_line(&mut first)
            .expect("an answer");
        first.contains(" 200 ")
    });
}

#[test]
fn the_robots_of_all_namespaces_of_one_person_share_their_streams() {
    let server = SERVER.get();
    let (person, api) = fresh_person();
    let second = unique_name("second");
    api.post("/namespaces", json!({ "name": second }))
        .expect(201);
    let repository = format!("{}/open", person.username);
    api.post(
        "/repositories",
        json!({ "name": repository, "public": true }),
    )
    .expect(201);
    let topics = format!("repository:{repository}");
    let robots: Vec<Login> = (0..4)
        .map(|number| {
            let namespace = [&person.username, &second][number % 2];
            let name = format!("ci{number}");
            let robot = server.robot_by(&person.login(), namespace, &name, &["pull"]);
            robot.login()
        })
        .collect();
    let _open: Vec<Listener> = (0..96)
        .map(|number| Listener::open(&server, &robots[number % 4], &topics, ""))
        .collect();
    let path = format!("/stream?topics={}", encode_segment(&topics));
    for robot in &robots {
        let api = server.api(robot);
        let more = api.request(reqwest::Method::GET, &path);
        more.send_undescribed().expect_problem(409, "limit_reached");
    }
    // Neither the person nor anybody else's robots are kept out.
    drop(Listener::open(&server, &person.login(), "me", ""));
    let others = server.namespace(&unique_name("others"));
    let other = server.robot(&others, "ci", &["pull"]);
    drop(Listener::open(&server, &other.login(), &topics, ""));
}
