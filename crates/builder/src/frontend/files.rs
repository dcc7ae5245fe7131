//! From RUN, COPY and ADD to steps: where their files come from and where they go.

use std::collections::BTreeMap;
use std::sync::Arc;

use wharf_dockerfile::instruction::{
    Add, Copy, Device, FileSources, Mount, Network, Run, Security, resolve_mount_target,
};
use wharf_dockerfile::scope::is_predefined_argument;
use wharf_dockerfile::values::{SourceKind, resolve_destination};
use wharf_dockerfile::{Lexer, StageGraph};

use super::stage::{RunProblem, StageState};
use crate::context::FileContext;
use crate::error::{BuildError, Result};
use crate::plan::{
    CopyFrom, CopyPart, FilePart, FilesOp, Node, NodeRef, Op, Placement, RunMount, RunOp,
};
use crate::request::{BuildRequest, NetworkMode};

/// Something outside the Dockerfile that goes by a name: an image or a named context.
#[derive(Debug, Clone)]
pub(crate) enum External {
    Files(Arc<FileContext>),
    Image(NodeRef),
}

/// All that instructions can take files from.
pub(crate) struct Origins<'a> {
    pub(crate) request: &'a BuildRequest,
    pub(crate) graph: &'a StageGraph,
    /// The build context.
    pub(crate) main: &'a Arc<FileContext>,
    /// Stages that are walked already.
    pub(crate) stages: &'a [Option<StageState>],
    /// By name as written.
    pub(crate) externals: &'a BTreeMap<String, External>,
}

/// No device is registered here, and none is given out: names of those that a step can do without.
fn refuse_devices(devices: &[Device], refuses_all: bool) -> Result<Vec<String>> {
    match devices.iter().find(|device| device.required || refuses_all) {
        Some(device) if refuses_all => {
            Err(BuildError::Step {
                message: format!("device {:?} is not allowed", device.name),
                hint: Some("Steps get devices with --allow device alone.".to_owned()),
                excerpt: None,
            })
        }
        Some(device) => Err(BuildError::Step {
            message: format!("required device {:?} is not registered", device.name),
            hint: Some(
                "Steps get no devices of this machine; leave out `required` if the step can do without."
                    .to_owned(),
            ),
            excerpt: None,
        }),
        None => Ok(devices.iter().map(|device| device.name.clone()).collect()),
    }
}

