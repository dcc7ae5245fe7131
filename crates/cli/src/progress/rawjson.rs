//! A JSON document a line, in the shape that tools read from BuildKit: its client's `SolveStatus`.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::Serialize;
use wharf_builder::progress::{Event, StepId, Stream};
use wharf_oci::{Algorithm, Digest};

use super::look::Size;
use super::renderer::View;
use super::steps::{Change, State, Steps};

/// One line. Empty lists are left out, as BuildKit leaves them out.
#[derive(Debug, Default, Serialize)]
struct SolveStatus<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    vertexes: Vec<Vertex<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    statuses: Vec<VertexStatus<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logs: Vec<VertexLog<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<VertexWarning<'a>>,
}

#[derive(Debug, Serialize)]
struct Vertex<'a> {
    digest: &'a str,
    name: &'a str,
    started: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    completed: Option<Timestamp>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    cached: bool,
    #[serde(skip_serializing_if = "str::is_empty")]
    error: &'a str,
}

#[derive(Debug, Serialize)]
struct VertexStatus<'a> {
    id: &'a str,
    vertex: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
    current: u64,
    timestamp: Timestamp,
    started: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    completed: Option<Timestamp>,
}

#[derive(Debug, Serialize)]
struct VertexLog<'a> {
    vertex: &'a str,
    stream: u8,
    /// Base64.
    data: String,
    timestamp: Timestamp,
}

#[derive(Debug, Serialize)]
struct VertexWarning<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    vertex: Option<&'a str>,
    level: u8,
    /// Base64.
    short: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    range: Vec<LineRange>,
}

#[derive(Debug, Serialize)]
struct LineRange {
    start: LinePosition,
    end: LinePosition,
}

#[derive(Debug, Serialize)]
struct LinePosition {
    line: u32,
}

/// BuildKit names steps by digests. Ours are unique within the build, which is all that readers rely on.
#[derive(Debug, Default)]
pub(super) struct RawJsonView {
    digests: BTreeMap<StepId, String>,
}

impl RawJsonView {
    pub(super) fn new() -> Self {
        RawJsonView::default()
    }

    fn find_digest(&self, id: StepId) -> &str {
        self.digests.get(&id).map_or("", String::as_str)
    }

    fn describe<'a>(&'a self, steps: &'a Steps, event: &'a Event) -> Option<SolveStatus<'a>> {
        let mut status = SolveStatus::default();
        match event {
            Event::StepStarted { step, .. }
            | Event::StepCached { step }
            | Event::StepDone { step, .. } => {
                let own = steps.find(*step)?;
                // Its end says it again, with the time.
                if matches!(event, Event::StepCached { .. }) {
                    return None;
                }
                status.vertexes.push(Vertex {
                    digest: self.find_digest(*step),
                    name: &own.name,
                    started: own.started,
                    completed: own.ended,
                    cached: own.state == State::Cached,
                    error: match &own.state {
                        State::Failed(error) => error,
                        State::Canceled => "context canceled",
                        _ => "",
                    },
                });
                if own.ended.is_some() {
                    let open = own.transfers.iter().filter(|moving| !moving.is_complete());
                    status.statuses.extend(open.map(|moving| VertexStatus {
                        id: &moving.item,
                        vertex: self.find_digest(*step),
                        total: moving.total,
                        current: moving.current,
                        timestamp: moving.updated,
                        started: moving.started,
                        completed: own.ended,
                    }));
                }
            }
            Event::StepLog {
                step,
                stream,
                bytes,
                at,
            } => status.logs.push(VertexLog {
                vertex: self.find_digest(*step),
                stream: match stream {
                    Stream::Stdout => 1,
                    Stream::Stderr => 2,
                },
                data: STANDARD.encode(bytes),
                timestamp: *at,
            }),
            Event::StepProgress { step, item, .. } => {
                let own = steps.find(*step)?;
                let item = super::harmless::make_plain(item);
                let moving = own.transfers.iter().find(|moving| moving.item == item)?;
                status.statuses.push(VertexStatus {
                    id: &moving.item,
                    vertex: self.find_digest(*step),
                    total: moving.total,
                    current: moving.current,
                    timestamp: moving.updated,
                    started: moving.started,
                    completed: moving.is_complete().then_some(moving.updated),
                });
            }
            Event::Warning {
                rule,
                message,
                lines,
            } => {
                let short = match rule {
                    Some(rule) => format!("{rule}: {message}"),
                    None => message.clone(),
                };
                let definition = steps
                    .iter()
                    .find(|(_, step)| step.name.starts_with("[internal] load build definition"));
                status.warnings.push(VertexWarning {
                    vertex: definition.map(|(id, _)| self.find_digest(id)),
                    level: 1,
                    short: STANDARD.encode(short),
                    range: lines
                        .iter()
                        .map(|(first, last)| LineRange {
                            start: LinePosition { line: *first },
                            end: LinePosition { line: *last },
                        })
                        .collect(),
                });
            }
        }
        Some(status)
    }
}

