//! Putting files in place, and finding out what files of a state amount to.

use std::io;
use std::num::NonZeroUsize;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use serde::{Deserialize, Serialize};
use wharf_dockerfile::ignore::PatternSet;
use wharf_dockerfile::values::{ModeChange, Owner};
use wharf_files::{
    DirectoryOptions, HashFiles, InlineFile, Message, Placement, Port, Selection, Source, Time,
    checksum, copy_within, make_directory, receive, select, write_file,
};
use wharf_layer::{ApplyOptions, Decoder, Ownership, apply};
use wharf_sandbox::{Channel, JobContext};

use super::{UnpackLimits, explain, explain_layer};

/// Does its actions in order on tree 0.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct FilesCall {
    pub(crate) actions: Vec<Action>,
}

/// One of them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Action {
    /// Files that the caller streams through the channel.
    Receive { placement: PlacementCall },
    /// Files of another tree.
    CopyTree {
        source: TreeSource,
        selection: SelectionCall,
        placement: PlacementCall,
    },
    /// A file with this content, or with that of a descriptor.
    WriteFile {
        name: String,
        content: String,
        descriptor: Option<usize>,
        mode: u32,
        seconds: Option<i64>,
        placement: PlacementCall,
    },
    /// What an archive, which a descriptor holds, unpacks to.
    Unpack {
        descriptor: usize,
        placement: PlacementCall,
        limits: UnpackLimits,
    },
    /// A directory, with those above it.
    MakeDirectory {
        path: String,
        owner: Owners,
        mode: u32,
        seconds: Option<i64>,
    },
}

/// A tree of the job.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct TreeSource {
    pub(crate) tree: usize,
}

/// Whose something becomes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Owners {
    /// `user[:group]`; none keeps what the source says, or is root.
    pub(crate) chown: Option<String>,
    /// Whether names can be looked up.
    pub(crate) has_accounts: bool,
}

impl Owners {
    pub(crate) fn of_ids(uid: u32, gid: u32) -> Self {
        Self {
            chown: Some(format!("{uid}:{gid}")),
            has_accounts: false,
        }
    }

    fn parse(&self) -> Result<Option<Owner>, String> {
        match &self.chown {
            None => Ok(None),
            Some(text) => Owner::parse(text)
                .map(Some)
                .ok_or_else(|| format!("invalid owner: {text}")),
        }
    }
}

/// [`Placement`], in a form that travels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PlacementCall {
    pub(crate) destination: String,
    pub(crate) owner: Owners,
    pub(crate) chmod: Option<String>,
}

impl PlacementCall {
    fn parse(&self) -> Result<Placement, String> {
        let mode = self.chmod.as_deref().map(ModeChange::parse).transpose();
        Ok(Placement {
            destination: self.destination.clone(),
            owner: self.owner.parse()?,
            mode: mode.map_err(|problem| problem.to_string())?,
            has_accounts: self.owner.has_accounts,
        })
    }
}

/// [`Selection`], in a form that travels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SelectionCall {
    pub(crate) sources: Vec<String>,
    pub(crate) excludes: Vec<String>,
    pub(crate) parents: bool,
}

impl SelectionCall {
    pub(crate) fn parse(&self) -> Result<Selection, String> {
        let excludes = self.excludes.iter().map(String::as_str);
        Ok(Selection {
            sources: self.sources.clone(),
            excludes: PatternSet::new(excludes).map_err(|problem| problem.to_string())?,
            ignore: None,
            parents: self.parents,
        })
    }
}

impl Action {
    /// Everything of a part of a tree.
    pub(crate) fn copy_tree(source: TreeSource, part: &str, destination: &str) -> Self {
        let part = if part.is_empty() { "/" } else { part };
        Self::CopyTree {
            source,
            selection: SelectionCall {
                sources: vec![part.to_owned()],
                excludes: Vec::new(),
                parents: false,
            },
            placement: PlacementCall {
                destination: format!("{destination}/"),
                owner: Owners::default(),
                chmod: None,
            },
        }
    }
}

/// That it was done.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct FilesDone {
    pub(crate) files: u64,
    pub(crate) bytes: u64,
}

impl FilesCall {
    pub(super) fn run(self, context: JobContext) -> Result<FilesDone, String> {
        let mut done = FilesDone { files: 0, bytes: 0 };
        let mut work = Work {
            root: context.trees.first().ok_or("the tree is missing")?,
            trees: &context.trees,
            fds: &context.fds,
            port: context.channel.as_ref().map(ChannelPort),
        };
        for action in &self.actions {
            let (files, bytes) = work.act(action)?;
            done.files += files;
            done.bytes += bytes;
        }
        Ok(done)
    }
}

struct Work<'c> {
    root: &'c OwnedFd,
    trees: &'c [OwnedFd],
    fds: &'c [OwnedFd],
    port: Option<ChannelPort<'c>>,
}

