//! What RUN mounts, made ready: cache folders, secrets, writable copies.

use std::fs::{File, FileTimes};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use rustix::fs::{FlockOperation, flock};
use tokio::sync::OwnedMutexGuard;
use wharf_dockerfile::instruction::{CacheMount, SecretMount, Sharing, SshMount};
use wharf_sandbox::{Mount, Tree};

use super::Solver;
use super::layer::FileState;
use crate::cache::KeyMaker;
use crate::error::{Attempt, BuildError, Result};
use crate::jobs::{Action, FilesCall, FilesDone, JobCall, Owners, TreeSource, run_job};
use crate::plan::{Node, RunMount, RunOp};
use crate::state::{PendingSnapshot, StateFolder, make_name, remove_snapshot};

/// Mounts and what they need to stay alive while the command runs.
#[derive(Default)]
pub(crate) struct PreparedMounts {
    pub(crate) mounts: Vec<Mount>,
    /// Variables that secrets and agents add.
    pub(crate) env: Vec<(String, String)>,
    /// Upper folders of writable binds: what is written there is thrown away.
    _discarded: Vec<PendingSnapshot>,
    /// Locks of caches that are used by one step at a time.
    _locks: Vec<CacheLock>,
}

/// Keeps a cache folder to one step, in this process and in others.
struct CacheLock {
    _gate: OwnedMutexGuard<()>,
    _file: File,
}

/// The largest secret; BuildKit's bound.
const MAX_SECRET: usize = 500 * 1024;

impl Solver {
    pub(super) async fn prepare_mounts(
        self: &Arc<Self>,
        node: &Node,
        op: &RunOp,
        sources: &[Option<FileState>],
    ) -> Result<PreparedMounts> {
        let mut ready = PreparedMounts::default();
        if let Some(script) = &op.script {
            ready.mounts.push(Mount::File {
                content: script.content.clone().into_bytes(),
                is_program: true,
                target: format!("/dev/pipes/{}", script.name),
                mode: 0o755,
                uid: 0,
                gid: 0,
            });
        }
        for (mount, state) in op.mounts.iter().zip(sources) {
            match mount {
                RunMount::Bind {
                    source,
                    target,
                    read_only,
                    ..
                } => {
                    let state = state.as_ref().ok_or_else(unsolved)?;
                    let mut tree = self.tree(state).await?;
                    if !read_only {
                        let snapshot = self
                            .parts
                            .state
                            .make_snapshot()
                            .attempt(|| "make a snapshot".to_owned())?;
                        tree = Tree::writable(tree.lowers, snapshot.folder());
                        ready._discarded.push(snapshot);
                    }
                    ready.mounts.push(Mount::Bind {
                        tree,
                        source: source.clone(),
                        target: target.clone(),
                    });
                }
                RunMount::Cache { mount, target, .. } => {
                    let cache = self
                        .add_cache(&mut ready, mount, target, state.as_ref(), node.ignore_cache)
                        .await?;
                    ready.mounts.push(cache);
                }
                RunMount::Tmpfs { mount } => ready.mounts.push(Mount::Tmpfs {
                    target: mount.target.clone(),
                    size: mount.size,
                }),
                RunMount::Secret { mount, target } => {
                    self.add_secret(&mut ready, mount, target.as_deref())?;
                }
                RunMount::Ssh {
                    mount,
                    target,
                    is_first,
                } => self.add_agent(&mut ready, mount, target, *is_first)?,
            }
        }
        Ok(ready)
    }

    fn add_secret(
        &self,
        ready: &mut PreparedMounts,
        mount: &SecretMount,
        target: Option<&str>,
    ) -> Result<()> {
        let Some(bytes) = self.secrets.read(&mount.id)? else {
            if mount.required {
                return Err(BuildError::Step {
                    message: format!("secret {}: not found", mount.id),
                    hint: Some(format!(
                        "Give it with --secret id={},src=FILE or --secret id={},env=NAME.",
                        mount.id, mount.id
                    )),
                    excerpt: None,
                });
            }
            // A variable is there all the same, empty; a file is not.
            let empty = mount.env.clone().map(|name| (name, String::new()));
            ready.env.extend(empty);
            return Ok(());
        };
        if bytes.len() > MAX_SECRET {
            return Err(BuildError::step(format!(
                "the secret {} is larger than {MAX_SECRET} bytes",
                mount.id
            )));
        }
        if let Some(name) = &mount.env {
            let value = String::from_utf8_lossy(&bytes).into_owned();
            ready.env.push((name.clone(), value));
        }
        if let Some(target) = target {
            ready.mounts.push(Mount::File {
                content: bytes,
                is_program: false,
                target: target.to_owned(),
                mode: mount.access.mode.unwrap_or(0o400),
                uid: mount.access.uid.unwrap_or(0),
                gid: mount.access.gid.unwrap_or(0),
            });
        }
        Ok(())
    }

    fn add_agent(
        &self,
        ready: &mut PreparedMounts,
        mount: &SshMount,
        target: &str,
        is_first: bool,
    ) -> Result<()> {
        if is_first {
            // Also when there is no agent: a program then says so, and not that it was not told of any.
            let variable = ("SSH_AUTH_SOCK".to_owned(), target.to_owned());
            ready.env.push(variable);
        }
        let Some(agent) = self.request.ssh_agents.get(&mount.id) else {
            if mount.required {
                return Err(BuildError::Step {
                    message: format!("ssh agent {}: not found", mount.id),
                    hint: Some(format!("Give it with --ssh {}.", mount.id)),
                    excerpt: None,
                });
            }
            return Ok(());
        };
        ready.mounts.push(Mount::SshSocket {
            agent: agent.clone(),
            target: target.to_owned(),
            mode: mount.access.mode.unwrap_or(0o600),
            uid: mount.access.uid.unwrap_or(0),
            gid: mount.access.gid.unwrap_or(0),
        });
        Ok(())
    }

