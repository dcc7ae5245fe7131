//! Logs while they are written.

use futures_util::StreamExt;
use reqwest::Method;
use serde_json::Value;

use crate::{
    launcher::{STEP, ScriptLauncher},
    site::{Place, Site, path_of, script},
};

/// A live log as a client reads it.
struct Live {
    bytes: std::pin::Pin<Box<dyn futures_util::Stream<Item = reqwest::Result<bytes::Bytes>>>>,
    text: String,
}

impl Live {
    async fn open(site: &Site, path: &str, last: Option<u64>) -> Self {
        let mut request = site.request(Method::GET, &format!("/api/v1{path}"));
        if let Some(last) = last {
            request = request.header("Last-Event-ID", last);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Self {
            bytes: Box::pin(answer.bytes_stream()),
            text: String::new(),
        }
    }

    /// The next event; none at the end.
    async fn next(&mut self) -> Option<(Option<u64>, Value)> {
        loop {
            if let Some(end) = self.text.find("\n\n") {
                let event: String = self.text.drain(..end + 2).collect();
                let field = |name: &str| {
                    let mut lines = event.lines();
                    lines.find_map(|line| line.strip_prefix(name).map(str::to_owned))
                };
                let Some(data) = field("data: ") else {
                    continue;
                };
                let id = field("id: ").map(|id| id.parse().unwrap());
                return Some((id, serde_json::from_str(&data).unwrap()));
            }
            let chunk = self.bytes.next().await?.unwrap();
            self.text += std::str::from_utf8(&chunk).unwrap();
        }
    }

    /// Reads on until a step wrote `text`.
    async fn read_to(&mut self, text: &str) -> u64 {
        loop {
            let (id, data) = self.next().await.expect("more of the log");
            if data["type"] == "output" && data["text"] == format!("{text}\n") {
                return id.unwrap();
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_arrives_while_the_next_one_is_not_written_and_a_reader_resumes_where_it_was() {
    let (place, launcher) = (Place::new(), ScriptLauncher::default());
    let site = place.start(&launcher, 2).await;
    let facts = site.make_repository("team/app").await;
    let text = "log a\nwait gate\nlog b\nlog \u{1b}[31mred\u{1b}[0m";
    let build = site.queue(script(&facts, text, &["v1"])).await;
    let path = path_of(&build, "/log/stream");
    let mut live = Live::open(&site, &path, None).await;
    // The gate is closed: `a` cannot have waited for `b`.
    let seen = live.read_to("a").await;
    drop(live);
    launcher.open("gate");
    let mut again = Live::open(&site, &path, Some(seen)).await;
    let mut numbers = vec![seen];
    let mut texts = Vec::new();
    let state = loop {
        let (id, data) = again.next().await.expect("an end");
        let Some(id) = id else { break data };
        numbers.push(id);
        texts.extend(data["text"].as_str().map(str::to_owned));
    };
    assert_eq!(state, serde_json::json!({ "state": "succeeded" }));
    let whole: Vec<u64> = (seen..seen + numbers.len() as u64).collect();
    assert_eq!(numbers, whole, "no gap and nothing twice");
    assert_eq!(texts, ["b\n", "\u{1b}[31mred\u{1b}[0m\n"]);
    assert!(again.next().await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finished_log_is_read_as_text_and_as_json_lines_from_any_event_on() {
    let (place, launcher) = (Place::new(), ScriptLauncher::default());
    let site = place.start(&launcher, 2).await;
    let facts = site.make_repository("team/app").await;
    let build = site.queue(script(&facts, "log a\nlog b", &["v1"])).await;
    site.wait_for_state(&build, "succeeded").await;
    crate::site::wait_for(|| async { (site.show(&build).await["log"] == "kept").then_some(()) })
        .await;
    let read = async |query: &str| {
        let path = format!("/api/v1{}", path_of(&build, &format!("/log{query}")));
        let answer = site.request(Method::GET, &path).send().await.unwrap();
        answer.text().await.unwrap()
    };
    let text = read("").await;
    assert!(
        text.contains(&format!("#1 {STEP}\na\nb\n#1 DONE\n")),
        "{text}"
    );
    let lines = read("?format=jsonl").await;
    let records: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for (index, record) in records.iter().enumerate() {
        assert_eq!(record["n"], index + 1);
        assert!(record["at"].as_i64().unwrap() > 0);
    }
    let rest = read("?format=jsonl&after=3&limit=2").await;
    let numbers: Vec<_> = rest
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["n"].clone())
        .collect();
    assert_eq!(numbers, [4, 5]);
}