impl Origins<'_> {
    /// COPY.
    pub(crate) fn copy(&self, copy: &Copy, state: &StageState) -> Result<FilesOp> {
        copy.check_sources()
            .map_err(|problem| BuildError::step(problem.to_string()))?;
        let from = match &copy.from {
            None => CopyFrom::Context(Arc::clone(self.main)),
            Some(name) => self.find_numbered(name)?,
        };
        let placement = place(&copy.files, &copy.chown, &copy.chmod, state);
        let mut parts = inline_parts(&copy.files, &placement);
        if !copy.files.paths.is_empty() {
            parts.push(FilePart::Copy(CopyPart {
                from,
                paths: copy.files.paths.clone(),
                exclude: copy.exclude.clone(),
                parents: copy.parents,
                unpack: false,
                placement,
            }));
        }
        Ok(FilesOp {
            base: Arc::clone(&state.node),
            parts,
            is_linked: copy.link,
        })
    }

    /// ADD.
    pub(crate) fn add(&self, add: &Add, state: &StageState) -> Result<FilesOp> {
        let kinds = add
            .classify_sources()
            .map_err(|problem| BuildError::step(problem.to_string()))?;
        let placement = place(&add.files, &add.chown, &add.chmod, state);
        let mut parts = inline_parts(&add.files, &placement);
        let mut local = Vec::new();
        for kind in kinds {
            match kind {
                SourceKind::Path(path) => local.push(path),
                SourceKind::Http(url) => parts.push(FilePart::Http {
                    url,
                    checksum: add
                        .parse_checksum()
                        .map_err(|problem| BuildError::step(problem.to_string()))?
                        .map(|digest| digest.to_string()),
                    unpack: add.unpack == Some(true),
                    placement: placement.clone(),
                }),
                SourceKind::Git(mut url) => {
                    if add.checksum.is_some() {
                        url.checksum.clone_from(&add.checksum);
                    }
                    let keep = add.keep_git_directory.or(url.keep_git_directory);
                    parts.push(FilePart::Git {
                        keep_git_directory: keep.unwrap_or(false),
                        url: Box::new(url),
                        placement: placement.clone(),
                        exclude: add.exclude.clone(),
                    });
                }
            }
        }
        if !local.is_empty() {
            parts.push(FilePart::Copy(CopyPart {
                from: CopyFrom::Context(Arc::clone(self.main)),
                paths: local,
                exclude: add.exclude.clone(),
                parents: false,
                unpack: add.unpack != Some(false),
                placement,
            }));
        }
        Ok(FilesOp {
            base: Arc::clone(&state.node),
            parts,
            is_linked: add.link,
        })
    }

    /// RUN.
    pub(crate) fn run(
        &self,
        run: &Run,
        state: &StageState,
        lexer: &Lexer,
    ) -> std::result::Result<RunOp, RunProblem> {
        let cwd = state.workdir();
        let invocation = run.invoke(&state.config.shell());
        let resolved = run.resolve_mounts(lexer, state.scope.environment())?;
        let mut mounts = Vec::new();
        let mut agents = 0;
        for mount in resolved {
            mounts.push(self.mount(mount, &cwd, &mut agents)?);
        }
        let env: Vec<(String, String)> = state
            .scope
            .environment()
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let arguments = &self.request.build_args;
        let hidden_env = list_proxies(arguments, &env);
        let user = &state.config.config.user;
        Ok(RunOp {
            base: Arc::clone(&state.node),
            argv: invocation.arguments,
            script: invocation.script,
            env,
            hidden_env,
            cwd,
            user: (!user.is_empty()).then(|| user.clone()),
            mounts,
            network: self.network(run.network)?,
            is_insecure: self.security(run.security)?,
            hostname: arguments.get("BUILDKIT_SANDBOX_HOSTNAME").cloned(),
            missing_devices: refuse_devices(&run.devices, self.request.refuse_devices)?,
        })
    }

    fn network(&self, network: Network) -> Result<NetworkMode> {
        let mode = match network {
            Network::Default => self.request.network,
            Network::None => NetworkMode::None,
            Network::Host => NetworkMode::Host,
        };
        if mode == NetworkMode::Host && !self.request.allow_host_network {
            return Err(BuildError::Step {
                message: "network.host is not allowed".to_owned(),
                hint: Some(
                    "Allow it with --allow network.host if you trust the Dockerfile.".to_owned(),
                ),
                excerpt: None,
            });
        }
        Ok(mode)
    }

    fn security(&self, security: Security) -> Result<bool> {
        let is_insecure = security == Security::Insecure;
        if is_insecure && !self.request.allow_insecure {
            return Err(BuildError::Step {
                message: "security.insecure is not allowed".to_owned(),
                hint: Some(
                    "Allow it with --allow security.insecure if you trust the Dockerfile."
                        .to_owned(),
                ),
                excerpt: None,
            });
        }
        Ok(is_insecure)
    }

    fn mount(
        &self,
        mount: Mount,
        cwd: &str,
        agents: &mut usize,
    ) -> std::result::Result<RunMount, RunProblem> {
        Ok(match mount {
            Mount::Bind(bind) => {
                let target = resolve_mount_target(cwd, &bind.target)?;
                let from = match &bind.from {
                    Some(name) => self.find_node(name, &bind.source)?,
                    None => copy_all(self.main, &bind.source),
                };
                RunMount::Bind {
                    from,
                    source: bind.source,
                    target,
                    read_only: bind.read_only,
                }
            }
            Mount::Cache(cache) => RunMount::Cache {
                target: resolve_mount_target(cwd, &cache.target)?,
                from: match &cache.from {
                    Some(name) => Some(self.find_node(name, &cache.source)?),
                    None => None,
                },
                mount: cache,
            },
            Mount::Tmpfs(mut tmpfs) => {
                tmpfs.target = resolve_mount_target(cwd, &tmpfs.target)?;
                RunMount::Tmpfs { mount: tmpfs }
            }
            Mount::Secret(secret) => {
                let target = secret.target.as_deref();
                RunMount::Secret {
                    target: target
                        .map(|target| resolve_mount_target(cwd, target))
                        .transpose()?,
                    mount: secret,
                }
            }
            Mount::Ssh(ssh) => {
                let number = *agents;
                *agents += 1;
                let target = match &ssh.target {
                    Some(target) => resolve_mount_target(cwd, target)?,
                    None => format!("/run/buildkit/ssh_agent.{number}"),
                };
                RunMount::Ssh {
                    mount: ssh,
                    target,
                    is_first: number == 0,
                }
            }
        })
    }

    /// `COPY --from`: a stage by name or number, a named context or an image.
    fn find_numbered(&self, name: &str) -> Result<CopyFrom> {
        match name.parse::<usize>() {
            Ok(index) => self.stage(index).map(CopyFrom::Node),
            Err(_) => self.find(name),
        }
    }

    fn find(&self, name: &str) -> Result<CopyFrom> {
        if let Some(index) = self.graph.find_stage(name)
            && index < self.stages.len()
        {
            return self.stage(index).map(CopyFrom::Node);
        }
        if name == "scratch" {
            return Ok(CopyFrom::Node(scratch()));
        }
        match self.externals.get(name) {
            Some(External::Files(context)) => Ok(CopyFrom::Context(Arc::clone(context))),
            Some(External::Image(node)) => Ok(CopyFrom::Node(Arc::clone(node))),
            None => Err(BuildError::step(format!("{name} was not resolved"))),
        }
    }

    /// As a state of files, for mounts.
    fn find_node(&self, name: &str, source: &str) -> Result<NodeRef> {
        Ok(match self.find(name)? {
            CopyFrom::Node(node) => node,
            CopyFrom::Context(context) => copy_all(&context, source),
        })
    }

    fn stage(&self, index: usize) -> Result<NodeRef> {
        let state = self.stages.get(index).and_then(Option::as_ref);
        state
            .map(|state| Arc::clone(&state.node))
            .ok_or_else(|| BuildError::step(format!("stage {index} stands below its use")))
    }
}

