//! A cluster that pretends: one deployment with one container, whose rollout goes as a test says.

use crate::triggers::open_cluster::WorkloadCluster;
use async_trait::async_trait;
use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use wharf_integrations::target::{
    ShownRequest, ShownResponse, Timings,
    kubernetes::{
        ClusterError, ClusterExchange, ContainerRef, ObjectName, PatchOptions, Patched,
        PinnedImage, PullChoice, RolledBack, RolloutFailure, RolloutProgress, RolloutReason,
        RolloutState,
    },
};

/// One deployment with one container.
#[derive(Default)]
pub(super) struct Pretended {
    pub(super) image: Mutex<String>,
    pub(super) patches: Mutex<Vec<String>>,
    /// Which delivery changed it last.
    pub(super) delivery: Mutex<Option<String>>,
    /// What somebody else gives the container between a dry run and what follows.
    pub(super) meanwhile: Mutex<Option<String>>,
    /// What a look answers while the image is the one asked about; nothing is a cluster that does not answer.
    pub(super) state: Mutex<Option<RolloutState>>,
    /// The token that it takes is another one.
    pub(super) is_locked: AtomicBool,
    /// The pull secret that is there, and those that the workload was given.
    pub(super) pull_secret: Mutex<Option<ObjectName>>,
    pub(super) attached: Mutex<Vec<String>>,
    /// What was asked last, and what it answered.
    pub(super) exchange: Mutex<Option<ClusterExchange>>,
}

impl Pretended {
    pub(super) fn answer(&self, state: RolloutState) {
        *self.state.lock().unwrap() = Some(state);
    }

    pub(super) fn image(&self) -> String {
        self.image.lock().unwrap().clone()
    }

    pub(super) fn patches(&self) -> usize {
        self.patches.lock().unwrap().len()
    }

    fn note(&self, method: &str, status: u16, body: &str) {
        let exchange = ClusterExchange {
            request: ShownRequest {
                method: method.to_owned(),
                url: "https://cluster.example:6443/apis/apps/v1/namespaces/web/deployments/api"
                    .to_owned(),
                headers: Vec::new(),
                body: body.to_owned(),
            },
            response: Some(ShownResponse {
                status,
                headers: Vec::new(),
                body: "{}".to_owned(),
                is_cut: false,
            }),
            timings: Timings {
                waited: Duration::from_micros(7),
                read: Duration::from_micros(3),
            },
        };
        *self.exchange.lock().unwrap() = Some(exchange);
    }
}

fn unreachable() -> ClusterError {
    ClusterError::TimedOut {
        host: "cluster.example".into(),
        subject: "deployment api in web".into(),
        limit: Duration::from_secs(30),
    }
}

pub(super) fn busy() -> RolloutState {
    RolloutState::Progressing(RolloutProgress {
        desired: 3,
        updated: 1,
        ..RolloutProgress::default()
    })
}

pub(super) fn done() -> RolloutState {
    RolloutState::Done(RolloutProgress {
        desired: 3,
        updated: 3,
        available: 3,
        ..RolloutProgress::default()
    })
}

pub(super) fn crashed() -> RolloutState {
    RolloutState::Failed(RolloutFailure {
        reason: RolloutReason::CrashLoop,
        said: "back-off restarting failed container".into(),
        is_by_deadline: false,
        progress: RolloutProgress::default(),
    })
}

#[async_trait]
impl WorkloadCluster for Pretended {
    async fn set_image(
        &self,
        _target: &ContainerRef,
        image: &PinnedImage,
        options: &PatchOptions<'_>,
    ) -> Result<Patched, ClusterError> {
        if self.state.lock().unwrap().is_none() {
            return Err(unreachable());
        }
        if self.is_locked.load(Ordering::Relaxed) {
            self.note("GET", 401, "");
            return Err(ClusterError::Unauthorized {
                host: "cluster.example".into(),
                said: String::new(),
            });
        }
        let mut there = self.image.lock().unwrap();
        let mut delivery = self.delivery.lock().unwrap();
        let mut patched = Patched {
            is_changed: !image.is_same(&there),
            previous: there.clone(),
            generation: 1,
            delivery: delivery.clone(),
        };
        if options.dry_run {
            if let Some(image) = self.meanwhile.lock().unwrap().take() {
                *there = image;
                *delivery = None;
            }
            return Ok(patched);
        }
        if patched.is_changed {
            if options.expected.is_some_and(|image| image != *there) {
                return Err(ClusterError::Conflict {
                    host: "cluster.example".into(),
                    subject: "deployment api in web".into(),
                });
            }
            self.note("PATCH", 200, &image.to_string());
            *there = image.to_string();
            *delivery = options.delivery.map(str::to_owned);
            patched.delivery = delivery.clone();
            self.patches.lock().unwrap().push(there.clone());
            let added = options.pull_secret.map(ToString::to_string);
            self.attached.lock().unwrap().extend(added);
        }
        Ok(patched)
    }

    async fn choose_pull_secret(
        &self,
        _target: &ContainerRef,
        host: &str,
        ours: &ObjectName,
    ) -> Result<PullChoice, ClusterError> {
        assert_eq!(host, "registry.example:5000");
        let there = self.pull_secret.lock().unwrap().clone();
        Ok(match there {
            Some(there) if there == *ours => PullChoice::Attach(there),
            _ => PullChoice::Missing,
        })
    }

    async fn read_rollout(
        &self,
        _target: &ContainerRef,
        image: &str,
    ) -> Result<RolloutState, ClusterError> {
        let state = self.state.lock().unwrap().clone().ok_or_else(unreachable)?;
        let there = self.image();
        Ok(match there == image {
            true => state,
            false => RolloutState::Superseded { image: there },
        })
    }

    async fn roll_back(
        &self,
        _target: &ContainerRef,
        ours: &PinnedImage,
        previous: &str,
    ) -> Result<RolledBack, ClusterError> {
        let mut there = self.image.lock().unwrap();
        if !ours.is_same(&there) {
            return Ok(RolledBack::NotOurs {
                image: there.clone(),
            });
        }
        self.note("PATCH", 200, previous);
        *there = previous.to_owned();
        Ok(RolledBack::Done { generation: 2 })
    }

    fn last_exchange(&self) -> Option<ClusterExchange> {
        self.exchange.lock().unwrap().clone()
    }
}
