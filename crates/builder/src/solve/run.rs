//! RUN: a command in the sandbox, and what it leaves.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use wharf_sandbox::{Exit, Limits, Network, Policy, Reason, Security, Step, Tree, Ulimit};

use super::Solver;
use super::cache_room::list_caches;
use super::layer::FileState;
use super::mounts::PreparedMounts;
use super::outcome::{Claim, Finished};
use super::run_output::{DEFAULT_LIMIT, DEFAULT_RATE, Output, follow};
use crate::cache::{Key, KeyMaker};
use crate::debug::FailedStep;
use crate::error::{Attempt, BuildError, Result};
use crate::plan::{Node, NodeRef, RunMount, RunOp};
use crate::reporter::StepReport;
use crate::request::NetworkMode;
use crate::state::PendingSnapshot;

impl Solver {
    /// Runs the command, unless its result is known.
    pub(crate) async fn run(self: &Arc<Self>, node: &NodeRef, op: &RunOp) -> Result<FileState> {
        let base = self.solve(&op.base).await?;
        let mut sources = Vec::new();
        for mount in &op.mounts {
            sources.push(match mount {
                RunMount::Bind { from, .. } => Some(self.solve(from).await?),
                RunMount::Cache {
                    from: Some(from), ..
                } => Some(self.solve(from).await?),
                _ => None,
            });
        }
        let key = self.run_key(op, &base, &sources);
        let gate = match self.claim(node, &key, &base).await? {
            Claim::Known(state) => return Ok(state),
            Claim::Ours(gate) => gate,
        };
        let _turn = self.take_turn().await?;
        let below = self.unless_stopped(self.folders(&base)).await??;
        let report = self.reporter.start(node.name.clone());
        let ran = self.execute(node, op, &below, &sources, &report).await;
        report.done(&ran);
        let (snapshot, stubs) = ran?;
        Ok(self.keep_result(
            &base,
            Finished {
                key,
                snapshot: snapshot.keep(),
                below,
                stubs,
                description: node.name.clone(),
                gate,
            },
        ))
    }

    /// What the result depends on. Secrets and proxies are not part of it: a new password does not make a new image.
    fn run_key(&self, op: &RunOp, base: &FileState, sources: &[Option<FileState>]) -> Key {
        let mounts: Vec<serde_json::Value> = op
            .mounts
            .iter()
            .zip(sources)
            .map(|(mount, source)| describe_mount(mount, source.as_ref()))
            .collect();
        let request = &self.request;
        KeyMaker::new("run")
            .with("base", &base.id)
            .with("argv", &op.argv)
            .with(
                "script",
                op.script
                    .as_ref()
                    .map(|script| (&script.name, &script.content)),
            )
            .with("env", &op.env)
            .with("cwd", &op.cwd)
            .with("user", &op.user)
            .with("mounts", mounts)
            .with("network", format!("{:?}", op.network))
            .with("insecure", op.is_insecure)
            .with("hostname", &op.hostname)
            .with("hosts", &request.add_hosts)
            .with("shm", request.shm_size)
            .with("ulimits", &request.ulimits)
            .with("form", self.layer_form())
            .make()
    }

    /// What layers hold beside files: a result whose times were cut otherwise does not serve.
    pub(crate) fn layer_form(&self) -> String {
        let clamp = self.source_date.filter(|_| self.request.rewrite_timestamp);
        format!("{clamp:?}")
    }

