//! How far a container is, read from its status and written into it.

use serde_json::{Value, json};

use super::{Behavior, events::Event};

/// How often a container of a crash loop was started again when its pod is left alone.
const RESTARTS: u64 = 2;

/// Where a container is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stage {
    /// Not begun, for this reason (`ContainerCreating`, `ErrImagePull`, …).
    Waiting(String),
    Running {
        ready: bool,
    },
    Ended {
        code: u64,
    },
}

/// A container's stage, and how often it was started again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Progress {
    pub(super) stage: Stage,
    pub(super) restarts: u64,
}

impl Progress {
    /// Reads it from a `ContainerStatus`; a container without one waits for no reason.
    pub(super) fn read(status: &Value) -> Self {
        let state = &status["state"];
        let stage = if state["running"].is_object() {
            let ready = status["ready"].as_bool().unwrap_or_default();
            Stage::Running { ready }
        } else if let Some(code) = state["terminated"]["exitCode"].as_u64() {
            Stage::Ended { code }
        } else {
            let reason = state["waiting"]["reason"].as_str();
            Stage::Waiting(reason.unwrap_or_default().to_owned())
        };
        Self {
            stage,
            restarts: status["restartCount"].as_u64().unwrap_or_default(),
        }
    }

    /// The next step of a container that behaves like this, with what is told about it. `is_lasting`: it is meant to run
    /// on (containers of a Deployment) and not to end (init containers, containers of a job).
    pub(super) fn advance(
        &self,
        behavior: Behavior,
        is_lasting: bool,
        is_restarted: bool,
    ) -> (Self, Vec<Event>) {
        let waiting = |reason: &str| Stage::Waiting(reason.to_owned());
        let is_waiting_for = |reason: &str| self.stage == waiting(reason);
        let started = [Event::Pulled, Event::Created, Event::Started];
        let mut restarts = self.restarts;
        let (stage, events) = match behavior {
            Behavior::Waits => (waiting("ContainerCreating"), vec![]),
            Behavior::NotPulled if is_waiting_for("ErrImagePull") => {
                let told = vec![Event::PullBackOff, Event::Failed("ImagePullBackOff")];
                (waiting("ImagePullBackOff"), told)
            }
            Behavior::NotPulled if is_waiting_for("ImagePullBackOff") => {
                (self.stage.clone(), vec![])
            }
            Behavior::NotPulled => {
                let told = vec![
                    Event::Pulling,
                    Event::PullFailed,
                    Event::Failed("ErrImagePull"),
                ];
                (waiting("ErrImagePull"), told)
            }
            Behavior::Crashes => match &self.stage {
                Stage::Running { .. } => (Stage::Ended { code: 1 }, vec![]),
                Stage::Ended { .. } if !is_restarted => (Stage::Ended { code: 1 }, vec![]),
                Stage::Ended { .. } => (waiting("CrashLoopBackOff"), vec![Event::CrashBackOff]),
                Stage::Waiting(reason) if reason == "CrashLoopBackOff" && restarts >= RESTARTS => {
                    (self.stage.clone(), vec![])
                }
                Stage::Waiting(reason) => {
                    restarts += u64::from(reason == "CrashLoopBackOff");
                    (Stage::Running { ready: false }, started.to_vec())
                }
            },
            Behavior::Runs | Behavior::NeverReady => {
                let stage = match behavior {
                    Behavior::Runs if !is_lasting => Stage::Ended { code: 0 },
                    Behavior::Runs => Stage::Running { ready: true },
                    _ => Stage::Running { ready: false },
                };
                let mut told = Vec::new();
                if matches!(self.stage, Stage::Waiting(_)) {
                    told.extend(started);
                }
                if behavior == Behavior::NeverReady && stage != self.stage {
                    told.push(Event::Unhealthy);
                }
                (stage, told)
            }
        };
        (Self { stage, restarts }, events)
    }

    pub(super) fn is_ready(&self) -> bool {
        self.stage == Stage::Running { ready: true }
    }

    /// The `ContainerStatus` (Kubernetes reference, core/v1) of `container`.
    pub(super) fn write(&self, container: &Value, now: &str) -> Value {
        let image = container["image"].as_str().unwrap_or_default();
        let (name, digest) = image.split_once('@').unwrap_or((image, ""));
        let ended = |code: u64| {
            let reason = if code == 0 { "Completed" } else { "Error" };
            json!({ "terminated": {
                "exitCode": code, "reason": reason, "startedAt": now, "finishedAt": now,
            } })
        };
        let state = match &self.stage {
            Stage::Waiting(reason) => json!({ "waiting": {
                "reason": reason, "message": describe_reason(reason, container),
            } }),
            Stage::Running { .. } => json!({ "running": { "startedAt": now } }),
            Stage::Ended { code } => ended(*code),
        };
        let is_begun = !matches!(self.stage, Stage::Waiting(_));
        let is_back_off = self.stage == Stage::Waiting("CrashLoopBackOff".to_owned());
        let last = if self.restarts > 0 || is_back_off {
            ended(1)
        } else {
            json!({})
        };
        json!({
            "name": container["name"],
            "image": image,
            "imageID": if is_begun && !digest.is_empty() {
                format!("{}@{digest}", trim_tag(name))
            } else {
                String::new()
            },
            "ready": self.is_ready(),
            "started": matches!(self.stage, Stage::Running { .. }),
            "restartCount": self.restarts,
            "state": state,
            "lastState": last,
        })
    }
}

fn describe_reason(reason: &str, container: &Value) -> String {
    let text = |field: &str| container[field].as_str().unwrap_or_default();
    match reason {
        "ErrImagePull" => {
            Event::PullFailed
                .describe(text("name"), text("image"), "")
                .1
        }
        "ImagePullBackOff" => {
            Event::PullBackOff
                .describe(text("name"), text("image"), "")
                .1
        }
        "CrashLoopBackOff" => {
            format!("back-off 10s restarting failed container={}", text("name"))
        }
        _ => String::new(),
    }
}

/// `host:1/a:2` → `host:1/a`.
fn trim_tag(name: &str) -> &str {
    match name.rsplit_once(':') {
        Some((before, tag)) if !tag.contains('/') => before,
        _ => name,
    }
}
