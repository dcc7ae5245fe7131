//! A repository and who clones it, on their way into the worker. The only place where a secret of git's is written down,
//! for a socket that nobody else has.

use std::fmt;

use serde::{Deserialize, Serialize};
use wharf_git::{
    Access, Credential, FetchOptions, GitError, GitRemote, HostKey, ObjectId, RefName, Secret,
    Wanted,
};

use crate::job::{GitAccess, GitSource, GitWanted};

/// A [`GitSource`].
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct GitWire {
    remote: String,
    access: AccessWire,
    authority: Option<String>,
    wanted: GitWanted,
    submodules: bool,
    unless: Vec<String>,
    readme: Option<usize>,
}

#[derive(Clone, Serialize, Deserialize)]
enum AccessWire {
    Anonymous,
    Password { user: String, password: String },
    Key { key: String, known_hosts: String },
}

/// Shows no secret.
impl fmt::Debug for GitWire {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "GitWire({}, …)", self.remote)
    }
}

impl From<GitSource> for GitWire {
    fn from(source: GitSource) -> Self {
        Self {
            remote: source.remote,
            access: match source.access {
                GitAccess::Anonymous => AccessWire::Anonymous,
                GitAccess::Password { username, secret } => AccessWire::Password {
                    user: username,
                    password: secret,
                },
                GitAccess::Key {
                    private_key,
                    known_hosts,
                } => AccessWire::Key {
                    key: private_key,
                    known_hosts,
                },
            },
            authority: source.authority,
            wanted: source.wanted,
            submodules: source.submodules,
            unless: source.unless_message_says,
            readme: source.readme,
        }
    }
}

/// What git is asked for.
pub(crate) struct GitOrder {
    pub(crate) access: Access,
    pub(crate) wanted: Wanted,
    pub(crate) options: FetchOptions,
    /// Words of messages of commits that are not wanted.
    pub(crate) unless: Vec<String>,
}

impl GitWire {
    /// Bytes of the README that are told, if it is asked for.
    pub(crate) fn readme(&self) -> Option<usize> {
        self.readme
    }

    /// Judges every word before git sees it.
    ///
    /// # Errors
    /// An address, a commit, a ref or a key that is none.
    pub(crate) fn read(self) -> Result<GitOrder, GitError> {
        let remote = GitRemote::parse(&self.remote)?;
        let (credential, host_keys) = match self.access {
            AccessWire::Anonymous => (Credential::None, Vec::new()),
            AccessWire::Password { user, password } => {
                let password = Secret::new(password);
                (Credential::Password { user, password }, Vec::new())
            }
            AccessWire::Key { key, known_hosts } => {
                let keys = HostKey::parse_lines(&known_hosts)?;
                (Credential::SshKey(Secret::new(key)), keys)
            }
        };
        let wanted = match self.wanted {
            GitWanted::Reference(name) => Wanted::Ref(name.parse::<RefName>()?),
            GitWanted::Commit { commit, .. } => Wanted::Commit(commit.parse::<ObjectId>()?),
        };
        Ok(GitOrder {
            access: Access {
                remote,
                credential,
                authorities: self.authority,
                host_keys,
            },
            wanted,
            options: FetchOptions {
                submodules: self.submodules,
                keep_git_directory: false,
            },
            unless: self.unless,
        })
    }
}