/// A context's files as a state: only the part that is asked for, at the same place.
pub(crate) fn copy_all(context: &Arc<FileContext>, part: &str) -> NodeRef {
    let part = part.trim_matches('/');
    let path = if part.is_empty() { "." } else { part };
    Arc::new(Node {
        name: format!("[context {}] files for a mount", context.name()),
        lines: None,
        ignore_cache: false,
        op: Op::Files(Box::new(FilesOp {
            base: scratch(),
            parts: vec![FilePart::Copy(CopyPart {
                from: CopyFrom::Context(Arc::clone(context)),
                paths: vec![path.to_owned()],
                exclude: Vec::new(),
                parents: !part.is_empty(),
                unpack: false,
                placement: Placement {
                    destination: "/".to_owned(),
                    chown: None,
                    chmod: None,
                },
            })],
            is_linked: true,
        })),
    })
}

pub(crate) fn scratch() -> NodeRef {
    Arc::new(Node {
        op: Op::Scratch,
        name: "FROM scratch".to_owned(),
        lines: None,
        ignore_cache: false,
    })
}

fn place(
    files: &FileSources,
    chown: &Option<String>,
    chmod: &Option<String>,
    state: &StageState,
) -> Placement {
    Placement {
        destination: resolve_destination(&state.workdir(), &files.destination),
        chown: chown.clone(),
        chmod: chmod.clone(),
    }
}

fn inline_parts(files: &FileSources, placement: &Placement) -> Vec<FilePart> {
    let inline = files.inline.iter();
    inline
        .map(|file| FilePart::Inline {
            name: file.name.clone(),
            content: file.content.clone(),
            placement: placement.clone(),
        })
        .collect()
}

/// Proxies that no ARG declares, and each also in the other case: some programs read `http_proxy` alone, others
/// `HTTP_PROXY`.
fn list_proxies(
    arguments: &BTreeMap<String, String>,
    env: &[(String, String)],
) -> Vec<(String, String)> {
    let given = || arguments.iter().filter(|(name, _)| is_proxy(name));
    let others = given().map(|(name, value)| {
        let upper = name.to_ascii_uppercase();
        let other = match *name == upper {
            true => name.to_ascii_lowercase(),
            false => upper,
        };
        (other, value.clone())
    });
    let own = given().map(|(name, value)| (name.clone(), value.clone()));
    let mut proxies: Vec<(String, String)> = Vec::new();
    for (name, value) in own.chain(others) {
        let mut known = env.iter().chain(&proxies);
        if !known.any(|(known, _)| *known == name) {
            proxies.push((name, value));
        }
    }
    proxies
}

fn is_proxy(name: &str) -> bool {
    is_predefined_argument(name) && name.to_ascii_uppercase().ends_with("_PROXY")
}
