//! The builder: what all builds of one process share, and one build from request to images.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::{Mutex, watch};
use wharf_dockerfile::lint::LintReport;
use wharf_dockerfile::values::{SourceDateEpoch, normalize_platform};
use wharf_egress::Egress;
use wharf_git::{Dial, EgressDial, Git, GitLimits, GitSettings};
use wharf_image::{Built, BuiltImage, Content, ImageSource, ResolvedImage, Transfer as _};
use wharf_oci::Platform;
use wharf_sandbox::{Allowed, Host, IdPool, Sandbox, Tree};

use crate::context::{
    ContextLoader, FileContext, MAIN_CONTEXT, Repositories, apply_ignore_file, read_definition,
};
use crate::error::{Attempt, BuildError, Result};
use crate::finish::finish_image;
use crate::frontend::{Externals, Planner, check_file, read_dockerfile};
use crate::jobs::{ExportCall, JobCall, run_job};
use crate::progress::Progress;
use crate::reporter::Reporter;
use crate::request::BuildRequest;
use crate::secrets::Secrets;
use crate::solve::{Gates, Solver, SolverParts, wait_for_cancel};
use crate::state::{Hold, StateFolder, make_name};

/// What a builder is made of.
pub struct BuilderSettings {
    /// Where results, snapshots and cache mounts are kept. Several processes may share it.
    pub state: PathBuf,
    /// Where base images come from.
    pub source: Arc<dyn ImageSource>,
    /// Where layers go.
    pub content: Arc<dyn Content>,
    /// The way out for ADD and contexts by URL.
    pub egress: Egress,
    /// The same for git; `None` is by `egress`.
    pub dial: Option<Arc<dyn Dial>>,
    /// What steps may reach although the policy denies it (`[build] allow_net`).
    pub allowed_networks: Vec<Allowed>,
    /// Run steps as root of the host, for kernels that cannot map ids. For trusted builds only.
    pub rootful: bool,
    /// What the machine can do, for callers who know better than a look at it: those in a cell. `None` looks.
    pub host: Option<Host>,
}

/// Builds images. One per process; any number of builds at once.
pub struct Builder {
    parts: Arc<Parts>,
}

/// What all builds share.
pub(crate) struct Parts {
    pub(crate) state: StateFolder,
    pub(crate) sandbox: Arc<Sandbox>,
    pub(crate) source: Arc<dyn ImageSource>,
    pub(crate) content: Arc<dyn Content>,
    pub(crate) egress: Egress,
    pub(crate) repositories: Repositories,
    pub(crate) allowed_networks: Vec<Allowed>,
    pub(crate) gates: Gates,
}

impl Builder {
    /// Opens the state folder and looks at the machine.
    ///
    /// # Errors
    /// When the folder cannot be written, or the kernel cannot do what the sandbox needs.
    pub fn new(settings: BuilderSettings) -> Result<Self> {
        let refused = |error| BuildError::sandbox("prepare the sandbox", error);
        let mut host = settings
            .host
            .map_or_else(Host::inspect, Ok)
            .map_err(refused)?;
        if settings.rootful {
            host = host.without_user_namespaces().map_err(refused)?;
        }
        let state = StateFolder::open(&settings.state, host.owner_of_steps())
            .attempt(|| format!("open the builder's folder {}", settings.state.display()))?;
        let sandbox =
            Sandbox::new(host, IdPool::default(), &state.part("sandbox")).map_err(refused)?;
        let sandbox = Arc::new(sandbox);
        let dial = settings
            .dial
            .unwrap_or_else(|| Arc::new(EgressDial::new(settings.egress.clone())));
        let repositories = open_repositories(&state, &sandbox, dial);
        Ok(Self {
            parts: Arc::new(Parts {
                state,
                sandbox,
                source: settings.source,
                content: settings.content,
                egress: settings.egress,
                repositories,
                allowed_networks: settings.allowed_networks,
                gates: Gates::default(),
            }),
        })
    }

    /// Builds what is asked for; the images' layers are in the content store then, or still where their base image is.
    ///
    /// Every good step is kept, also of a build that fails. Nothing of it runs any more when this answers.
    ///
    /// # Errors
    /// See [`BuildError`].
    pub async fn build(
        &self,
        request: BuildRequest,
        progress: Arc<dyn Progress>,
    ) -> Result<Finished> {
        let secrets = Secrets::new(&request.secrets);
        let reporter = Reporter::new(progress, secrets.mask());
        let mut request = request;
        let Some(limit) = request.limits.build_timeout else {
            return self
                .build_all(&Arc::new(request), &reporter, &secrets)
                .await;
        };
        // Stopped like by a person, not dropped: what runs has to end before this answers.
        let (stop, stopped) = watch::channel(false);
        let asked = std::mem::replace(&mut request.cancel, stopped);
        let request = Arc::new(request);
        let work = self.build_all(&request, &reporter, &secrets);
        tokio::pin!(work);
        let timed_out = tokio::select! {
            done = &mut work => return done,
            () = wait_for_cancel(asked) => false,
            () = tokio::time::sleep(limit) => true,
        };
        stop.send_replace(true);
        match work.await {
            Err(BuildError::Canceled) if timed_out => Err(BuildError::step(format!(
                "the build took longer than {} s (build timeout)",
                limit.as_secs()
            ))),
            done => done,
        }
    }