    async fn execute(
        self: &Arc<Self>,
        node: &Node,
        op: &RunOp,
        below: &[PathBuf],
        sources: &[Option<FileState>],
        report: &StepReport,
    ) -> Result<(PendingSnapshot, BTreeSet<PathBuf>)> {
        for device in &op.missing_devices {
            report.note(&format!(
                "the device {device} is not registered; the step runs without it"
            ));
        }
        let left = self.budget.left()?;
        let snapshot = self
            .parts
            .state
            .make_snapshot()
            .attempt(|| "make a snapshot".to_owned())?;
        let mounts = self
            .unless_stopped(self.prepare_mounts(node, op, sources))
            .await??;
        let mut step = self.make_step(op, below, &snapshot, &mounts);
        step.limits.disk = [step.limits.disk, left].into_iter().flatten().min();
        let caches = list_caches(&mounts.mounts);
        step.limits.caches = self.cache_room(&caches);
        let (parts, ids) = (Arc::clone(&self.parts), Arc::clone(&self.ids));
        let started =
            tokio::task::spawn_blocking(move || (parts.sandbox.start_step(&ids, &step), step));
        let (started, step) = started.await.attempt(|| "start a step".to_owned())?;
        let running = started
            .map_err(|error| explain_start(op, error, || self.note_failure(&step, below, node)))?;
        if let Some(note) = running.network_note() {
            report.note(note);
        }
        let stubs = running.stubs().iter().map(PathBuf::from).collect();
        let killer = running.killer();
        let limits = &self.request.limits;
        let output = Output {
            masker: [self.reporter.masker(), self.reporter.masker()],
            limit: limits.log_bytes.unwrap_or(DEFAULT_LIMIT),
            rate: limits.log_bytes_per_second.unwrap_or(DEFAULT_RATE),
        };
        let followed = follow(running, output, report);
        tokio::pin!(followed);
        let (exit, tail) = tokio::select! {
            ended = &mut followed => ended?,
            () = self.wait_for_stop() => {
                killer.kill();
                // Nothing of it may be left when the build has ended.
                let _ = followed.await;
                return Err(BuildError::Canceled);
            }
        };
        if exit.reason == Reason::CachesFull {
            self.empty_caches(&caches)?;
        }
        if exit.reason == Reason::Exited && exit.code == 0 {
            self.charge_caches(&caches).await?;
            return Ok((snapshot, stubs));
        }
        drop(mounts);
        Err(BuildError::Run {
            command: op.argv.join(" "),
            reason: explain_exit(&exit, &step.limits),
            exit_code: exit.code,
            excerpt: None,
            build: self.note_failure(&step, below, node),
            tail,
        })
    }

    /// Notes where the build failed; answers the name to look around by (`wharf debug`).
    fn note_failure(&self, step: &Step, below: &[PathBuf], node: &Node) -> Option<String> {
        let noted = FailedStep::new(step, below, node).save(&self.parts.state, &self.build);
        noted.is_ok().then(|| self.build.clone())
    }

    fn make_step(
        &self,
        op: &RunOp,
        below: &[PathBuf],
        snapshot: &PendingSnapshot,
        mounts: &PreparedMounts,
    ) -> Step {
        let request = &self.request;
        let root = Tree::writable(below.to_vec(), snapshot.folder());
        let mut step = Step::new(root, op.argv.clone());
        step.env = op
            .env
            .iter()
            .chain(&op.hidden_env)
            .chain(&mounts.env)
            .cloned()
            .collect();
        step.mounts.clone_from(&mounts.mounts);
        step.cwd.clone_from(&op.cwd);
        step.user.clone_from(&op.user);
        if let Some(hostname) = &op.hostname {
            step.hostname.clone_from(hostname);
        }
        step.hosts_entries.clone_from(&request.add_hosts);
        step.network = match op.network {
            NetworkMode::None => Network::None,
            NetworkMode::Host => Network::Host,
            NetworkMode::Isolated => Network::Isolated(Policy {
                deny_private: !request.allow_private_networks,
                allow: self.parts.allowed_networks.clone(),
            }),
        };
        if op.is_insecure {
            step.security = Security::Insecure;
        }
        let limits = &request.limits;
        step.limits = Limits {
            memory: limits.memory,
            pids: limits.pids,
            cpu_millis: limits.cpu_millis,
            disk: limits.disk,
            files: limits.files,
            timeout: limits.step_timeout,
            ulimits: request
                .ulimits
                .iter()
                .map(|(name, soft, hard)| Ulimit {
                    name: name.clone(),
                    soft: *soft,
                    hard: *hard,
                })
                .collect(),
            shm_size: request.shm_size,
            ..Limits::default()
        };
        step
    }
}

