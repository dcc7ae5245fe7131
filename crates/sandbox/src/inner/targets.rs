//! Mounting things at paths of the untrusted root, and remembering which paths had to be made for that.

use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::FileType;

use super::resolve::{Found, Missing, resolve};
use super::staging::{attach, open_again};
use crate::failure::{Attempt, Failure, Setup};

/// The root of a step, while it is put together.
pub(super) struct Targets {
    root: OwnedFd,
    stubs: Vec<String>,
}

impl Targets {
    pub(super) fn new(root: OwnedFd) -> Self {
        Self {
            root,
            stubs: Vec::new(),
        }
    }

    pub(super) fn root(&self) -> &OwnedFd {
        &self.root
    }

    /// Paths that were not there before, without the working directory.
    pub(super) fn stubs(&self) -> &[String] {
        &self.stubs
    }

    /// Mounts at /proc, /sys or /dev, which have to be folders of the root itself: a link there could make the step's
    /// own mounts appear elsewhere (CVE-2025-52881).
    pub(super) fn mount_system(&mut self, mount: &OwnedFd, name: &str) -> Setup<()> {
        let found = self.find(name, Missing::MakeFolder)?;
        if found.path != name || !found.is_folder() {
            return Err(Failure::refused(format!(
                "{name} of the image is not a folder: nothing can be mounted there safely"
            )));
        }
        attach(mount, &found.fd).attempt(|| format!("mount {name}"))
    }

    /// Mounts a folder or a file where the caller asks for it.
    pub(super) fn mount(&mut self, mount: &OwnedFd, target: &str) -> Setup<()> {
        let stat = rustix::fs::fstat(mount).attempt(|| format!("look at what goes to {target}"))?;
        let is_folder = FileType::from_raw_mode(stat.st_mode) == FileType::Directory;
        let missing = if is_folder {
            Missing::MakeFolder
        } else {
            Missing::MakeFile
        };
        let found = self.find(target, missing)?;
        let of_system =
            |name: &str| found.path == name || found.path.starts_with(&format!("{name}/"));
        if found.path == "/" || of_system("/proc") || of_system("/sys") {
            return Err(Failure::refused(format!(
                "{target} leads to {}: nothing can be mounted there",
                found.path
            )));
        }
        if found.is_folder() != is_folder {
            let (one, other) = if is_folder {
                ("folder", "file")
            } else {
                ("file", "folder")
            };
            return Err(Failure::refused(format!(
                "cannot mount a {one} on {target}, which is a {other}"
            )));
        }
        attach(mount, &found.fd).attempt(|| format!("mount {target}"))
    }

    /// The step's working directory, made when missing. It belongs to the layer, so it is no stub.
    pub(super) fn open_cwd(&self, cwd: &str) -> Setup<OwnedFd> {
        let found = resolve(self.root.as_fd(), cwd, Missing::MakeFolder)
            .attempt(|| format!("enter the working directory {cwd}"))?;
        if !found.is_folder() {
            return Err(Failure::refused(format!(
                "the working directory {cwd} is not a folder"
            )));
        }
        open_again(&found.fd).attempt(|| format!("open the working directory {cwd}"))
    }

    fn find(&mut self, path: &str, missing: Missing) -> Setup<Found> {
        let found = resolve(self.root.as_fd(), path, missing)
            .attempt(|| format!("find {path} in the image"))?;
        self.stubs.extend(found.made.iter().cloned());
        Ok(found)
    }
}
