//! The kinds of code hosts that go through the suite, and how each is connected.

use serde_json::{Value, json};
use wharf_testkit::{ApiClient, ForgeProduct, ForgeServer, GitRepository, GitServer, SshServer};

/// A kind of host, and how wharf hears of its pushes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// By webhooks.
    GitHub,
    /// By webhooks.
    GitLab,
    /// By webhooks.
    Gitea,
    /// By asking: wharf has no address that it could deliver to.
    PolledGitHub,
    /// Likewise.
    PolledGitLab,
    /// Likewise.
    PolledGitea,
    /// Over http with a password, by asking.
    PlainGit,
    /// Over https with an authority of its own and a password, by asking.
    SecureGit,
    /// Over ssh, by asking.
    SshGit,
    /// Over ssh, by the line in the repository's `post-receive` hook.
    NudgedGit,
}

/// Which server of the suite a test uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// Hosts are asked so seldom that whatever is noticed was told.
    Told,
    /// Hosts are asked every second, those with a working webhook every ten.
    Asking,
}

/// A running host.
pub(super) enum Host {
    Forge(ForgeServer),
    Plain(GitServer),
    Ssh(GitServer, SshServer),
}

/// A repository on a host.
pub(super) struct Code {
    pub(super) git: GitRepository,
    /// As rules name it.
    pub(super) remote: String,
}

/// Who may read from the server of plain git.
pub(super) const PASSWORD: &str = "the password of plain git";

impl Kind {
    pub(super) fn is_forge(self) -> bool {
        self.product().is_some()
    }

    fn product(self) -> Option<ForgeProduct> {
        match self {
            Self::GitHub | Self::PolledGitHub => Some(ForgeProduct::GitHub),
            Self::GitLab | Self::PolledGitLab => Some(ForgeProduct::GitLab),
            Self::Gitea | Self::PolledGitea => Some(ForgeProduct::Gitea),
            Self::PlainGit | Self::SecureGit | Self::SshGit | Self::NudgedGit => None,
        }
    }

    /// The word for it in the API.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::GitHub | Self::PolledGitHub => "github",
            Self::GitLab | Self::PolledGitLab => "gitlab",
            Self::Gitea | Self::PolledGitea => "gitea",
            Self::PlainGit | Self::SecureGit | Self::SshGit | Self::NudgedGit => "git",
        }
    }

    /// Whether the host tells of a push, and wharf need not ask.
    pub(super) fn is_told(self) -> bool {
        matches!(
            self,
            Self::GitHub | Self::GitLab | Self::Gitea | Self::NudgedGit
        )
    }

    /// Starts a host; `Err` says what this machine lacks.
    pub(super) fn start(self) -> Result<Host, String> {
        Ok(match (self.product(), self) {
            (Some(product), _) => Host::Forge(ForgeServer::start(product)),
            (None, Self::NudgedGit | Self::SshGit) => {
                Host::Ssh(GitServer::start(), SshServer::start()?)
            }
            (None, Self::SecureGit) => {
                Host::Plain(GitServer::builder().login("ada", PASSWORD).tls().start())
            }
            (None, _) => Host::Plain(GitServer::builder().login("ada", PASSWORD).start()),
        })
    }
}

impl Host {
    /// Connects somebody's account there by the API; answers the source.
    pub(super) fn connect(&self, api: &ApiClient, kind: Kind) -> Value {
        let body = match self {
            Self::Forge(forge) => {
                json!({ "kind": kind.word(), "address": forge.url(), "token": forge.token() })
            }
            Self::Plain(git) => json!({
                "kind": "git", "address": git.url(""), "username": "ada", "token": PASSWORD, "ca": git.certificate(),
            }),
            Self::Ssh(_, ssh) => {
                let (address, username) = split_user(ssh);
                json!({ "kind": "git", "address": address, "username": username, "host_keys": format!("{address} {}", ssh.host_key()).replace("ssh://127.0.0.1:", "[127.0.0.1]:") })
            }
        };
        let source = api.post("/sources", body).expect(201).json();
        if let Self::Ssh(_, ssh) = self {
            ssh.authorize(source["public_key"].as_str().expect("a key that was made"));
        }
        source
    }

    /// Makes an empty repository, as private as the host can make it.
    pub(super) fn create(&self, path: &str) -> Code {
        match self {
            Self::Forge(forge) => Code {
                git: forge.create_repository(path, true),
                remote: path.to_owned(),
            },
            Self::Plain(git) => Code {
                git: git.create(path),
                remote: format!("{path}.git"),
            },
            Self::Ssh(git, _) => {
                let git = git.create(path);
                let remote = git.path().display().to_string();
                Code {
                    remote: remote.trim_start_matches('/').to_owned(),
                    git,
                }
            }
        }
    }

    pub(super) fn forge(&self) -> &ForgeServer {
        match self {
            Self::Forge(forge) => forge,
            _ => panic!("a host with an API"),
        }
    }
}

/// `ssh://127.0.0.1:PORT` and the user.
fn split_user(ssh: &SshServer) -> (String, String) {
    let url = ssh.url(std::path::Path::new(""));
    let (user, place) = url
        .trim_start_matches("ssh://")
        .split_once('@')
        .expect("a user");
    (format!("ssh://{place}"), user.to_owned())
}