impl Work<'_> {
    fn act(&mut self, action: &Action) -> Result<(u64, u64), String> {
        let root = self.root.as_fd();
        let placed = match action {
            Action::Receive { placement } => {
                let port = self.port.as_ref().ok_or("the channel is missing")?;
                receive(port, root, &placement.parse()?)
            }
            Action::CopyTree {
                source,
                selection,
                placement,
            } => {
                let source = Source::tree(self.copy_tree(*source)?);
                let selected =
                    select(&source, &selection.parse()?).map_err(|error| explain(&error))?;
                copy_within(&source, &selected, root, &placement.parse()?)
            }
            Action::WriteFile {
                name,
                content,
                descriptor,
                mode,
                seconds,
                placement,
            } => {
                let file = match descriptor {
                    Some(number) => Some(self.descriptor(*number)?),
                    None => None,
                };
                let inline = InlineFile {
                    name,
                    mode: *mode,
                    mtime: seconds.map(at_second),
                    file,
                    bytes: content.as_bytes(),
                };
                write_file(root, &placement.parse()?, &inline)
            }
            Action::Unpack {
                descriptor,
                placement,
                limits,
            } => return self.unpack(*descriptor, placement, *limits),
            Action::MakeDirectory {
                path,
                owner,
                mode,
                seconds,
            } => {
                let options = DirectoryOptions {
                    owner: owner.parse()?,
                    mode: *mode,
                    time: seconds.map(at_second),
                    has_accounts: owner.has_accounts,
                };
                make_directory(root, path, &options).map_err(|error| explain(&error))?;
                return Ok((0, 0));
            }
        };
        let placed = placed.map_err(|error| explain(&error))?;
        Ok((placed.files, placed.bytes))
    }

    fn unpack(
        &self,
        descriptor: usize,
        placement: &PlacementCall,
        limits: UnpackLimits,
    ) -> Result<(u64, u64), String> {
        let owner = placement.owner.parse()?;
        let options = DirectoryOptions {
            owner: owner.clone(),
            mode: 0o755,
            time: None,
            has_accounts: placement.owner.has_accounts,
        };
        let folder = make_directory(self.root.as_fd(), &placement.destination, &options)
            .map_err(|error| explain(&error))?;
        let file = std::fs::File::from(
            self.descriptor(descriptor)?
                .try_clone_to_owned()
                .map_err(|error| format!("share an archive: {error}"))?,
        );
        let mut limits = limits.to_limits();
        let decoder =
            Decoder::new(file, &limits).map_err(|error| format!("open an archive: {error}"))?;
        let mut how = ApplyOptions::archive();
        if let Some(owner) = owner {
            let (uid, gid) =
                wharf_files::resolve_owner(self.root.as_fd(), &owner, placement.owner.has_accounts)
                    .map_err(|error| explain(&error))?;
            how.ownership = Ownership::Fixed { uid, gid };
        }
        let applied = apply(decoder, folder.as_fd(), &how, &mut limits)
            .map_err(|error| explain_layer(&error))?;
        // Also when everything went into directories that were there: BuildKit touches the destination itself.
        let now = rustix::fs::Timespec {
            tv_sec: 0,
            tv_nsec: rustix::fs::UTIME_NOW,
        };
        let times = rustix::fs::Timestamps {
            last_access: now,
            last_modification: now,
        };
        rustix::fs::futimens(&folder, &times)
            .map_err(|error| format!("set the time of the destination: {error}"))?;
        Ok((applied.entries, applied.bytes))
    }

    fn descriptor(&self, number: usize) -> Result<BorrowedFd<'_>, String> {
        let found = self.fds.get(number).map(AsFd::as_fd);
        found.ok_or_else(|| format!("descriptor {number} of the job is missing"))
    }

    fn copy_tree(&self, source: TreeSource) -> Result<OwnedFd, String> {
        let tree = self.trees.get(source.tree).ok_or("a tree is missing")?;
        tree.try_clone()
            .map_err(|error| format!("share a tree: {error}"))
    }
}

fn at_second(seconds: i64) -> Time {
    Time {
        seconds,
        nanoseconds: 0,
    }
}

/// A channel of the sandbox as files need it.
pub(crate) struct ChannelPort<'c>(pub(crate) &'c Channel);

impl Port for ChannelPort<'_> {
    fn send(&self, bytes: &[u8], fds: &[BorrowedFd<'_>]) -> io::Result<()> {
        self.0.send(bytes, fds)
    }

    fn receive(&self) -> io::Result<Option<Message>> {
        let message = self.0.receive()?;
        Ok(message.map(|message| Message {
            bytes: message.bytes,
            fds: message.fds,
        }))
    }
}

/// Finds out what selected files of tree 0 amount to.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ChecksumCall {
    pub(crate) selection: SelectionCall,
    /// Owners count: nothing replaces them.
    pub(crate) with_owners: bool,
}

/// The answer: a digest.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ChecksumDone {
    pub(crate) digest: String,
}

impl ChecksumCall {
    pub(super) fn run(self, context: JobContext) -> Result<ChecksumDone, String> {
        let tree = context
            .trees
            .into_iter()
            .next()
            .ok_or("the tree is missing")?;
        let source = Source::tree(tree);
        let selected =
            select(&source, &self.selection.parse()?).map_err(|error| explain(&error))?;
        let mut hashes = HashFiles {
            threads: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
        };
        let digest = checksum(&source, &selected, self.with_owners, &mut hashes)
            .map_err(|error| explain(&error))?;
        Ok(ChecksumDone {
            digest: digest.to_string(),
        })
    }
}
