//! From what is to be built to a folder, and to the Dockerfile and context in it.
//!
//! Whatever was cloned or uploaded may hold links to anywhere: paths are resolved beneath its root.

use std::fs::{self, File};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags, ResolveFlags};
use wharf_builder::request::{ContextSource, DockerfileSource};
use wharf_builder::{BuildError, unpack_archive};

use super::failure::{explain, fail};
use crate::event::{FailureKind, Phase, WorkerFailure};
use crate::wire::JobWire;

/// What the builder is given.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) context: ContextSource,
    pub(super) dockerfile: DockerfileSource,
}

/// Unpacks an upload into `root`.
pub(super) fn unpack(
    archive: Option<OwnedFd>,
    root: &Path,
    bytes: u64,
) -> Result<(), WorkerFailure> {
    let io = |error: io::Error| {
        let message = format!("cannot make a folder for the context: {error}");
        fail(FailureKind::Machine, Phase::Cloning, message)
    };
    fs::create_dir_all(root).map_err(io)?;
    let Some(archive) = archive else {
        return Ok(());
    };
    unpack_archive(File::from(archive), root, Some(bytes)).map_err(|error| {
        let mut failure = explain(&error, Phase::Cloning);
        if let BuildError::Machine { .. } = error {
            failure.kind = FailureKind::Source;
        }
        failure
    })
}

/// Finds the build directory and the Dockerfile.
pub(super) fn locate(
    root: &Path,
    job: &JobWire,
    inline: Option<Vec<u8>>,
) -> Result<Source, WorkerFailure> {
    let context = find_folder(root, &job.directory).map_err(|error| {
        let directory = &job.directory;
        let message = format!("the build directory {directory} is not there: {error}");
        WorkerFailure {
            hint: Some("Give its path from the root of what is built.".to_owned()),
            ..fail(FailureKind::Dockerfile, Phase::Cloning, message)
        }
    })?;
    Ok(Source {
        context: ContextSource::Directory(context),
        dockerfile: match inline {
            Some(bytes) => DockerfileSource::Inline(bytes),
            None => DockerfileSource::Beneath {
                root: root.to_owned(),
                path: job.dockerfile.trim_start_matches('/').to_owned(),
            },
        },
    })
}

/// The folder that a path means beneath a root, as it is called without any link.
fn find_folder(root: &Path, path: &str) -> io::Result<PathBuf> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let root = rustix::fs::open(root, flags, Mode::empty())?;
    let relative = path.trim_start_matches('/');
    let found = rustix::fs::openat2(
        &root,
        if relative.is_empty() { "." } else { relative },
        flags,
        Mode::empty(),
        ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS,
    )?;
    // Nothing moves in there between this and the build.
    fs::read_link(format!("/proc/self/fd/{}", found.as_raw_fd()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn c13_a_build_directory_that_is_a_link_is_looked_up_beneath_the_root() {
        let folder = std::env::temp_dir().join(format!("wharf-source-{}", std::process::id()));
        fs::create_dir_all(folder.join("etc/app")).unwrap();
        symlink("/etc", folder.join("out")).unwrap();
        symlink("../../..", folder.join("up")).unwrap();
        let root = fs::canonicalize(&folder).unwrap();
        assert_eq!(
            find_folder(&root, "/etc/app").unwrap(),
            root.join("etc/app")
        );
        assert_eq!(find_folder(&root, "out/app").unwrap(), root.join("etc/app"));
        assert_eq!(find_folder(&root, "up").unwrap(), root);
        assert_eq!(find_folder(&root, "../..").unwrap(), root);
        assert_eq!(find_folder(&root, "").unwrap(), root);
        assert!(find_folder(&root, "none").is_err());
        fs::remove_dir_all(&folder).unwrap();
    }
}
