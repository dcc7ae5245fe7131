//! Starting steps and jobs.

use std::net::IpAddr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::AtomicU64;

use crate::cgroup::{Controller, Group, remove_stale_groups};
use crate::channel::Channel;
use crate::error::{Context, Error, Result};
use crate::guards::GuardsOff;
use crate::helper::WORD;
use crate::helper_process::Helper;
use crate::host::{Host, Mode};
use crate::ids::{CountedId, IdPlan, IdPool, Lease, WITHIN_CELL, find_subordinate_ranges};
use crate::job::Job;
use crate::memory_file;
use crate::network::{RESOLVER, plan_network, read_host_dns};
use crate::plan::{Folders, plan_mounts, render_hosts, render_resolv_conf};
use crate::running::{Running, RunningJob};
use crate::step::Step;
use crate::wire::{NetworkPlan, Request, StepPlan, Uplink, WatchPlan, Work};

/// Runs steps and jobs on this machine. Cheap to make, usable from many threads.
#[derive(Debug)]
pub struct Sandbox {
    host: Host,
    pool: IdPool,
    state: PathBuf,
    /// Numbers control groups.
    groups: AtomicU64,
}

/// The ids of one build; its steps and jobs share them. As root the range belongs to the build until this is dropped.
#[derive(Debug)]
pub struct BuildIds {
    plan: IdPlan,
    _lease: Option<Lease>,
}

impl Sandbox {
    /// Keeps its lock files in `state`, which it makes when it is missing.
    ///
    /// # Errors
    /// [`Error::Unsupported`] on kernels below 5.19 (5.11 as a plain user), where layers cannot be mounted in a user
    /// namespace.
    pub fn new(host: Host, pool: IdPool, state: &Path) -> Result<Self> {
        host.require_kernel()?;
        std::fs::create_dir_all(state).context(format!("make {}", state.display()))?;
        remove_stale_groups(&host.cgroups);
        Ok(Self {
            host,
            pool,
            state: state.to_owned(),
            groups: AtomicU64::new(0),
        })
    }

    /// What the machine can do.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Gives a build its ids.
    ///
    /// # Errors
    /// [`Error::IdRangesUsed`] as root, [`Error::NoIdRange`] as a plain user.
    pub fn lease_ids(&self) -> Result<BuildIds> {
        let (plan, lease) = match self.host.mode {
            Mode::Rootful => (IdPlan::Rootful, None),
            Mode::Cell => (IdPlan::Within(WITHIN_CELL), None),
            Mode::Root => {
                let lease = self.pool.lease(&self.state)?;
                (IdPlan::Leased(lease.range()), Some(lease))
            }
            Mode::User => {
                let user = CountedId {
                    name: self.host.user_name.clone(),
                    id: rustix::process::geteuid().as_raw(),
                };
                let (uids, gids) = find_subordinate_ranges(&user, Path::new("/etc"))?;
                let plan = IdPlan::Subordinate {
                    uid: user.id,
                    gid: rustix::process::getegid().as_raw(),
                    uids,
                    gids,
                };
                (plan, None)
            }
        };
        Ok(BuildIds {
            plan,
            _lease: lease,
        })
    }

    /// Starts a step's command. Returns when it runs, so that everything that can be wrong with the request, the root or
    /// the program is an error here.
    ///
    /// # Errors
    /// Every one of this crate.
    pub fn start_step(&self, ids: &BuildIds, step: &Step) -> Result<Running> {
        let mut folders = Folders::default();
        folders.add_tree(&step.root);
        let planned = plan_mounts(&step.mounts, &mut folders)?;
        let dns = step.dns.clone().map_or_else(read_host_dns, Ok)?;
        let network = plan_network(&step.network, &self.host);
        let lingers = matches!(
            &network.plan,
            NetworkPlan::Isolated { uplink, .. } if !matches!(uplink, Uplink::Veth)
        );
        let own_resolver = [IpAddr::V4(RESOLVER)];
        let servers = match network.plan {
            NetworkPlan::Isolated { .. } => &own_resolver[..],
            _ => &dns.servers,
        };
        let cgroups = &self.host.cgroups;
        let group = Group::make(cgroups, &step.limits, &self.groups)?;
        let request = Request {
            ids: ids.plan,
            sources: folders.sources,
            trees: folders.trees,
            cgroups: group.procs(),
            work: Work::Step(StepPlan {
                mounts: planned.mounts,
                argv: step.argv.clone(),
                env: step.env.clone(),
                cwd: step.cwd.clone(),
                user: step.user.clone(),
                hostname: step.hostname.clone(),
                hosts: render_hosts(step),
                resolv_conf: render_resolv_conf(&dns, servers),
                network: network.plan,
                listeners: step.listeners.clone(),
                limits: step.limits.clone(),
                watch: WatchPlan {
                    memory: !cgroups.has(Controller::Memory),
                    pids: !cgroups.has(Controller::Pids),
                    pids_events: group.pids_events(),
                },
                security: step.security,
                has_terminal: step.terminal.is_some(),
            }),
            guards_off: guards_off(step),
        };
        let mut passed: Vec<BorrowedFd<'_>> = Vec::new();
        passed.extend(step.terminal.as_ref().map(|terminal| terminal.as_fd()));
        passed.extend(planned.contents.iter().map(AsFd::as_fd));
        let helper = start_helper(&request, &passed)?;
        let mut running = Running::await_start(group, helper)?;
        running.split_off_listeners(step.listeners.len());
        running.serve(&dns.servers, planned.agents)?;
        running.set_network(network.note, lingers);
        Ok(running)
    }