impl View for RawJsonView {
    fn show(&mut self, steps: &Steps, event: &Event, _: Option<&Change>) -> String {
        if let Event::StepStarted { step, name, .. } = event {
            let text = format!("{}\n{name}", step.0);
            let digest = Digest::of(Algorithm::Sha256, text.as_bytes());
            self.digests.insert(*step, digest.to_string());
        }
        let Some(status) = self.describe(steps, event) else {
            return String::new();
        };
        match serde_json::to_string(&status) {
            Ok(line) => line + "\n",
            // Only a map with keys that are no text could fail, and there is none.
            Err(_) => String::new(),
        }
    }

    fn tick(&mut self, _: &Steps, _: Timestamp, _: Size) -> String {
        String::new()
    }

    fn finish(&mut self, _: &Steps, _: Timestamp, _: Size) -> String {
        String::new()
    }

    /// Sentences are for people: they would break a program's reading.
    fn say(&mut self, _: &str) -> String {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::super::renderer::Renderer;
    use super::super::renderer::samples::{cached, done, log, moved, started};
    use super::super::{Look, Mode};
    use super::*;
    use serde_json::{Value, json};

    fn render(events: &[Event]) -> Vec<Value> {
        let mut renderer = Renderer::new(Mode::RawJson, Look::BARE);
        let text: String = events.iter().map(|event| renderer.apply(event)).collect();
        text.lines()
            .map(|line| serde_json::from_str(line).expect("a document"))
            .collect()
    }

    #[test]
    fn a_step_is_a_vertex_that_is_said_again_when_it_ends() {
        let lines = render(&[started(0, "a", 0), cached(0), done(0, 1, None)]);
        let digest = lines[0]["vertexes"][0]["digest"].clone();
        assert!(
            digest
                .as_str()
                .is_some_and(|text| text.starts_with("sha256:"))
        );
        assert_eq!(
            lines,
            [
                json!({"vertexes": [{"digest": digest, "name": "a", "started": "2023-11-14T22:13:20Z"}]}),
                json!({"vertexes": [{"digest": digest, "name": "a", "started": "2023-11-14T22:13:20Z",
                    "completed": "2023-11-14T22:13:21Z", "cached": true}]}),
            ]
        );
    }

    #[test]
    fn output_goes_out_as_it_came_in() {
        let lines = render(&[started(0, "a", 0), log(0, "half a \x1b[2J", 1)]);
        let log = &lines[1]["logs"][0];
        assert_eq!(log["data"], STANDARD.encode("half a \x1b[2J"));
        assert_eq!(log["stream"], 1);
        assert_eq!(log["vertex"], lines[0]["vertexes"][0]["digest"]);
    }

    #[test]
    fn what_moves_is_completed_at_the_latest_with_its_step() {
        let lines = render(&[
            started(0, "a", 0),
            moved(0, "sha256:ab", 5, Some(10), 1),
            moved(0, "transferring context", 7, None, 1),
            moved(0, "sha256:ab", 10, Some(10), 2),
            done(0, 3, Some("no")),
        ]);
        assert_eq!(lines[1]["statuses"][0]["total"], 10);
        assert_eq!(lines[1]["statuses"][0].get("completed"), None);
        assert_eq!(lines[3]["statuses"][0]["completed"], "2023-11-14T22:13:22Z");
        assert_eq!(lines[4]["vertexes"][0]["error"], "no");
        assert_eq!(lines[4]["statuses"][0]["id"], "transferring context");
        assert_eq!(lines[4]["statuses"][0]["completed"], "2023-11-14T22:13:23Z");
    }

    #[test]
    fn a_warning_names_its_rule_and_lines() {
        let lines = render(&[
            started(0, "[internal] load build definition from Dockerfile", 0),
            Event::Warning {
                rule: Some("JSONArgsRecommended".to_owned()),
                message: "use JSON".to_owned(),
                lines: Some((3, 4)),
            },
        ]);
        let warning = &lines[1]["warnings"][0];
        assert_eq!(
            warning["short"],
            STANDARD.encode("JSONArgsRecommended: use JSON")
        );
        assert_eq!(
            warning["range"],
            json!([{"start": {"line": 3}, "end": {"line": 4}}])
        );
        assert_eq!(warning["vertex"], lines[0]["vertexes"][0]["digest"]);
    }
}
