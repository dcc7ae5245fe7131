//! A launcher that pretends: the Dockerfile's text is what happens.
//!
//! Each line is one thing: `log TEXT` writes a line of output, `wait NAME` waits until the test opens the gate of that
//! name, `readme TEXT` tells a README, `part TEXT` writes output without an end of line, `warn TEXT` warns, `step NAME` begins another step, `fail TEXT` fails the step, `lose` loses the worker, `base IMAGE` asks for a base image and writes down what its
//! layers hold. Without a failure the build makes an image whose one layer
//! holds the text.

use std::{
    collections::BTreeMap,
    io::{Read, Seek, Write},
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::{mpsc, watch};
use wharf_app::builds::{BuildLauncher, RunningWorker};
use wharf_builder::progress::{Event, StepId, Stream};
use wharf_image::{
    AssembleOptions, Built, BuiltImage, BuiltLayer, ImageError, PullPolicy, Transfer, assemble,
};
use wharf_oci::{Algorithm, Descriptor, Digest, Platform};
use wharf_worker::{
    FailureKind, FinishedBuild, FinishedLayer, JobSource, LayerBytes, Phase, WorkerError,
    WorkerEvent, WorkerFailure, WorkerJob, WorkerServices,
};

/// The name of the only step.
pub(crate) const STEP: &str = "[1/1] RUN script";

/// What was started, as far as tests look at it.
#[derive(Debug, Clone)]
pub(crate) struct Started {
    pub(crate) script: String,
    pub(crate) cache_scope: String,
    pub(crate) secrets: Vec<String>,
}

/// Starts scripts. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct ScriptLauncher {
    started: Arc<Mutex<Vec<Started>>>,
    gates: Arc<Mutex<BTreeMap<String, watch::Sender<bool>>>>,
    canceled: Arc<Mutex<Vec<String>>>,
}

impl ScriptLauncher {
    pub(crate) fn started(&self) -> Vec<Started> {
        self.started.lock().unwrap().clone()
    }

    /// The scripts whose workers were told to stop.
    pub(crate) fn canceled(&self) -> Vec<String> {
        self.canceled.lock().unwrap().clone()
    }

    /// Lets everybody through who waits at a gate, now and later.
    pub(crate) fn open(&self, gate: &str) {
        self.gate(gate).send_replace(true);
    }

    fn gate(&self, name: &str) -> watch::Sender<bool> {
        let mut gates = self.gates.lock().unwrap();
        let gate = gates.entry(name.to_owned());
        gate.or_insert_with(|| watch::Sender::new(false)).clone()
    }
}

#[async_trait]
impl BuildLauncher for ScriptLauncher {
    async fn start(
        &self,
        job: WorkerJob,
        services: Arc<dyn WorkerServices>,
    ) -> Result<Box<dyn RunningWorker>, WorkerError> {
        let JobSource::Upload {
            dockerfile: Some(text),
            ..
        } = &job.source
        else {
            panic!("a script is a Dockerfile");
        };
        let script = String::from_utf8(text.clone()).unwrap();
        self.started.lock().unwrap().push(Started {
            script: script.clone(),
            cache_scope: job.cache_scope.clone(),
            secrets: job.secrets.keys().cloned().collect(),
        });
        let (tell, events) = mpsc::channel(16);
        let (cancel, canceled) = watch::channel(false);
        let (launcher, run) = (self.clone(), script.clone());
        let playing = tokio::spawn(async move {
            play(&launcher, &run, &*services, &tell, canceled).await;
        });
        Ok(Box::new(ScriptWorker {
            launcher: self.clone(),
            script,
            events,
            cancel,
            playing,
        }))
    }
}

struct ScriptWorker {
    launcher: ScriptLauncher,
    script: String,
    events: mpsc::Receiver<WorkerEvent>,
    cancel: watch::Sender<bool>,
    playing: tokio::task::JoinHandle<()>,
}

#[async_trait]
impl RunningWorker for ScriptWorker {
    async fn next_event(&mut self) -> Option<WorkerEvent> {
        self.events.recv().await
    }

    fn cancel(&self) {
        let mut canceled = self.launcher.canceled.lock().unwrap();
        canceled.push(self.script.clone());
        self.cancel.send_replace(true);
    }

    async fn finish(self: Box<Self>) {
        self.playing.abort();
    }
}

impl Drop for ScriptWorker {
    fn drop(&mut self) {
        self.playing.abort();
    }
}

