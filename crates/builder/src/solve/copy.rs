//! COPY, ADD and WORKDIR: files put in place, once their content is known.

use std::collections::BTreeSet;
use std::fs::File;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use wharf_files::{Selected, Source, send};
use wharf_sandbox::Tree;

use super::Solver;
use super::gather::{Gathered, Piece};
use super::layer::FileState;
use super::outcome::{Claim, Finished};
use crate::cache::{Key, KeyMaker};
use crate::context::Checkout;
use crate::error::{Attempt, BuildError, Result};
use crate::jobs::{
    Action, ChannelPort, FilesCall, FilesDone, JobCall, Owners, PlacementCall, UnpackLimits,
    explain_job, make_job, read_reply,
};
use crate::plan::{FilePart, FilesOp, NodeRef, Op, Placement};

/// What the helper is to do, and what it is given for it.
#[derive(Default)]
pub(crate) struct Work {
    pub(crate) actions: Vec<Action>,
    pub(crate) trees: Vec<Tree>,
    pub(crate) fds: Vec<OwnedFd>,
    /// Streamed in order, one for each [`Action::Receive`].
    pub(crate) streams: Vec<(Arc<Source>, Selected)>,
    /// Folders that streams read from.
    pub(crate) checkouts: Vec<Checkout>,
}

impl Solver {
    /// Puts files in place, unless the result is known.
    pub(crate) async fn put_files(
        self: &Arc<Self>,
        node: &NodeRef,
        op: &FilesOp,
    ) -> Result<FileState> {
        let base = self.solve(&op.base).await?;
        let mut gathered = Vec::new();
        for part in &op.parts {
            gathered.push(self.gather(part, true).await?);
        }
        let (key, gate) = loop {
            let key = self.files_key(op, &base, &gathered);
            match self.claim(node, &key, &base).await? {
                Claim::Known(state) => return Ok(state),
                Claim::Ours(gate) if !gathered.iter().any(Gathered::is_remote) => {
                    break (key, gate);
                }
                // Nobody has the result, so the bytes are needed; they may be others by now.
                Claim::Ours(_) => self.fetch_remote(op, &mut gathered).await?,
            }
        };
        let _turn = self.take_turn().await?;
        let below = if op.is_linked {
            Vec::new()
        } else {
            self.unless_stopped(self.folders(&base)).await??
        };
        let snapshot = self
            .parts
            .state
            .make_snapshot()
            .attempt(|| "make a snapshot".to_owned())?;
        let report = self.reporter.start(node.name.clone());
        let root = Tree::writable(below.clone(), snapshot.folder());
        let work = self.assemble(op, gathered, root).await;
        let done = match work {
            Ok(work) => self.place(work).await,
            Err(error) => Err(error),
        };
        report.done(&done);
        done?;
        Ok(self.keep_result(
            &base,
            Finished {
                key,
                snapshot: snapshot.keep(),
                below,
                stubs: BTreeSet::new(),
                description: node.name.clone(),
                gate,
            },
        ))
    }

    fn files_key(&self, op: &FilesOp, base: &FileState, gathered: &[Gathered]) -> Key {
        let contents: Vec<&str> = gathered.iter().map(|part| part.content.as_str()).collect();
        let placements: Vec<serde_json::Value> = op.parts.iter().map(describe_part).collect();
        let below = if op.is_linked { None } else { Some(&base.id) };
        KeyMaker::new("files")
            .with("base", below)
            .with("contents", contents)
            .with("parts", placements)
            .with("form", self.layer_form())
            .make()
    }

    /// Fetches what was left where it is.
    async fn fetch_remote(self: &Arc<Self>, op: &FilesOp, gathered: &mut [Gathered]) -> Result<()> {
        for (part, found) in op.parts.iter().zip(gathered) {
            if found.is_remote() {
                *found = self.gather(part, false).await?;
            }
        }
        Ok(())
    }

    /// Turns parts and what was gathered for them into actions.
    async fn assemble(
        self: &Arc<Self>,
        op: &FilesOp,
        gathered: Vec<Gathered>,
        root: Tree,
    ) -> Result<Work> {
        let mut work = Work {
            trees: vec![root],
            ..Work::default()
        };
        let has_accounts = !op.is_linked && !matches!(op.base.op, Op::Scratch);
        for (part, found) in op.parts.iter().zip(gathered) {
            match part {
                FilePart::Directory { path, owner } => work.actions.push(Action::MakeDirectory {
                    path: path.clone(),
                    owner: Owners {
                        chown: owner.clone(),
                        has_accounts,
                    },
                    mode: 0o755,
                    seconds: self.source_date,
                }),
                FilePart::Inline {
                    name,
                    content,
                    placement,
                } => work.actions.push(Action::WriteFile {
                    name: name.clone(),
                    content: content.clone(),
                    descriptor: None,
                    mode: 0o644,
                    seconds: self.source_date,
                    placement: call(placement, has_accounts),
                }),
                FilePart::Copy(_) | FilePart::Http { .. } | FilePart::Git { .. } => {
                    let placement = placement_of(part, has_accounts);
                    self.add_found(&mut work, found, placement)?;
                }
            }
        }
        Ok(work)
    }