    async fn add_cache(
        self: &Arc<Self>,
        ready: &mut PreparedMounts,
        mount: &CacheMount,
        target: &str,
        from: Option<&FileState>,
        ignore_cache: bool,
    ) -> Result<Mount> {
        let namespace = self.request.build_args.get("BUILDKIT_CACHE_MOUNT_NS");
        // A hash: an id is text from a Dockerfile and must never be part of a path (C03).
        let key = KeyMaker::new("cache mount")
            .with("scope", &self.request.cache_scope)
            .with("namespace", namespace)
            .with("id", &mount.id)
            .with("from", from.map(|state| &state.id))
            .make();
        let root = self.parts.state.part("mounts").join(key.as_str());
        let (folder, lock) = match mount.sharing {
            Sharing::Shared => (root.join("0"), None),
            Sharing::Locked => {
                let folder = root.join("0");
                let lock = self.lock_cache(&folder).await?;
                (folder, Some(lock))
            }
            Sharing::Private => {
                let (folder, lock) = self.take_private(&root).await?;
                (folder, Some(lock))
            }
        };
        let content = folder.join("content");
        // `--no-cache` means an empty cache as well, once for all steps of the build that share it.
        if ignore_cache && self.empties(&key) {
            discard(&self.parts.state, &content).attempt(|| "empty a cache mount".to_owned())?;
        }
        if !content.join("root").is_dir() {
            let _alone = self
                .parts
                .gates
                .enter(&format!("make {}", folder.display()))
                .await;
            if !content.join("root").is_dir() {
                self.make_cache(&content, mount, from).await?;
            }
        }
        mark_used(&folder);
        ready._locks.extend(lock);
        Ok(Mount::Cache {
            folder: content.join("root"),
            source: String::new(),
            target: target.to_owned(),
            read_only: mount.read_only,
        })
    }

    /// Waits for a cache folder.
    async fn lock_cache(&self, folder: &Path) -> Result<CacheLock> {
        let gate = self
            .parts
            .gates
            .enter(&format!("cache {}", folder.display()))
            .await;
        let folder = folder.to_owned();
        let file = tokio::task::spawn_blocking(move || -> std::io::Result<File> {
            let file = open_lock(&folder)?;
            flock(&file, FlockOperation::LockExclusive)?;
            Ok(file)
        });
        let file = file
            .await
            .attempt(|| "wait for a cache mount".to_owned())?
            .attempt(|| "lock a cache mount".to_owned())?;
        Ok(CacheLock {
            _gate: gate,
            _file: file,
        })
    }

    /// The first folder that no other step uses.
    async fn take_private(&self, root: &Path) -> Result<(PathBuf, CacheLock)> {
        for number in 0.. {
            let folder = root.join(number.to_string());
            let Some(gate) = self
                .parts
                .gates
                .try_enter(&format!("cache {}", folder.display()))
            else {
                continue;
            };
            let file = open_lock(&folder).attempt(|| "open a cache mount".to_owned())?;
            if flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok() {
                return Ok((
                    folder,
                    CacheLock {
                        _gate: gate,
                        _file: file,
                    },
                ));
            }
        }
        Err(BuildError::step("no cache folder is free"))
    }

    /// Makes a new cache folder with the owner and mode that the mount asks for, holding what `from` has.
    async fn make_cache(
        self: &Arc<Self>,
        content: &Path,
        mount: &CacheMount,
        from: Option<&FileState>,
    ) -> Result<()> {
        std::fs::create_dir_all(content)
            .and_then(|()| self.parts.state.give_to_steps(content))
            .attempt(|| "make a cache mount".to_owned())?;
        let access = &mount.access;
        let mut actions = vec![Action::MakeDirectory {
            path: "/root".to_owned(),
            owner: Owners::of_ids(access.uid.unwrap_or(0), access.gid.unwrap_or(0)),
            mode: access.mode.unwrap_or(0o755),
            seconds: None,
        }];
        let mut trees = vec![Tree::in_place(content)];
        if let Some(state) = from {
            trees.push(self.tree(state).await?);
            actions.push(Action::copy_tree(
                TreeSource { tree: 1 },
                &mount.source,
                "/root",
            ));
        }
        let call = JobCall::Files(FilesCall { actions });
        let (parts, ids) = (Arc::clone(&self.parts), Arc::clone(&self.ids));
        tokio::task::spawn_blocking(move || {
            run_job::<FilesDone>(&parts.sandbox, &ids, &call, trees, Vec::new())
        })
        .await
        .attempt(|| "make a cache mount".to_owned())??;
        Ok(())
    }
}

/// Takes a cache's content away. It is deleted as far as this user can; the rest is for pruning.
pub(super) fn discard(state: &StateFolder, content: &Path) -> std::io::Result<()> {
    let away = state.snapshot(&make_name());
    match std::fs::rename(content, &away) {
        Ok(()) => remove_snapshot(&away),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    Ok(())
}

/// Its folder's time is when a cache was last used; one that cannot be set makes it look older than it is.
fn mark_used(folder: &Path) {
    if let Ok(file) = File::open(folder) {
        let _ = file.set_times(FileTimes::new().set_modified(SystemTime::now()));
    }
}

fn open_lock(folder: &Path) -> std::io::Result<File> {
    std::fs::create_dir_all(folder)?;
    File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(folder.join("lock"))
}

fn unsolved() -> BuildError {
    BuildError::step("a mount's files were not made")
}