    async fn build_all(
        &self,
        request: &Arc<BuildRequest>,
        reporter: &Reporter,
        secrets: &Secrets,
    ) -> Result<Finished> {
        let host = host_platform();
        let hold = self.hold().await?;
        let Loaded { text, main } = self.load(request, reporter, secrets).await?;
        let dockerfile = read_dockerfile(&text, request)?;
        for warning in &dockerfile.warnings {
            reporter.warn(
                None,
                warning.text.clone(),
                Some((warning.line, warning.line)),
            );
        }
        let externals = Externals {
            request,
            source: &*self.parts.source,
            loader: self.loader(request, reporter, secrets),
            reporter,
            found: Mutex::new(BTreeMap::new()),
        };
        let ids = self
            .parts
            .sandbox
            .lease_ids()
            .map_err(|error| BuildError::sandbox("give the build its ids", error))?;
        let solver = Solver::new(SolverParts {
            parts: Arc::clone(&self.parts),
            request: Arc::clone(request),
            reporter: reporter.clone(),
            secrets: secrets.clone(),
            ids: Arc::new(ids),
            hold: hold.clone(),
            build: make_name()[..12].to_owned(),
            source_date: find_source_date(request, &main)?,
            dockerfile: dockerfile.source.clone(),
        });
        let platforms = if request.platforms.is_empty() {
            vec![host.clone()]
        } else {
            request.platforms.iter().map(normalize_platform).collect()
        };
        let each = platforms.iter().map(|platform| {
            let planner = Planner {
                request,
                dockerfile: &dockerfile,
                main: &main,
                externals: &externals,
                host: &host,
                target: platform,
                names_platform: platforms.len() > 1,
            };
            let solver = Arc::clone(&solver);
            let is_first = platform == &platforms[0];
            let text = &text;
            async move {
                let plan = planner.plan().await?;
                if is_first {
                    planner.lint(text, reporter).await?;
                }
                let state = solver.solve(&plan.node).await?;
                finish_image(&solver, plan, &state, platform).await
            }
        });
        let images: Result<Vec<BuiltImage>> = tokio::select! {
            built = futures_util::future::try_join_all(each) => built,
            () = wait_for_cancel(request.cancel.clone()) => Err(BuildError::Canceled),
        };
        let settled = solver.settle().await;
        let images = images?;
        settled?;
        let bases = externals.images().await;
        Ok(Finished {
            built: Built { images },
            bases,
            hold,
        })
    }

    /// Nothing is pruned while a build runs.
    async fn hold(&self) -> Result<Hold> {
        let state = self.parts.state.clone();
        tokio::task::spawn_blocking(move || state.hold())
            .await
            .attempt(|| "wait for the builder's folder".to_owned())?
            .attempt(|| "lock the builder's folder".to_owned())
    }

    /// Looks for mistakes in the Dockerfile without building it. Base images are asked for what they set; one that cannot
    /// be had is left out, for a file can be checked without any network.
    ///
    /// # Errors
    /// When the context or the Dockerfile cannot be read.
    pub async fn check(
        &self,
        request: BuildRequest,
        progress: Arc<dyn Progress>,
    ) -> Result<LintReport> {
        let secrets = Secrets::new(&request.secrets);
        let reporter = Reporter::new(progress, secrets.mask());
        let Loaded { text, main } = self.load(&request, &reporter, &secrets).await?;
        let externals = Externals {
            request: &request,
            source: &*self.parts.source,
            loader: self.loader(&request, &reporter, &secrets),
            reporter: &reporter,
            found: Mutex::new(BTreeMap::new()),
        };
        let host = host_platform();
        let target = request.platforms.first().unwrap_or(&host).clone();
        Ok(check_file(&text, &request, &main, &externals, &host, &target).await)
    }

    /// The Dockerfile's bytes and the build context, for what is about the file alone (`--call outline`).
    ///
    /// # Errors
    /// When the context or the Dockerfile cannot be read.
    pub async fn read_dockerfile(
        &self,
        request: &BuildRequest,
        progress: Arc<dyn Progress>,
    ) -> Result<Vec<u8>> {
        let secrets = Secrets::new(&request.secrets);
        let reporter = Reporter::new(progress, secrets.mask());
        Ok(self.load(request, &reporter, &secrets).await?.text)
    }