/// A program or a user that the image does not have is the Dockerfile's affair, everything else the machine's.
fn explain_start(
    op: &RunOp,
    error: wharf_sandbox::Error,
    note: impl FnOnce() -> Option<String>,
) -> BuildError {
    // As shells tell it.
    let exit_code = match &error {
        wharf_sandbox::Error::ProgramMissing { .. } => 127,
        wharf_sandbox::Error::ProgramUnusable { .. } => 126,
        wharf_sandbox::Error::Refused { .. } => 1,
        _ => return BuildError::sandbox(format!("start \"{}\"", op.argv.join(" ")), error),
    };
    let mut reason = error.to_string();
    if let Some(source) = std::error::Error::source(&error) {
        reason.push_str(&format!(": {source}"));
    }
    if let Some(hint) = error.hint() {
        reason.push_str(&format!(" ({hint})"));
    }
    BuildError::Run {
        command: op.argv.join(" "),
        reason,
        exit_code,
        excerpt: None,
        build: note(),
        tail: String::new(),
    }
}

fn describe_mount(mount: &RunMount, source: Option<&FileState>) -> serde_json::Value {
    let from = source.map(|state| state.id.as_str());
    match mount {
        RunMount::Bind {
            source,
            target,
            read_only,
            ..
        } => serde_json::json!(["bind", from, source, target, read_only]),
        RunMount::Cache { mount, target, .. } => serde_json::json!([
            "cache",
            from,
            mount.id,
            mount.source,
            target,
            mount.read_only
        ]),
        RunMount::Tmpfs { mount } => serde_json::json!(["tmpfs", mount.target, mount.size]),
        RunMount::Secret { mount, target } => serde_json::json!([
            "secret",
            mount.id,
            target,
            mount.env,
            mount.access.mode,
            mount.access.uid,
            mount.access.gid
        ]),
        RunMount::Ssh { mount, target, .. } => serde_json::json!(["ssh", mount.id, target]),
    }
}

/// Why a command did not do what it should, with the limit that it met.
fn explain_exit(exit: &Exit, limits: &Limits) -> String {
    let code = exit.code;
    match exit.reason {
        Reason::Exited => format!("exit code: {code}"),
        Reason::Signaled(signal) => format!("exit code: {code} (signal {signal})"),
        Reason::Killed => "it was stopped".to_owned(),
        Reason::TimedOut => match limits.timeout {
            Some(limit) => format!(
                "it took longer than {} s (step timeout: [build] step_seconds)",
                limit.as_secs()
            ),
            None => "it took too long".to_owned(),
        },
        Reason::OutOfMemory => match limits.memory {
            Some(limit) => format!(
                "it needed more than {limit} bytes of memory (memory limit: [build] step_memory)"
            ),
            None => format!("exit code: {code} (the machine ran out of memory)"),
        },
        Reason::PidsExhausted => match limits.pids {
            Some(limit) => format!(
                "it started more than {limit} processes (process limit: [build] step_processes)"
            ),
            None => format!("exit code: {code} (no more processes could be started)"),
        },
        Reason::DiskFull => match (limits.disk, limits.files) {
            (Some(bytes), None) => {
                format!("it wrote more than {bytes} bytes (disk limit: [build] step_disk)")
            }
            (None, Some(files)) => {
                format!("it made more than {files} files (file limit: [build] step_files)")
            }
            (Some(bytes), Some(files)) => {
                format!(
                    "it wrote more than {bytes} bytes or {files} files (disk and file limit: [build] step_disk, step_files)"
                )
            }
            (None, None) => "the disk is full".to_owned(),
        },
        Reason::CachesFull => format!(
            "the cache mounts of the build hold more than {} bytes (disk limit: [build] step_disk) and were emptied",
            limits.caches.unwrap_or_default()
        ),
    }
}
