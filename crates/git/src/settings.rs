//! What a call needs beside the repository: where to work, how much may be used, who asks.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use wharf_sandbox::Sandbox;

use crate::credential::Credential;
use crate::dial::Dial;
use crate::host_key::HostKey;
use crate::remote::GitRemote;

/// What every call works with.
#[derive(Clone)]
pub struct GitSettings {
    /// Runs git.
    pub sandbox: Arc<Sandbox>,
    /// For what goes away with a call. On a file system that a sandbox can write to, as the builder's state is.
    pub folder: PathBuf,
    /// The way out.
    pub dial: Arc<dyn Dial>,
    /// How much a call may use.
    pub limits: GitLimits,
}

impl GitSettings {
    /// Who the folders have to belong to that git writes in its sandbox; `None` where that is this process's user.
    pub(crate) fn owner(&self) -> Option<u32> {
        self.sandbox.host().owner_of_steps()
    }
}

/// How much one call may use. Beyond, everything of it is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GitLimits {
    /// For looking at refs. Hosts answer within seconds; one that takes longer hangs, and a person is waiting.
    pub list_timeout: Duration,
    /// For fetching. A shallow fetch of a large repository over a slow line takes minutes.
    pub fetch_timeout: Duration,
    /// Bytes on the disk: the pack and the files made of it.
    pub disk: u64,
    /// Files and folders.
    pub files: u64,
    /// Bytes of memory. Git unpacks large objects in memory; below 512 MiB it fails on repositories with large files.
    pub memory: u64,
    /// Processes and threads. Git starts a handful, and a thread for each processor while it resolves deltas.
    pub processes: u32,
    /// Refs that are listed. Each costs some 100 bytes; the largest public repositories have about 100,000 without pull
    /// requests, which are never asked for.
    pub refs: usize,
}

impl Default for GitLimits {
    fn default() -> Self {
        Self {
            list_timeout: Duration::from_secs(60),
            fetch_timeout: Duration::from_secs(15 * 60),
            disk: 8 << 30,
            files: 4_000_000,
            memory: 2 << 30,
            processes: 256,
            refs: 200_000,
        }
    }
}

/// A repository, and who asks.
#[derive(Debug, Clone)]
pub struct Access {
    /// Where it is.
    pub remote: GitRemote,
    /// Who asks.
    pub credential: Credential,
    /// Authorities in PEM form that are believed beside the system's, for https.
    pub authorities: Option<String>,
    /// The keys that an ssh server may have. Without any, the first one that it shows is taken and told.
    pub host_keys: Vec<HostKey>,
}

impl Access {
    /// As nobody, with the system's authorities.
    pub fn anonymous(remote: GitRemote) -> Self {
        Self {
            remote,
            credential: Credential::None,
            authorities: None,
            host_keys: Vec::new(),
        }
    }

    /// As somebody.
    pub fn with_credential(remote: GitRemote, credential: Credential) -> Self {
        Self {
            credential,
            ..Self::anonymous(remote)
        }
    }
}
