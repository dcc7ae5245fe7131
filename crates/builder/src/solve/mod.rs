//! Solving the graph: each state once, cached results first, independent ones side by side.

mod budget;
mod cache_room;
mod copy;
mod gate;
mod gather;
mod layer;
mod mounts;
mod outcome;
mod recompress;
mod run;
mod run_output;
mod snapshot;

use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex as StdMutex, MutexGuard, PoisonError};

use futures_util::future::{Shared, join_all};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, TryStreamExt};
use tokio::sync::{Semaphore, watch};
use wharf_dockerfile::Source;
use wharf_sandbox::BuildIds;

use budget::Budget;
pub(crate) use gate::Gates;
use layer::BuiltSoon;
pub(crate) use layer::{FileState, Layer};

use crate::builder::Parts;
use crate::cache::{CacheStore, Key};
use crate::error::{BuildError, Result};
use crate::plan::{CopyFrom, FilePart, NodeRef, Op, RunMount};
use crate::reporter::Reporter;
use crate::request::BuildRequest;
use crate::secrets::Secrets;
use crate::state::Hold;

type Solution = Shared<Pin<Box<dyn Future<Output = Result<FileState>> + Send>>>;

/// Solves the states of one build.
pub(crate) struct Solver {
    pub(crate) parts: Arc<Parts>,
    pub(crate) request: Arc<BuildRequest>,
    pub(crate) reporter: Reporter,
    pub(crate) secrets: Secrets,
    pub(crate) ids: Arc<BuildIds>,
    /// What steps use must not be pruned, also while some are still ending.
    _hold: Hold,
    /// Results of this build's scope.
    pub(crate) cache: CacheStore,
    /// Unpacked base layers: named by content, so every scope shares them.
    pub(crate) bases: CacheStore,
    pub(crate) budget: Budget,
    /// How many steps work at once.
    pub(crate) slots: Semaphore,
    /// Names this build in notes for `wharf debug`.
    pub(crate) build: String,
    pub(crate) source_date: Option<i64>,
    known: StdMutex<HashMap<usize, (NodeRef, Solution)>>,
    /// Layers that are still written; a good step is kept even if a later one fails.
    layers: StdMutex<Vec<Arc<Layer>>>,
    /// Layers that are written again.
    rewritten: StdMutex<Vec<BuiltSoon>>,
    /// Results that this very build made: they count even where earlier ones do not.
    fresh: StdMutex<HashSet<Key>>,
    /// Cache mounts that this build has emptied.
    emptied: StdMutex<HashSet<Key>>,
    /// What the cache mounts hold that this build has used.
    caches: StdMutex<HashMap<PathBuf, u64>>,
    /// Contexts whose loading was shown as a step.
    shown: StdMutex<HashSet<String>>,
    /// True when nothing of this build shall go on, because a step of it failed.
    stop: watch::Sender<bool>,
    dockerfile: Source,
}

/// What a solver is made of.
pub(crate) struct SolverParts {
    pub(crate) parts: Arc<Parts>,
    pub(crate) request: Arc<BuildRequest>,
    pub(crate) reporter: Reporter,
    pub(crate) secrets: Secrets,
    pub(crate) ids: Arc<BuildIds>,
    pub(crate) hold: Hold,
    pub(crate) build: String,
    pub(crate) source_date: Option<i64>,
    /// Where nodes have their lines.
    pub(crate) dockerfile: Source,
}