    fn loader<'a>(
        &'a self,
        request: &'a BuildRequest,
        reporter: &'a Reporter,
        secrets: &'a Secrets,
    ) -> ContextLoader<'a> {
        let keep = request.build_args.get("BUILDKIT_CONTEXT_KEEP_GIT_DIR");
        ContextLoader {
            reporter,
            egress: &self.parts.egress,
            repositories: &self.parts.repositories,
            secrets,
            agent: request.default_agent(),
            keep_git_directory: keep.is_some_and(|value| matches!(value.as_str(), "1" | "true")),
        }
    }

    async fn load(
        &self,
        request: &BuildRequest,
        reporter: &Reporter,
        secrets: &Secrets,
    ) -> Result<Loaded> {
        let loader = self.loader(request, reporter, secrets);
        let name = request.dockerfile.name();
        let report = reporter.start(format!("[internal] load build definition from {name}"));
        let loaded = match loader.load(MAIN_CONTEXT, &request.context).await {
            Ok(context) => read_definition(request, &context).map(|found| (context, found)),
            Err(error) => Err(error),
        };
        if let Ok((_, found)) = &loaded {
            report.moved(
                "transferring dockerfile",
                found.dockerfile.len() as u64,
                None,
            );
        }
        report.done(&loaded);
        let (mut main, found) = loaded?;
        apply_ignore_file(request, &mut main, &found, reporter)?;
        let (text, main) = (found.dockerfile, Arc::new(main));
        Ok(Loaded { text, main })
    }

    /// Writes an image's files as a tar to a file or pipe, for the outputs that are files and not images.
    ///
    /// # Errors
    /// When a file cannot be read or the archive not be written.
    pub async fn export_tree(
        &self,
        image: &BuiltImage,
        output: std::fs::File,
        clamp_mtime: Option<i64>,
    ) -> Result<()> {
        let ids = self
            .parts
            .sandbox
            .lease_ids()
            .map_err(|error| BuildError::sandbox("give the export its ids", error))?;
        let tree = Tree::read_only(image.tree.clone());
        let parts = Arc::clone(&self.parts);
        let call = JobCall::Export(ExportCall { clamp_mtime });
        tokio::task::spawn_blocking(move || {
            run_job::<()>(&parts.sandbox, &ids, &call, vec![tree], vec![output.into()])
        })
        .await
        .attempt(|| "export files".to_owned())?
    }
}

/// A build that went well.
#[derive(Debug, Clone)]
pub struct Finished {
    /// The images.
    pub built: Built,
    /// What they stand on: layers of these may still be where they came from.
    pub bases: Vec<ResolvedImage>,
    /// Keeps the files of the images from being pruned; to be dropped when all outputs are written.
    pub hold: Hold,
}

/// What a build begins with.
struct Loaded {
    text: Vec<u8>,
    main: Arc<FileContext>,
}

/// Checkouts lie among the snapshots: one that a killed process left is removed with the snapshots that nothing names.
fn open_repositories(
    state: &StateFolder,
    sandbox: &Arc<Sandbox>,
    dial: Arc<dyn Dial>,
) -> Repositories {
    let folder = state.part("snapshots");
    let git = Git::new(GitSettings {
        sandbox: Arc::clone(sandbox),
        folder: folder.clone(),
        dial,
        limits: GitLimits::default(),
    });
    Repositories {
        // Whoever builds here chose the repository and, with it, where its parts are.
        git: git.with_foreign_submodules(),
        folder,
    }
}

/// This machine's platform, in the words of images.
pub fn host_platform() -> Platform {
    let (architecture, variant) = match std::env::consts::ARCH {
        "x86_64" => ("amd64", None),
        "aarch64" => ("arm64", None),
        "x86" => ("386", None),
        "arm" => ("arm", Some("v7".to_owned())),
        "powerpc64" => ("ppc64le", None),
        other => (other, None),
    };
    Platform {
        architecture: architecture.to_owned(),
        os: "linux".to_owned(),
        variant,
        ..Platform::default()
    }
}

/// `SOURCE_DATE_EPOCH`: seconds, or the newest file of the context.
fn find_source_date(request: &BuildRequest, main: &FileContext) -> Result<Option<i64>> {
    let Some(text) = request.build_args.get("SOURCE_DATE_EPOCH") else {
        return Ok(None);
    };
    match SourceDateEpoch::parse(text) {
        None => Ok(None),
        Some(SourceDateEpoch::Seconds(seconds)) => Ok(Some(seconds)),
        Some(SourceDateEpoch::Context) => main.newest_time(),
        Some(SourceDateEpoch::Named(name)) => Err(BuildError::Request {
            message: format!("invalid SOURCE_DATE_EPOCH: {name}"),
            hint: Some("Give seconds since 1970, or `context` for its newest file.".to_owned()),
        }),
    }
}
