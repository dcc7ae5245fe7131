//! Finding what is to be put in place, and what it amounts to: the content part of a key.

use std::fs::File;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use wharf_dockerfile::ignore::PatternSet;
use wharf_files::{
    FileHashes, HashFiles, Selected, Selection, Source, StatCache, checksum, select, select_bounded,
};
use wharf_image::Transfer as _;
use wharf_oci::{Algorithm, Digest};
use wharf_sandbox::Tree;

use super::Solver;
use crate::cache::KeyMaker;
use crate::context::{
    Checkout, Download, FileContext, Identity, KnownDownload, MAIN_CONTEXT, download_unless,
};
use crate::error::{Attempt, BuildError, Result};
use crate::jobs::{ChecksumCall, ChecksumDone, JobCall, SelectionCall, run_job};
use crate::plan::{CopyFrom, CopyPart, FilePart};

/// A part's content, known but not moved yet.
pub(crate) struct Gathered {
    /// Stands for the content in a key.
    pub(crate) content: String,
    pub(crate) pieces: Vec<Piece>,
    /// Bytes that were found, as far as files of this machine were looked through.
    bytes: u64,
    /// Alive until the files are in place.
    pub(crate) checkout: Option<Checkout>,
}

/// One way to move it.
pub(crate) enum Piece {
    Stream(Arc<Source>, Selected),
    Tree(Tree, SelectionCall),
    Archive(File),
    File(Download),
    /// Still where it came from, and unchanged there.
    Remote,
}

impl Gathered {
    /// Whether its bytes are elsewhere; its content is known all the same.
    pub(crate) fn is_remote(&self) -> bool {
        self.pieces
            .iter()
            .any(|piece| matches!(piece, Piece::Remote))
    }

    fn new(content: impl Into<String>, pieces: Vec<Piece>) -> Self {
        Self {
            content: content.into(),
            pieces,
            bytes: 0,
            checkout: None,
        }
    }
}

impl Solver {
    /// What a part comes to. What is in the network need not be fetched to know that, if `may_be_remote`.
    pub(super) async fn gather(
        self: &Arc<Self>,
        part: &FilePart,
        may_be_remote: bool,
    ) -> Result<Gathered> {
        match part {
            FilePart::Directory { .. } => Ok(Gathered::new("", Vec::new())),
            FilePart::Inline { content, .. } => {
                let digest = Digest::of(Algorithm::Sha256, content.as_bytes());
                Ok(Gathered::new(digest.to_string(), Vec::new()))
            }
            FilePart::Copy(copy) => match &copy.from {
                CopyFrom::Context(context) => self.gather_context(context, copy).await,
                CopyFrom::Node(node) => {
                    let state = self.solve(node).await?;
                    self.gather_state(&state, copy).await
                }
            },
            FilePart::Http {
                url,
                checksum,
                unpack,
                ..
            } => {
                let known = match may_be_remote {
                    true => self.find_download(url),
                    false => None,
                };
                self.gather_download(url, checksum.as_deref(), *unpack, known)
                    .await
            }
            FilePart::Git {
                url,
                keep_git_directory,
                exclude,
                ..
            } => {
                let report = self
                    .reporter
                    .start(format!("[internal] fetch {}", url.remote));
                let identity = Identity {
                    secrets: &self.secrets,
                    agent: self.request.default_agent(),
                };
                let repositories = &self.parts.repositories;
                let checkout = repositories
                    .check_out(url, *keep_git_directory, identity)
                    .await;
                report.done(&checkout);
                self.gather_checkout(checkout?, exclude).await
            }
        }
    }