async fn play(
    launcher: &ScriptLauncher,
    script: &str,
    services: &dyn WorkerServices,
    tell: &mpsc::Sender<WorkerEvent>,
    mut canceled: watch::Receiver<bool>,
) {
    let at = Timestamp::now();
    let step = StepId(1);
    let phase = Phase::Building;
    let _ = tell.send(WorkerEvent::PhaseBegan { phase, at }).await;
    let name = STEP.to_owned();
    let begun = Event::StepStarted { step, name, at };
    let _ = tell.send(WorkerEvent::Progress(begun)).await;
    for line in script.lines() {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let failure = match word {
            "log" => {
                let stream = Stream::Stdout;
                let bytes = format!("{rest}\n").into_bytes();
                let at = Timestamp::now();
                let log = Event::StepLog {
                    step,
                    stream,
                    bytes,
                    at,
                };
                let _ = tell.send(WorkerEvent::Progress(log)).await;
                None
            }
            // Without an end of line, as output that is cut into events anywhere.
            "part" => {
                let (stream, at) = (Stream::Stdout, Timestamp::now());
                let bytes = rest.as_bytes().to_vec();
                let log = Event::StepLog {
                    step,
                    stream,
                    bytes,
                    at,
                };
                let _ = tell.send(WorkerEvent::Progress(log)).await;
                None
            }
            "warn" => {
                let message = rest.to_owned();
                let warning = Event::Warning {
                    rule: None,
                    message,
                    lines: None,
                };
                let _ = tell.send(WorkerEvent::Progress(warning)).await;
                None
            }
            "step" => {
                let (step, name, at) = (StepId(2), rest.to_owned(), Timestamp::now());
                let begun = Event::StepStarted { step, name, at };
                let _ = tell.send(WorkerEvent::Progress(begun)).await;
                None
            }
            "wait" => {
                let mut gate = launcher.gate(rest).subscribe();
                tokio::select! {
                    _ = gate.wait_for(|open| *open) => None,
                    _ = canceled.wait_for(|canceled| *canceled) => {
                        Some((FailureKind::Canceled, String::new()))
                    }
                }
            }
            "base" => match read_base(services, rest).await {
                Ok(text) => {
                    let bytes = format!("{text}\n").into_bytes();
                    let (stream, at) = (Stream::Stdout, Timestamp::now());
                    let log = Event::StepLog {
                        step,
                        stream,
                        bytes,
                        at,
                    };
                    let _ = tell.send(WorkerEvent::Progress(log)).await;
                    None
                }
                Err(error) => Some((FailureKind::Image, error.to_string())),
            },
            "readme" => {
                let told = WorkerEvent::Readme(Some(rest.to_owned()));
                let _ = tell.send(told).await;
                None
            }
            "fail" => Some((FailureKind::Command, rest.to_owned())),
            "lose" => Some((FailureKind::WorkerLost, "gone".to_owned())),
            _ => None,
        };
        if let Some((kind, message)) = failure {
            let error = Some(message.clone());
            let done = Event::StepDone { step, at, error };
            let _ = tell.send(WorkerEvent::Progress(done)).await;
            let failed = WorkerEvent::Failed(WorkerFailure {
                kind,
                phase,
                step: (kind == FailureKind::Command).then(|| STEP.to_owned()),
                exit_code: (kind == FailureKind::Command).then_some(3),
                message,
                hint: None,
                excerpt: None,
            });
            let _ = tell.send(failed).await;
            return;
        }
    }
    let error = None;
    let done = Event::StepDone { step, at, error };
    let _ = tell.send(WorkerEvent::Progress(done)).await;
    let _ = tell.send(WorkerEvent::PhaseEnded { phase, at }).await;
    let finished = make_image(script);
    let _ = tell.send(WorkerEvent::Finished(Box::new(finished))).await;
}

/// What the layers of a base image hold.
async fn read_base(services: &dyn WorkerServices, name: &str) -> Result<String, ImageError> {
    let platform = Platform {
        os: "linux".to_owned(),
        architecture: "amd64".to_owned(),
        ..Platform::default()
    };
    let found = services.resolve_image(name, &platform, PullPolicy::Always);
    let image = found.await?;
    let mut text = String::new();
    for layer in &image.layers {
        let opened = services.open_layer(&image, &layer.descriptor, &Silent);
        opened.await?.read_to_string(&mut text).unwrap();
    }
    Ok(text)
}

/// Nobody listens to how a transfer goes.
struct Silent;

impl Transfer for Silent {
    fn moved(&self, _: &str, _: u64, _: Option<u64>) {}
}

/// An image whose one layer is the script's text: types lie, which a registry does not look at.
fn make_image(script: &str) -> FinishedBuild {
    let digest = Digest::of(Algorithm::Sha256, script.as_bytes());
    let layer = BuiltLayer {
        descriptor: Descriptor {
            media_type: "application/vnd.oci.image.layer.v1.tar".to_owned(),
            digest,
            size: script.len() as u64,
            urls: Vec::new(),
            annotations: Default::default(),
            data: None,
            artifact_type: None,
            platform: None,
        },
        diff_id: digest,
    };
    let config = serde_json::json!({
        "os": "linux", "architecture": "amd64",
        "rootfs": { "type": "layers", "diff_ids": [digest.to_string()] },
    });
    let image = BuiltImage {
        platform: Platform {
            os: "linux".to_owned(),
            architecture: "amd64".to_owned(),
            ..Platform::default()
        },
        config: config.to_string().into_bytes(),
        layers: vec![layer.clone()],
        tree: Vec::new(),
        annotations: BTreeMap::new(),
    };
    let built = Built {
        images: vec![image],
    };
    let image = assemble(&built, &AssembleOptions::default()).unwrap();
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(script.as_bytes()).unwrap();
    file.rewind().unwrap();
    FinishedBuild {
        image,
        layers: vec![FinishedLayer {
            layer,
            bytes: LayerBytes::File(file),
        }],
        steps: 1,
        cached_steps: 0,
    }
}
