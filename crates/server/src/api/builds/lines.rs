//! A build's log for a window: its sections, lines by their numbers, and a search over all of it.

use super::super::{
    Answer, ApiState,
    caller::SignedIn,
    describe::{Clashing, Common, Missing},
    page::read_page,
    refusal::Refusal,
    request::{Parameters, Segments},
    value::show_time,
};
use axum::{Json, extract::State};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wharf_app::builds::{self, SectionState};

/// How a part of a log went.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum LogSectionState {
    Running,
    Succeeded,
    Failed,
    /// The build ended before it did.
    Stopped,
}

/// A part of a log: a step, or what was told between steps in a phase.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct LogSection {
    /// Counted from 1 in the log.
    number: u32,
    attempt: u32,
    /// The step's number in the attempt; null for a phase.
    #[schema(required)]
    step: Option<u32>,
    /// The step as the Dockerfile has it, or `starting`, `cloning`, `building`, `exporting`, `pushing`.
    title: String,
    state: LogSectionState,
    /// Whether its result was there already.
    cached: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    started_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<u64>,
    /// How many lines are its own. Steps that run side by side have their lines between each other's.
    lines: usize,
    /// The number in the log of the first of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_line: Option<u32>,
    /// The number in the log of the last of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_line: Option<u32>,
}

impl From<builds::LogSection> for LogSection {
    fn from(section: builds::LogSection) -> Self {
        let took = section.ended_at.map(|end| section.started_at.until(end));
        Self {
            number: section.number,
            attempt: section.attempt,
            step: section.step,
            title: section.title,
            state: match section.state {
                SectionState::Running => LogSectionState::Running,
                SectionState::Succeeded => LogSectionState::Succeeded,
                SectionState::Failed => LogSectionState::Failed,
                SectionState::Stopped => LogSectionState::Stopped,
            },
            cached: section.cached,
            error: section.error,
            started_at: show_time(section.started_at),
            duration_ms: took.map(|took| took.as_millis() as u64),
            lines: section.lines,
            first_line: section.first_line,
            last_line: section.last_line,
        }
    }
}

/// What there is of a log.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct LogIndex {
    /// The build's.
    state: &'static str,
    /// How many lines there are so far.
    lines: usize,
    /// Whether there are more than are counted; the download has them.
    truncated: bool,
    /// In the order in which they began.
    sections: Vec<LogSection>,
    /// The number of the section in which the build failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    failing: Option<u32>,
}

impl From<builds::LogIndex> for LogIndex {
    fn from(index: builds::LogIndex) -> Self {
        Self {
            state: index.state.as_str(),
            lines: index.lines,
            truncated: index.full,
            sections: index.sections.into_iter().map(Into::into).collect(),
            failing: index.failing,
        }
    }
}

/// List the sections of a build's log
#[utoipa::path(get, path = "/repositories/{name}/builds/{number}/log/steps", tag = "builds",
    params(("name" = String, Path), ("number" = u64, Path)),
    responses((status = 200, description = "What there is so far", body = LogIndex), Common, Missing, Clashing))]
pub(in crate::api) async fn index_build_log(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments((name, number)): Segments<(String, u64)>,
) -> Answer<LogIndex> {
    let index = state.app.index_build_log(&context, &name, number).await?;
    Ok(Json(index.into()))
}

/// A line of a log.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct LogLine {
    /// Its number in the log, counted from 1; it never changes.
    number: u32,
    /// The number of its section.
    section: u32,
    /// Its number in the section, counted from 1.
    position: u32,
    /// When it ended.
    at: Timestamp,
    /// With escape sequences as they came.
    text: String,
}

impl From<builds::LogLine> for LogLine {
    fn from(line: builds::LogLine) -> Self {
        Self {
            number: line.number,
            section: line.section,
            position: line.position,
            at: show_time(line.at),
            text: line.text,
        }
    }
}

/// Lines of a log.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct LogLines {
    /// How many there are in the log, or in the section.
    total: usize,
    lines: Vec<LogLine>,
}

/// Which lines are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct LineParameters {
    /// The first one, counted from 1.
    #[param(minimum = 1)]
    from: u32,
    /// The last one; at most 2,000 are answered.
    #[param(minimum = 1)]
    to: u32,
    /// Count within this section, not within the log.
    section: Option<u32>,
}

/// Read lines of a build's log by their numbers
#[utoipa::path(get, path = "/repositories/{name}/builds/{number}/log/lines", tag = "builds",
    params(("name" = String, Path), ("number" = u64, Path), LineParameters),
    responses((status = 200, description = "Those that are there", body = LogLines), Common, Missing, Clashing))]
pub(in crate::api) async fn read_build_log_lines(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments((name, number)): Segments<(String, u64)>,
    Parameters(wanted): Parameters<LineParameters>,
) -> Answer<LogLines> {
    let range = (wanted.from as usize, wanted.to as usize);
    let app = &state.app;
    let found = app.read_log_lines(&context, &name, number, wanted.section, range);
    let found = found.await?;
    Ok(Json(LogLines {
        total: found.total,
        lines: found.lines.into_iter().map(Into::into).collect(),
    }))
}

/// A line that has what was looked for.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct LogHit {
    number: u32,
    section: u32,
    position: u32,
}

/// What was found in a log.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct LogHits {
    /// How many lines have it.
    total: usize,
    /// In the order of the log.
    items: Vec<LogHit>,
    /// What to send as `after` for the next page; null when this is the last one.
    #[schema(required)]
    next: Option<String>,
}

/// What is looked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct LogSearchParameters {
    /// A piece of a line, in any case; escape sequences are not looked at. At most 200 bytes.
    q: String,
    /// Items of a page, 1 to 1000; 100 when it is left out.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Search a build's log
#[utoipa::path(get, path = "/repositories/{name}/builds/{number}/log/search", tag = "builds",
    params(("name" = String, Path), ("number" = u64, Path), LogSearchParameters),
    responses((status = 200, description = "The lines that have it", body = LogHits), Common, Missing, Clashing))]
pub(in crate::api) async fn search_build_log(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments((name, number)): Segments<(String, u64)>,
    Parameters(wanted): Parameters<LogSearchParameters>,
) -> Answer<LogHits> {
    let page = read_page(wanted.limit, wanted.after)?;
    let after = page.after.as_deref().map(str::parse).transpose();
    let after = after.map_err(|_| Refusal::field("after", "not_a_cursor"))?;
    let place = (after.unwrap_or(0), page.limit.get());
    let app = &state.app;
    let found = app
        .search_log(&context, &name, number, wanted.q, place)
        .await?;
    let items = found
        .lines
        .into_iter()
        .map(|(number, section, position)| LogHit {
            number,
            section,
            position,
        });
    Ok(Json(LogHits {
        total: found.total,
        items: items.collect(),
        next: found
            .next
            .map(|next| URL_SAFE_NO_PAD.encode(next.to_string())),
    }))
}
