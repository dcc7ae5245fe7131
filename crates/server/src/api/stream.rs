//! The one stream of a tab: what happened of what it shows, as server-sent events (HTML living standard, 9.2).
//!
//! The caller is recognized again before anything is told: a session that ended, a token that was deleted and a right that was
//! taken end the stream, which says so. One that ends without that ended with its server.

use super::{
    ApiState,
    builds::{LogIndex, LogLine},
    caller::Anyone,
    describe::{Clashing, Common, Missing},
    recognition::Recognition,
    refusal::Refusal,
    request::Parameters,
    value::show_time,
};
use axum::{
    body::{Body, Bytes},
    extract::State,
    response::{IntoResponse, Response},
};
use futures_util::stream::{self, Stream};
use http::{HeaderMap, header::CONTENT_TYPE};
use serde::Deserialize;
use serde_json::{Value, json};
use std::convert::Infallible;
use utoipa::IntoParams;
use wharf_app::{
    Error,
    streams::{self, News, StreamCursor, Told, Topic, Woken},
};

/// How long a browser waits before it connects again, in milliseconds. The console does that itself, with longer waits.
const RETRY: u32 = 2000;

/// What a stream is about.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct StreamParameters {
    /// Topics with commas between them: `repository:NAME` (its tags and builds, and that it was edited), `builds:NAME`,
    /// `rules:NAME`, `deliveries:NAME`, `log:NAME:NUMBER@LINE` (one at most; lines after that one), `namespace:NAME`,
    /// `sources`, `queue`, `activity`, `administration`, `me`.
    topics: String,
    /// The `id` of the last event; `Last-Event-ID` wins over it.
    after: Option<String>,
}

/// Follow what happens
///
/// Server-sent events. First `ready`, with the topics that were `refused`: those that the caller may not follow are left out,
/// and a stream opens where at least one is left. Then messages whose data has the `topic` that they belong to and a `type`: `tag_created`,
/// `tag_changed`, `tag_deleted`, `repository_created`, `repository_edited`, `repository_deleted` (to whoever may not see it any
/// more, also when it was made private), `build.queued`, `build.started`, `build.succeeded` …, `delivery`, `rules`, `queue`,
/// `rights`, `lines`, `sections`, `log_end`, and `gap` where too much happened to be told one by one, at most once a second.
/// `namespace:NAME` tells actions of the audit log (`member.set`, `robot.create` …) to those who may see what was changed,
/// without who did what to what; `administration` tells all of them, `clusters` and `storage_check`; `sources` tells `sources`.
/// `queue` tells of builds that the caller may see at once, of others' at most once a second. Comments while nothing happens. At
/// last `end` with a `reason`, where the caller is not signed in any more (`signed_out`) or may not see the `topic` any more (`gone`).
/// A client that lost its connection sends the last `id` as `Last-Event-ID` and misses nothing; events of the last moments may
/// come again, under the ids that they had. A person has 24 streams at most, the robots of their namespaces 96 together.
#[utoipa::path(get, path = "/stream", tag = "stream", params(StreamParameters,
        ("Last-Event-ID" = Option<String>, Header, description = "The `id` of the last event that was received")),
    security((), ("basic" = []), ("access_token" = [])),
    responses((status = 200, description = "Events", content_type = "text/event-stream", body = String),
        Common, Missing, Clashing))]
