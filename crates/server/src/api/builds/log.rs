//! A build's log: as text, as JSON lines, and live as server-sent events (HTML living standard, 9.2).

use super::super::{
    ApiState,
    caller::SignedIn,
    describe::{Clashing, Common, Missing},
    recognition::Recognition,
    refusal::Refusal,
    request::{Parameters, Segments},
};
use axum::{
    body::{Body, Bytes},
    extract::State,
    response::{IntoResponse, Response},
};
use futures_util::stream::{self, Stream};
use http::{
    HeaderMap, HeaderValue,
    header::{CONTENT_DISPOSITION, CONTENT_TYPE},
};
use serde::Deserialize;
use std::io;
use utoipa::{IntoParams, ToSchema};
use wharf_app::Error;
use wharf_app::builds::{Awake, Followed, LogFollower, LogReading, LogRecord};

/// How a log is written.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in super::super) enum LogFormat {
    /// As people read it; escape sequences are kept.
    #[default]
    Text,
    /// One JSON object a line: `n` counts from 1, `at` is in microseconds since 1970, `type` says what follows.
    Jsonl,
}

/// Which part of a log is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in super::super) struct LogParameters {
    /// Only events after the one with this number.
    after: Option<u64>,
    /// At most so many events; all when it is left out.
    limit: Option<u64>,
    /// `text` or `jsonl`; `text` when it is left out.
    #[param(inline)]
    format: Option<LogFormat>,
    /// Whether browsers shall keep it as a file instead of showing it.
    download: Option<bool>,
}

/// Read a build's log
///
/// Of a build that runs, what is written so far.
#[utoipa::path(get, path = "/repositories/{name}/builds/{number}/log", tag = "builds",
    params(("name" = String, Path), ("number" = u64, Path), LogParameters),
    responses((status = 200, description = "The log", content((String = "text/plain"), (String = "application/jsonl"))),
        Common, Missing, Clashing))]
pub(in super::super) async fn get_build_log(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments((name, number)): Segments<(String, u64)>,
    Parameters(wanted): Parameters<LogParameters>,
) -> Result<Response, Refusal> {
    let after = wanted.after.unwrap_or(0);
    let log = state.app.read_build_log(&context, &name, number, after);
    let format = wanted.format.unwrap_or_default();
    let media_type = match format {
        LogFormat::Text => "text/plain; charset=utf-8",
        LogFormat::Jsonl => "application/jsonl",
    };
    let body = Body::from_stream(write_log(log.await?, format, wanted.limit));
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    if wanted.download.unwrap_or(false) {
        headers.insert(CONTENT_DISPOSITION, name_file(&name, number, format)?);
    }
    Ok(response)
}

/// `team-web-412.log`: names of repositories hold nothing that a header or a file system minds but the slash.
fn name_file(name: &str, number: u64, format: LogFormat) -> Result<HeaderValue, Refusal> {
    let ending = match format {
        LogFormat::Text => "log",
        LogFormat::Jsonl => "jsonl",
    };
    let name = name.replace('/', "-");
    let text = format!("attachment; filename=\"{name}-{number}.{ending}\"");
    HeaderValue::from_str(&text).map_err(|error| Error::internal(error).into())
}

fn write_log(
    log: LogReading,
    format: LogFormat,
    limit: Option<u64>,
) -> impl Stream<Item = io::Result<Bytes>> + Send {
    let left = limit.unwrap_or(u64::MAX);
    stream::try_unfold((log, left), move |(mut log, left)| async move {
        let batch = log.next_batch().await.map_err(io::Error::other)?;
        if batch.is_empty() || left == 0 {
            return Ok(None);
        }
        let mut text = String::new();
        let taken = usize::try_from(left).unwrap_or(usize::MAX).min(batch.len());
        for record in &batch[..taken] {
            write_record(&mut text, record, format);
        }
        Ok(Some((Bytes::from(text), (log, left - taken as u64))))
    })
}