    /// Starts a file job. It runs as soon as its trees are mounted.
    ///
    /// # Errors
    /// [`Error::Io`] when the helper cannot be started; everything else is told by [`RunningJob::wait`].
    pub fn start_job(&self, ids: &BuildIds, job: Job) -> Result<RunningJob> {
        let mut folders = Folders::default();
        for tree in &job.trees {
            folders.add_tree(tree);
        }
        let payload = memory_file::hold(&job.payload).context("hold the job's payload")?;
        let reply = memory_file::create().context("make the job's reply file")?;
        let mut fds: Vec<OwnedFd> = vec![
            payload.into(),
            reply
                .try_clone()
                .context("share the job's reply file")?
                .into(),
        ];
        let channel = if job.has_channel {
            let (here, there) = Channel::pair().context("make a channel to the job")?;
            fds.push(there.into());
            Some(here)
        } else {
            None
        };
        fds.extend(job.fds);
        let request = Request {
            ids: ids.plan,
            sources: folders.sources,
            trees: folders.trees,
            cgroups: Vec::new(),
            work: Work::Job {
                has_channel: job.has_channel,
            },
            guards_off: GuardsOff::default(),
        };
        let passed: Vec<_> = fds.iter().map(AsFd::as_fd).collect();
        let helper = start_helper(&request, &passed)?;
        Ok(RunningJob::new(helper, reply, channel))
    }

    /// Runs a file job without a channel to its end.
    ///
    /// # Errors
    /// As [`RunningJob::wait`].
    pub fn run_job(&self, ids: &BuildIds, job: Job) -> Result<Vec<u8>> {
        self.start_job(ids, job)?.wait()
    }
}

#[cfg(feature = "guards-off")]
fn guards_off(step: &Step) -> GuardsOff {
    step.guards_off
}

#[cfg(not(feature = "guards-off"))]
fn guards_off(_step: &Step) -> GuardsOff {
    GuardsOff::default()
}

/// Starts this program again, with an empty environment, and sends it the request. Nothing of it is in its arguments.
pub(crate) fn start_helper(request: &Request, passed: &[BorrowedFd<'_>]) -> Result<Helper> {
    let (control, theirs) = Channel::pair().context("make a socket pair")?;
    let complaints = memory_file::create().context("make a file in memory")?;
    let errors = complaints.try_clone().context("share a file in memory")?;
    let process: Child = Command::new("/proc/self/exe")
        .arg(WORD)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .stdout(Stdio::null())
        .stderr(Stdio::from(errors))
        .spawn()
        .context("start the sandbox's helper")?;
    let helper = Helper::new(process, control, complaints);
    let text = serde_json::to_vec(request)
        .map_err(std::io::Error::from)
        .context("write the request")?;
    let file: OwnedFd = memory_file::hold(&text).context("hold the request")?.into();
    let mut fds = vec![file.as_fd()];
    fds.extend(passed);
    match helper.control().send_fds(&fds) {
        Ok(()) => Ok(helper),
        // It died first; its words say more than a broken pipe.
        Err(_) => Err(helper.explain_death()),
    }
}

impl Error {
    /// A failure that is told by words alone.
    pub(crate) fn refused(problem: impl Into<String>) -> Self {
        Self::Refused {
            problem: problem.into(),
        }
    }
}