    async fn gather_context(
        self: &Arc<Self>,
        context: &Arc<FileContext>,
        copy: &CopyPart,
    ) -> Result<Gathered> {
        let context = Arc::clone(context);
        let mut selection = select_call(copy).parse().map_err(BuildError::step)?;
        selection.ignore = context.ignore().cloned();
        let unpack = copy.unpack;
        let bound = self.request.limits.unpacked_files;
        let notes = self.parts.state.part("stats");
        let begun = SystemTime::now();
        let (name, item) = match context.name() {
            MAIN_CONTEXT => (
                "[internal] load build context".to_owned(),
                "transferring context".to_owned(),
            ),
            name => (
                format!("[context {name}] load from client"),
                format!("transferring {name}"),
            ),
        };
        let is_first = self.show_context(context.name());
        let work = tokio::task::spawn_blocking(move || {
            let notes = File::open(&notes).attempt(|| format!("open {}", notes.display()))?;
            let mut hashes = StatCache::new(notes.into(), begun, threads());
            let gathered = gather_files(context.source(), &selection, unpack, bound, &mut hashes)?;
            if let Err(error) = hashes.save() {
                // The next build reads the files again.
                tracing::warn!(%error, "hashes of context files were not kept");
            }
            Ok(gathered)
        });
        let work = async { work.await.attempt(|| "read the build context".to_owned())? };
        if !is_first {
            return self.reporter.show_if_slow(&name, work).await;
        }
        let report = self.reporter.start(name);
        let gathered = work.await;
        if let Ok(gathered) = &gathered {
            report.moved(&item, gathered.bytes, None);
        }
        report.done(&gathered);
        gathered
    }

    async fn gather_state(
        self: &Arc<Self>,
        state: &super::FileState,
        copy: &CopyPart,
    ) -> Result<Gathered> {
        let selection = select_call(copy);
        let with_owners = copy.placement.chown.is_none();
        let key = KeyMaker::new("sum")
            .with("state", &state.id)
            .with("selection", &selection)
            .with("owners", with_owners)
            .make();
        let note = self.parts.state.part("sums").join(key.as_str());
        let tree = self.tree(state).await?;
        // The same files were summed before: a state never changes.
        if let Ok(known) = std::fs::read_to_string(&note)
            && known.parse::<Digest>().is_ok()
        {
            return Ok(Gathered::new(known, vec![Piece::Tree(tree, selection)]));
        }
        let call = JobCall::Checksum(ChecksumCall {
            selection: selection.clone(),
            with_owners,
        });
        let (parts, ids, summed) = (Arc::clone(&self.parts), Arc::clone(&self.ids), tree.clone());
        let done: ChecksumDone = tokio::task::spawn_blocking(move || {
            run_job(&parts.sandbox, &ids, &call, vec![summed], Vec::new())
        })
        .await
        .attempt(|| "sum up files".to_owned())??;
        self.parts
            .state
            .write_file(&note, done.digest.as_bytes())
            .attempt(|| "note a checksum".to_owned())?;
        Ok(Gathered::new(
            done.digest,
            vec![Piece::Tree(tree, selection)],
        ))
    }

    async fn gather_download(
        &self,
        url: &str,
        checksum: Option<&str>,
        unpack: bool,
        known: Option<KnownDownload>,
    ) -> Result<Gathered> {
        let report = self.reporter.start(format!("[internal] download {url}"));
        let (egress, secrets) = (&self.parts.egress, &self.secrets);
        let fetched = download_unless(known.as_ref(), url, egress, secrets, &report).await;
        report.done(&fetched);
        let fetched = fetched?;
        let known = match &fetched {
            Some(download) => download.known(),
            None => known,
        };
        if let Some(known) = &known {
            self.note_download(url, known);
        }
        let found = match (&fetched, &known) {
            (Some(download), _) => (&download.digest, &download.name, download.modified),
            (None, Some(known)) => (&known.digest, &known.name, known.modified),
            (None, None) => return Err(BuildError::step(format!("{url} was not fetched"))),
        };
        let (digest, name, modified) = found;
        if let Some(expected) = checksum
            && digest.to_string() != expected
        {
            return Err(BuildError::step(format!(
                "digest mismatch {digest}: {expected}"
            )));
        }
        let content = format!("{digest} {name} {modified:?}");
        let Some(fetched) = fetched else {
            return Ok(Gathered::new(content, vec![Piece::Remote]));
        };
        let file = File::open(fetched.file.path()).attempt(|| "open a download".to_owned())?;
        let piece = if unpack && wharf_layer::is_tar(file) {
            Piece::Archive(
                File::open(fetched.file.path()).attempt(|| "open a download".to_owned())?,
            )
        } else {
            Piece::File(fetched)
        };
        Ok(Gathered::new(content, vec![piece]))
    }