pub(super) async fn follow_topics(
    State(state): State<ApiState>,
    Anyone(context): Anyone,
    recognition: Recognition,
    Parameters(wanted): Parameters<StreamParameters>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let topics = wanted.topics.split(',').filter(|topic| !topic.is_empty());
    let topics: Result<Vec<Topic>, ()> = topics.map(str::parse).collect();
    let topics = topics.map_err(|()| Refusal::field("topics", "unknown_value"))?;
    let last = headers.get("last-event-id").map(|value| value.to_str());
    let last = last
        .transpose()
        .map_err(|_| Refusal::field("Last-Event-ID", "malformed"))?;
    let cursor = last.map(str::to_owned).or(wanted.after);
    let cursor = cursor.filter(|text| !text.is_empty());
    let cursor: Option<StreamCursor> = cursor
        .map(|text| text.parse())
        .transpose()
        .map_err(|()| Refusal::field("Last-Event-ID", "malformed"))?;
    let opened = state.app.open_stream(&context, topics, cursor).await?;
    let teller = Teller {
        stream: opened,
        recognition,
        begun: false,
    };
    let headers = [
        (CONTENT_TYPE, "text/event-stream"),
        // Proxies that collect answers would hold messages back (nginx's own name for it).
        (http::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    Ok((headers, Body::from_stream(tell(teller))).into_response())
}

struct Teller {
    stream: streams::Stream,
    recognition: Recognition,
    begun: bool,
}

fn tell(teller: Teller) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
    stream::unfold(Some(teller), |teller| async move {
        let mut teller = teller?;
        if !teller.begun {
            teller.begun = true;
            let id = teller.stream.cursor();
            let data = json!({ "refused": teller.stream.refused() });
            let text = format!("retry: {RETRY}\nid: {id}\nevent: ready\ndata: {data}\n\n");
            return Some((Ok(Bytes::from(text)), Some(teller)));
        }
        loop {
            let woken = teller.stream.wait().await;
            if woken == Woken::Leaving {
                return None;
            }
            match find_text(&mut teller).await {
                Ok(text) if text.is_empty() && woken == Woken::Beat => {
                    return Some((Ok(Bytes::from(": still there\n\n")), Some(teller)));
                }
                Ok(text) if text.is_empty() => {}
                Ok(text) => return Some((Ok(Bytes::from(text)), Some(teller))),
                // Nothing follows.
                Err(text) => return Some((Ok(Bytes::from(text)), None)),
            }
        }
    })
}

/// What is to be written; as an error what is written last.
async fn find_text(teller: &mut Teller) -> Result<String, String> {
    let caller = match teller.recognition.recognize().await {
        Ok(caller) => caller,
        Err(Error::Unauthenticated | Error::TooManyAttempts { .. }) => {
            return Err(end("signed_out", None));
        }
        // The database is away: the reader comes back with its cursor.
        Err(_) => return Err(String::new()),
    };
    let told = match teller.stream.look(&caller).await {
        Ok(told) => told,
        Err((Error::Unavailable(_) | Error::Internal(_) | Error::Busy(_) | Error::Crowded, _)) => {
            return Err(String::new());
        }
        Err((_, topic)) => return Err(end("gone", Some(topic))),
    };
    let mut text = String::new();
    let last = told.len();
    let cursor = teller.stream.cursor();
    for (place, told) in (1..).zip(told) {
        // Only the last message ends what is told by one look: a reader that got half of it asks for all of it again.
        if place == last {
            text += &format!("id: {cursor}\n");
        }
        // JSON has no line break in it, so one `data` line is enough.
        text += &format!("data: {}\n\n", show(told));
    }
    Ok(text)
}

fn end(reason: &str, topic: Option<String>) -> String {
    let data = json!({ "reason": reason, "topic": topic });
    format!("event: end\ndata: {data}\n\n")
}

fn show(told: Told) -> Value {
    let mut value = show_news(told.news);
    value["topic"] = told.topic.into();
    value
}

fn show_news(news: News) -> Value {
    match news {
        News::Event {
            id,
            kind,
            repository,
            payload,
            at,
        } => {
            // Written by us as an object.
            let mut value: Value = serde_json::from_str(&payload).unwrap_or_default();
            if !value.is_object() {
                value = json!({});
            }
            value["type"] = kind.into();
            value["event"] = id.to_string().into();
            value["repository"] = repository.as_str().into();
            value["at"] = json!(show_time(at));
            value
        }
        News::Delivery {
            id,
            state,
            attempts,
        } => json!({
            "type": "delivery", "delivery": id.to_string(), "state": state.as_str(), "attempts": attempts,
        }),
        News::Change(change) => json!({ "type": change.as_str() }),
        News::Queue => json!({ "type": "queue" }),
        News::Rights => json!({ "type": "rights" }),
        News::Gap => json!({ "type": "gap" }),
        News::Lines(lines) => {
            let lines: Vec<LogLine> = lines.into_iter().map(Into::into).collect();
            json!({ "type": "lines", "lines": lines })
        }
        News::Sections(index) => json!({ "type": "sections", "index": LogIndex::from(index) }),
        News::LogEnd(state) => json!({ "type": "log_end", "state": state.as_str() }),
    }
}