    /// Adds what was gathered: streamed, copied from a tree, or handed over as descriptors.
    fn add_found(&self, work: &mut Work, found: Gathered, placement: PlacementCall) -> Result<()> {
        work.checkouts.extend(found.checkout);
        for piece in found.pieces {
            match piece {
                Piece::Stream(source, selected) => {
                    work.streams.push((source, selected));
                    work.actions.push(Action::Receive {
                        placement: placement.clone(),
                    });
                }
                Piece::Tree(tree, selection) => {
                    work.trees.push(tree);
                    work.actions.push(Action::CopyTree {
                        source: crate::jobs::TreeSource {
                            tree: work.trees.len() - 1,
                        },
                        selection,
                        placement: placement.clone(),
                    });
                }
                Piece::Archive(file) => {
                    work.actions.push(Action::Unpack {
                        descriptor: work.fds.len(),
                        placement: placement.clone(),
                        limits: UnpackLimits {
                            bytes: self.request.limits.unpacked_bytes,
                            files: self.request.limits.unpacked_files,
                        },
                    });
                    work.fds.push(file.into());
                }
                Piece::Remote => return Err(BuildError::step("a file was not fetched")),
                Piece::File(download) => {
                    let file = File::open(download.file.path())
                        .attempt(|| "open a download".to_owned())?;
                    work.actions.push(Action::WriteFile {
                        name: download.name.clone(),
                        content: String::new(),
                        descriptor: Some(work.fds.len()),
                        mode: 0o600,
                        // Without `Last-Modified` it is as old as can be, so that two builds agree.
                        seconds: Some(download.modified.map_or(0, jiff::Timestamp::as_second)),
                        placement: placement.clone(),
                    });
                    work.fds.push(file.into());
                }
            }
        }
        Ok(())
    }

    async fn place(self: &Arc<Self>, work: Work) -> Result<FilesDone> {
        let (parts, ids) = (Arc::clone(&self.parts), Arc::clone(&self.ids));
        let call = JobCall::Files(FilesCall {
            actions: work.actions,
        });
        tokio::task::spawn_blocking(move || {
            let mut job = make_job(&call, work.trees, work.fds)?;
            job.has_channel = !work.streams.is_empty();
            let mut running = parts.sandbox.start_job(&ids, job).map_err(explain_job)?;
            let channel = running.take_channel();
            let mut sent = Ok(());
            if let Some(channel) = &channel {
                for (source, selected) in &work.streams {
                    sent = send(source, selected, &ChannelPort(channel));
                    if sent.is_err() {
                        break;
                    }
                }
            }
            drop(channel);
            // If both sides complain, the helper's words say what was wrong; ours only that it was gone.
            let reply = running.wait().map_err(explain_job);
            drop(work.checkouts);
            match (reply, sent) {
                (Ok(reply), Ok(())) => read_reply(&reply),
                (_, Err(error @ wharf_files::Error::Changed { .. })) => {
                    Err(BuildError::step(error.to_string()))
                }
                (Err(error), _) => Err(error),
                (Ok(_), Err(error)) => Err(BuildError::step(error.to_string())),
            }
        })
        .await
        .attempt(|| "put files in place".to_owned())?
    }
}

fn placement_of(part: &FilePart, has_accounts: bool) -> PlacementCall {
    match part {
        FilePart::Copy(copy) => call(&copy.placement, has_accounts),
        FilePart::Inline { placement, .. }
        | FilePart::Http { placement, .. }
        | FilePart::Git { placement, .. } => call(placement, has_accounts),
        FilePart::Directory { path, owner } => PlacementCall {
            destination: path.clone(),
            owner: Owners {
                chown: owner.clone(),
                has_accounts,
            },
            chmod: None,
        },
    }
}

fn call(placement: &Placement, has_accounts: bool) -> PlacementCall {
    PlacementCall {
        destination: placement.destination.clone(),
        owner: Owners {
            chown: placement.chown.clone(),
            has_accounts,
        },
        chmod: placement.chmod.clone(),
    }
}

/// What a key needs of a part beside its content.
fn describe_part(part: &FilePart) -> serde_json::Value {
    match part {
        FilePart::Copy(copy) => serde_json::json!(["copy", copy.unpack, copy.placement]),
        FilePart::Inline {
            name, placement, ..
        } => serde_json::json!(["inline", name, placement]),
        FilePart::Http {
            unpack, placement, ..
        } => serde_json::json!(["http", unpack, placement]),
        FilePart::Git {
            placement, exclude, ..
        } => serde_json::json!(["git", placement, exclude]),
        FilePart::Directory { path, owner } => serde_json::json!(["directory", path, owner]),
    }
}