    /// What is known of an address in this build's scope.
    fn find_download(&self, url: &str) -> Option<KnownDownload> {
        let bytes = std::fs::read(self.download_note(url)).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// Notes it for the next build, which fetches it again if that fails.
    fn note_download(&self, url: &str, known: &KnownDownload) {
        if let Ok(bytes) = serde_json::to_vec(known) {
            let _ = self
                .parts
                .state
                .write_file(&self.download_note(url), &bytes);
        }
    }

    fn download_note(&self, url: &str) -> PathBuf {
        let key = KeyMaker::new("download")
            .with("scope", &self.request.cache_scope)
            .with("url", url)
            .make();
        self.parts.state.part("downloads").join(key.as_str())
    }

    async fn gather_checkout(&self, checkout: Checkout, exclude: &[String]) -> Result<Gathered> {
        let folder = checkout.folder.path().join(&checkout.part);
        let root = File::open(&folder).attempt(|| "open a checkout".to_owned())?;
        let excludes = exclude.iter().map(String::as_str);
        let selection = Selection {
            sources: vec!["/".to_owned()],
            excludes: PatternSet::new(excludes)
                .map_err(|problem| BuildError::step(problem.to_string()))?,
            ignore: None,
            parents: false,
        };
        let gathered = tokio::task::spawn_blocking(move || {
            let mut hashes = HashFiles { threads: threads() };
            let source = Arc::new(Source::context(root.into()));
            gather_files(&source, &selection, false, None, &mut hashes)
        })
        .await
        .attempt(|| "read a checkout".to_owned())??;
        Ok(Gathered {
            content: format!("{} {}", checkout.commit, gathered.content),
            checkout: Some(checkout),
            ..gathered
        })
    }
}

fn select_call(copy: &CopyPart) -> SelectionCall {
    SelectionCall {
        sources: copy.paths.clone(),
        excludes: copy.exclude.clone(),
        parents: copy.parents,
    }
}

fn threads() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// Selects and sums up files of this machine; archives are set apart if they are to be taken apart. Blocks.
fn gather_files(
    source: &Arc<Source>,
    selection: &Selection,
    unpack: bool,
    bound: Option<u64>,
    hashes: &mut dyn FileHashes,
) -> Result<Gathered> {
    let selected = match bound {
        Some(bound) => select_bounded(source, selection, bound),
        None => select(source, selection),
    };
    let selected = selected.map_err(refuse)?;
    let bytes = selected.bytes();
    let digest = checksum(source, &selected, false, hashes).map_err(refuse)?;
    let mut pieces = Vec::new();
    let mut plain = Selected::default();
    for part in selected.parts {
        let archive = match unpack && part.is_file() {
            true => open_archive(source, &part)?,
            false => None,
        };
        match archive {
            None => plain.parts.push(part),
            Some(file) => {
                push_plain(&mut pieces, source, &mut plain);
                pieces.push(Piece::Archive(file));
            }
        }
    }
    push_plain(&mut pieces, source, &mut plain);
    Ok(Gathered {
        bytes,
        ..Gathered::new(digest.to_string(), pieces)
    })
}

/// What is wrong with the files, and what to do about it.
fn refuse(error: wharf_files::Error) -> BuildError {
    let hint = match &error {
        wharf_files::Error::TooMany { .. } => Some(
            "list what the build does not need in .dockerignore, or raise [build] unpacked_files"
                .to_owned(),
        ),
        error => error.hint().map(str::to_owned),
    };
    BuildError::Step {
        message: error.to_string(),
        hint,
        excerpt: None,
    }
}

fn push_plain(pieces: &mut Vec<Piece>, source: &Arc<Source>, plain: &mut Selected) {
    let plain = std::mem::take(plain);
    if !plain.parts.is_empty() {
        pieces.push(Piece::Stream(Arc::clone(source), plain));
    }
}

/// The file of a part, if it is an archive.
fn open_archive(source: &Source, part: &wharf_files::Part) -> Result<Option<File>> {
    let open = || {
        let opened = part.open(source);
        opened
            .map(File::from)
            .map_err(|error| BuildError::step(error.to_string()))
    };
    match wharf_layer::is_tar(open()?) {
        true => open().map(Some),
        false => Ok(None),
    }
}