impl Solver {
    pub(crate) fn new(of: SolverParts) -> Arc<Self> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Arc::new(Self {
            cache: CacheStore::new(&of.parts.state, &of.request.cache_scope),
            // In scopes as well: an image's configuration names its layers as whoever made it likes, so whoever knows what
            // another's private base is made of could otherwise stand on it.
            bases: CacheStore::new(
                &of.parts.state,
                &format!("base images of {}", of.request.cache_scope),
            ),
            budget: Budget::new(of.request.limits.build_disk),
            // Steps wait for disks and networks as well, so one more than there are cores.
            slots: Semaphore::new(cores + 1),
            parts: of.parts,
            request: of.request,
            reporter: of.reporter,
            secrets: of.secrets,
            ids: of.ids,
            _hold: of.hold,
            build: of.build,
            source_date: of.source_date,
            known: StdMutex::default(),
            layers: StdMutex::default(),
            rewritten: StdMutex::default(),
            fresh: StdMutex::default(),
            emptied: StdMutex::default(),
            caches: StdMutex::default(),
            shown: StdMutex::default(),
            stop: watch::Sender::new(false),
            dockerfile: of.dockerfile,
        })
    }

    /// The state of a node. Asked twice, it is made once.
    pub(crate) fn solve(self: &Arc<Self>, node: &NodeRef) -> Solution {
        let place = Arc::as_ptr(node) as usize;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, solution)) = known.get(&place) {
            return solution.clone();
        }
        let (solver, wanted) = (Arc::clone(self), Arc::clone(node));
        // A task of its own: states that several wait for go on whoever stops waiting first.
        let task = tokio::spawn(async move { solver.make(wanted).await });
        let solution: Solution = async move {
            match task.await {
                Ok(made) => made,
                Err(error) if error.is_cancelled() => Err(BuildError::Canceled),
                Err(error) => Err(BuildError::machine("work on a step", error)),
            }
        }
        .boxed()
        .shared();
        // The node is kept, so that no other can come to lie at its place.
        known.insert(place, (Arc::clone(node), solution.clone()));
        solution
    }

    async fn make(self: Arc<Self>, node: NodeRef) -> Result<FileState> {
        if *self.request.cancel.borrow() || *self.stop.borrow() {
            return Err(BuildError::Canceled);
        }
        let made = self.make_of(&node).await;
        // Whoever waits for this node fails with the same error, which has its lines then.
        made.map_err(|error| match node.lines {
            Some(lines) => error.at(&self.dockerfile, lines),
            None => error,
        })
    }

    async fn make_of(self: &Arc<Self>, node: &NodeRef) -> Result<FileState> {
        // All at once: stages that do not need each other are built side by side, and the first failure is the build's.
        let inputs = list_inputs(&node.op).map(|input| self.solve(input));
        let mut inputs: FuturesUnordered<Solution> = inputs.collect();
        while inputs.try_next().await?.is_some() {}
        match &node.op {
            Op::Scratch => Ok(FileState::empty()),
            Op::Image(image) => {
                let report = self.reporter.start(node.name.clone());
                let state = FileState::of_image(image);
                report.done::<(), BuildError>(&Ok(()));
                Ok(state)
            }
            Op::Run(op) => self.run(node, op).await,
            Op::Files(op) => self.unless_stopped(self.put_files(node, op)).await?,
        }
    }

    /// Ends the steps that still run, which are there only after a failure; waits until every layer that was begun is written
    /// and recorded.
    pub(crate) async fn settle(&self) -> Result<()> {
        self.stop.send_replace(true);
        let known: Vec<Solution> = {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.values().map(|(_, begun)| begun.clone()).collect()
        };
        join_all(known).await;
        let layers =
            std::mem::take(&mut *self.layers.lock().unwrap_or_else(PoisonError::into_inner));
        let mut first = Ok(());
        for layer in layers {
            if let Err(error) = layer.built().await
                && first.is_ok()
            {
                first = Err(error);
            }
        }
        let rewritten = std::mem::take(&mut *self.lock_rewritten());
        // Whoever wanted one of them heard how that ended.
        join_all(rewritten).await;
        first
    }

    fn lock_rewritten(&self) -> MutexGuard<'_, Vec<BuiltSoon>> {
        let rewritten = self.rewritten.lock();
        rewritten.unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this is the first time that the build empties a cache mount.
    fn empties(&self, key: &Key) -> bool {
        let mut emptied = self.emptied.lock().unwrap_or_else(PoisonError::into_inner);
        emptied.insert(key.clone())
    }

    /// Whether this is the first time that files of a context are looked through.
    fn show_context(&self, name: &str) -> bool {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.insert(name.to_owned())
    }

    /// Ready when nothing of this build shall go on: somebody stopped it, or a step of it failed.
    async fn wait_for_stop(&self) {
        tokio::select! {
            () = wait_for_cancel(self.request.cancel.clone()) => {}
            () = wait_for_cancel(self.stop.subscribe()) => {}
        }
    }

    /// What can be given up at any moment.
    async fn unless_stopped<T>(&self, work: impl Future<Output = T>) -> Result<T> {
        tokio::select! {
            done = work => Ok(done),
            () = self.wait_for_stop() => Err(BuildError::Canceled),
        }
    }
}

/// The states that an operation needs.
fn list_inputs(op: &Op) -> impl Iterator<Item = &NodeRef> {
    let (base, run, files) = match op {
        Op::Scratch | Op::Image(_) => (None, None, None),
        Op::Run(op) => (Some(&op.base), Some(&op.mounts), None),
        Op::Files(op) => (Some(&op.base), None, Some(&op.parts)),
    };
    let mounted = run.into_iter().flatten().filter_map(|mount| match mount {
        RunMount::Bind { from, .. } => Some(from),
        RunMount::Cache { from, .. } => from.as_ref(),
        RunMount::Tmpfs { .. } | RunMount::Secret { .. } | RunMount::Ssh { .. } => None,
    });
    let copied = files.into_iter().flatten().filter_map(|part| match part {
        FilePart::Copy(copy) => match &copy.from {
            CopyFrom::Node(node) => Some(node),
            CopyFrom::Context(_) => None,
        },
        _ => None,
    });
    base.into_iter().chain(mounted).chain(copied)
}

/// Ready when the build is stopped.
pub(crate) async fn wait_for_cancel(mut cancel: watch::Receiver<bool>) {
    // A caller that dropped its end will not stop the build any more.
    if cancel.wait_for(|stopped| *stopped).await.is_err() {
        std::future::pending::<()>().await;
    }
}