fn write_record(text: &mut String, record: &LogRecord, format: LogFormat) {
    match format {
        LogFormat::Text => text.push_str(&record.render()),
        LogFormat::Jsonl => {
            text.push_str(&to_json(record));
            text.push('\n');
        }
    }
}

/// Texts and numbers are always JSON.
fn to_json(record: &LogRecord) -> String {
    serde_json::to_string(record).unwrap_or_default()
}

/// Where a live log begins.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in super::super) struct FollowParameters {
    /// Only events after the one with this number; `Last-Event-ID` wins over it.
    after: Option<u64>,
}

/// Follow a build's log
///
/// Server-sent events: each event of the log with its number as `id`, in JSON as the log has it; comments while nothing
/// happens; at last the event `end` with the build's state, after which nothing follows. A client that lost its connection,
/// or whose stream ended without `end`, because the server did or the caller may not read the log any more, sends the last
/// `id` as `Last-Event-ID` and misses nothing. It counts as one of an account's streams.
#[utoipa::path(get, path = "/repositories/{name}/builds/{number}/log/stream", tag = "builds",
    params(("name" = String, Path), ("number" = u64, Path), FollowParameters,
        ("Last-Event-ID" = Option<u64>, Header, description = "The number of the last event that was received")),
    responses((status = 200, description = "Events", content_type = "text/event-stream", body = String),
        Common, Missing, Clashing))]
pub(in super::super) async fn follow_build_log(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    recognition: Recognition,
    Segments((name, number)): Segments<(String, u64)>,
    Parameters(wanted): Parameters<FollowParameters>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let last = match headers.get("last-event-id") {
        Some(value) => {
            let text = value.to_str().ok().filter(|text| !text.is_empty());
            let number = text.map(str::parse).transpose();
            number.map_err(|_| Refusal::field("Last-Event-ID", "malformed"))?
        }
        None => None,
    };
    let after = last.or(wanted.after).unwrap_or(0);
    let follower = state
        .app
        .follow_build_log(&context, &name, number, after)
        .await?;
    let headers = [
        (CONTENT_TYPE, "text/event-stream"),
        // Proxies that collect answers would hold lines back (nginx's own name for it).
        (http::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    Ok((
        headers,
        Body::from_stream(write_events(follower, recognition)),
    )
        .into_response())
}

fn write_events(
    follower: LogFollower,
    recognition: Recognition,
) -> impl Stream<Item = io::Result<Bytes>> + Send {
    let open = Some((follower, recognition));
    stream::try_unfold(open, |open| async move {
        let Some((mut follower, recognition)) = open else {
            return Ok(None);
        };
        loop {
            let awake = follower.wait().await;
            if awake == Awake::Leaving {
                return Ok(None);
            }
            let heard = match recognition.recognize().await {
                Ok(caller) => follower.look(&caller).await,
                Err(error) => Err(error),
            };
            let text = match heard {
                Ok(Followed::Records(records)) => write_records(&records),
                Ok(Followed::Nothing) if awake == Awake::Beat => ": still there\n\n".to_owned(),
                Ok(Followed::Nothing) => continue,
                Ok(Followed::End(state)) => {
                    let data = serde_json::json!({ "state": state.as_str() });
                    let text = format!("event: end\ndata: {data}\n\n");
                    return Ok(Some((Bytes::from(text), None)));
                }
                // The right is lost: who comes back is told why.
                Err(
                    Error::NotFound
                    | Error::Denied(_)
                    | Error::OutOfScope { .. }
                    | Error::Unauthenticated
                    | Error::TooManyAttempts { .. },
                ) => return Ok(None),
                Err(error) => return Err(io::Error::other(error)),
            };
            return Ok(Some((Bytes::from(text), Some((follower, recognition)))));
        }
    })
}

fn write_records(records: &[LogRecord]) -> String {
    let mut text = String::new();
    for record in records {
        // JSON has no line break in it, so one `data` line is enough.
        text += &format!("id: {}\ndata: {}\n\n", record.number, to_json(record));
    }
    text
}
