//! A source ready to be used: its row with its secret, a forge client or git's access made of both.
//!
//! For this crate alone: whoever calls [`App::open_source`] uses a person's account without being that person, which rules
//! and builds may and nobody else.

use super::{HostFailure, Source, secret_of_source};
use crate::{App, Error, vault::Vault};
use std::sync::Arc;
use wharf_db::{Tx, sources};
use wharf_egress::Egress;
use wharf_git::{Access, Credential, GitRemote, HostKey};
use wharf_integrations::{
    Secret,
    forge::{Forge, ForgeAccess, ForgeAddress, ForgeKind, open_forge},
};
use wharf_model::{
    RemotePath, SecretText, SourceAddress, SourceId, SourceKind, SourceMethod, SourceScheme,
    Timestamp,
};
use wharf_worker::GitAccess;

/// A source with its secret.
#[derive(Clone)]
pub(crate) struct OpenSource {
    pub(crate) source: Source,
    /// Token, password or private key.
    secret: Option<SecretText>,
    egress: Egress,
}

impl App {
    /// Opens a source for whoever uses it: a rule, a build, a webhook.
    ///
    /// [`Error::Conflict`] says why it cannot be used: `source_gone`, `source_owner_disabled`, `source_without_secret`,
    /// `secret_locked`.
    pub(crate) async fn open_source(&self, id: SourceId) -> Result<OpenSource, Error> {
        let open = self.read_source(id).await?;
        match self.is_ending(&open.source) {
            true => self.renew_token(id).await,
            false => Ok(open),
        }
    }

    pub(super) async fn read_source(&self, id: SourceId) -> Result<OpenSource, Error> {
        let (vault, egress) = (self.vault.clone(), self.egress.clone());
        self.db
            .read(move |tx| read_open(tx, &vault, egress, id))
            .await
    }

    /// Notes that a source works, or what a host had against the account itself.
    pub(crate) async fn note_source(
        &self,
        id: SourceId,
        failure: Option<&HostFailure>,
    ) -> Result<(), Error> {
        let failure = failure.filter(|failure| failure.problem.is_about_account());
        let (problem, detail) = failure.map_or((None, ""), HostFailure::as_state);
        let (detail, now) = (detail.to_owned(), self.clock.now());
        self.db
            .write(wharf_db::Durability::Relaxed, move |tx| {
                sources::record_state(tx, id, problem, &detail, now)
            })
            .await
            .map_err(Error::from)
    }

    /// Keeps the host keys that an ssh server showed at the first use, unless somebody was faster.
    pub(crate) async fn keep_host_keys(
        &self,
        id: SourceId,
        learnt: &[HostKey],
    ) -> Result<(), Error> {
        if learnt.is_empty() {
            return Ok(());
        }
        let lines: Vec<String> = learnt.iter().map(ToString::to_string).collect();
        let lines = lines.join("\n");
        self.db
            .write(wharf_db::Durability::Durable, move |tx| {
                sources::pin_host_keys(tx, id, &lines).map(drop)
            })
            .await
            .map_err(Error::from)
    }
}

fn read_open(
    tx: &mut Tx<'_>,
    vault: &Vault,
    egress: Egress,
    id: SourceId,
) -> Result<OpenSource, Error> {
    let conflict = |what| Error::Conflict { what };
    let source = sources::find_source(tx, id)?.ok_or(conflict("source_gone"))?;
    if source.owner_disabled {
        return Err(conflict("source_owner_disabled"));
    }
    let secret = vault.open(tx, &secret_of_source(id))?;
    if secret.is_none() && source.method != SourceMethod::Nothing {
        return Err(conflict("source_without_secret"));
    }
    Ok(OpenSource {
        source,
        secret,
        egress,
    })
}

impl OpenSource {
    /// One that is not kept yet.
    pub(super) fn new(source: Source, secret: Option<SecretText>, egress: Egress) -> Self {
        Self {
            source,
            secret,
            egress,
        }
    }

    /// A client of the host's API; [`Error::Conflict`] `source_without_api` for plain git.
    pub(crate) fn forge(&self) -> Result<Arc<dyn Forge>, Error> {
        let source = &self.source;
        // Without an API no token would help.
        forge_kind(source.kind)?;
        let secret = self.secret.as_ref().ok_or(Error::Conflict {
            what: "source_without_secret",
        })?;
        let ca = source.ca.as_deref();
        make_forge(&self.egress, source.kind, &source.address, ca, secret)
    }

    /// The address of one repository of the host.
    pub(crate) fn remote_url(&self, remote: &RemotePath) -> String {
        write_remote(&self.source, remote)
    }

    /// What git needs for one repository of the host.
    pub(crate) fn git_access(&self, remote: &RemotePath) -> Result<Access, Error> {
        let source = &self.source;
        let text = self.remote_url(remote);
        let remote = GitRemote::parse(&text).map_err(|_| Error::invalid("remote", "malformed"))?;
        let host_keys = match &source.host_keys {
            Some(lines) => HostKey::parse_lines(lines).map_err(Error::internal)?,
            None => Vec::new(),
        };
        Ok(Access {
            remote,
            credential: self.git_credential()?,
            authorities: source.ca.clone(),
            host_keys,
        })
    }

    /// The same for a build's worker, which clones for itself: without the address, which the build has.
    pub(crate) fn worker_access(&self) -> Result<GitAccess, Error> {
        let Some(secret) = &self.secret else {
            return Ok(GitAccess::Anonymous);
        };
        let password = |username: &str, secret: &str| GitAccess::Password {
            username: username.to_owned(),
            secret: secret.to_owned(),
        };
        Ok(match self.source.method {
            SourceMethod::Nothing => GitAccess::Anonymous,
            SourceMethod::DeployKey => GitAccess::Key {
                private_key: secret.expose().to_owned(),
                known_hosts: self.source.host_keys.clone().unwrap_or_default(),
            },
            SourceMethod::Token | SourceMethod::Device if self.source.kind.has_api() => {
                let login = self.forge()?.git_login();
                password(&login.username, login.password.expose())
            }
            SourceMethod::Token | SourceMethod::Device | SourceMethod::Password => {
                password(&self.source.account, secret.expose())
            }
        })
    }

    fn git_credential(&self) -> Result<Credential, Error> {
        let Some(secret) = &self.secret else {
            return Ok(Credential::None);
        };
        let git_secret = |text: &str| wharf_git::Secret::new(text);
        Ok(match self.source.method {
            SourceMethod::Nothing => Credential::None,
            SourceMethod::DeployKey => Credential::SshKey(git_secret(secret.expose())),
            SourceMethod::Token | SourceMethod::Device if self.source.kind.has_api() => {
                let login = self.forge()?.git_login();
                Credential::Password {
                    user: login.username,
                    password: git_secret(login.password.expose()),
                }
            }
            SourceMethod::Token | SourceMethod::Device | SourceMethod::Password => {
                Credential::Password {
                    user: self.source.account.clone(),
                    password: git_secret(secret.expose()),
                }
            }
        })
    }
}

/// The address of a repository as git takes it. Hosts with an API all give out `ADDRESS/PATH.git`.
fn write_remote(source: &Source, remote: &RemotePath) -> String {
    let address = &source.address;
    if source.kind.has_api() {
        return format!("{address}/{}.git", remote.as_str().trim_end_matches(".git"));
    }
    match address.scheme() {
        SourceScheme::Ssh => format!(
            "ssh://{}@{}{}/{remote}",
            source.account,
            address.authority(),
            address.path()
        ),
        SourceScheme::Https | SourceScheme::Http => format!("{address}/{remote}"),
    }
}

/// A client of a host's API with a token, before there is a row for it.
pub(crate) fn make_forge(
    egress: &Egress,
    kind: SourceKind,
    address: &SourceAddress,
    ca: Option<&str>,
    token: &SecretText,
) -> Result<Arc<dyn Forge>, Error> {
    let access = ForgeAccess {
        kind: forge_kind(kind)?,
        address: read_forge_address(address)?,
        token: Secret::new(token.expose()),
        authorities: ca.map(str::to_owned),
    };
    open_forge(egress, access).map_err(|error| HostFailure::from(error).into())
}

pub(super) fn read_forge_address(address: &SourceAddress) -> Result<ForgeAddress, Error> {
    ForgeAddress::parse(address.as_str()).map_err(|_| Error::invalid("address", "malformed"))
}

pub(super) fn forge_kind(kind: SourceKind) -> Result<ForgeKind, Error> {
    match kind {
        SourceKind::Github => Ok(ForgeKind::GitHub),
        SourceKind::Gitlab => Ok(ForgeKind::GitLab),
        SourceKind::Gitea => Ok(ForgeKind::Gitea),
        SourceKind::Git => Err(Error::Conflict {
            what: "source_without_api",
        }),
    }
}

/// A source that is about to be kept, as it is right after the host accepted it.
pub(super) fn fresh_state(source: &mut Source, now: Timestamp) {
    source.problem = None;
    source.problem_detail = String::new();
    source.state_since = now;
    source.checked_at = Some(now);
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use wharf_model::UserId;

    pub(in super::super) fn source(kind: SourceKind, address: &str, account: &str) -> Source {
        Source {
            id: SourceId::new(),
            owner: UserId::new(),
            owner_name: "alice".parse().unwrap(),
            owner_disabled: false,
            kind,
            address: address.parse().unwrap(),
            account: account.into(),
            method: SourceMethod::Nothing,
            ca: None,
            host_keys: None,
            host_keys_origin: None,
            public_key: None,
            problem: None,
            problem_detail: String::new(),
            state_since: Timestamp::from_micros(0),
            checked_at: None,
            token_expires_at: None,
            created_at: Timestamp::from_micros(0),
        }
    }

    #[test]
    fn a_repository_has_the_address_that_its_host_gives_out() {
        for (kind, address, account, remote, whole) in [
            (
                SourceKind::Github,
                "https://github.com",
                "me",
                "acme/app",
                "https://github.com/acme/app.git",
            ),
            (
                SourceKind::Gitlab,
                "http://git.lan/code",
                "me",
                "a/b/c",
                "http://git.lan/code/a/b/c.git",
            ),
            (
                SourceKind::Git,
                "https://h:8443/srv",
                "me",
                "app.git",
                "https://h:8443/srv/app.git",
            ),
            (
                SourceKind::Git,
                "ssh://h:2222",
                "git",
                "srv/git/app.git",
                "ssh://git@h:2222/srv/git/app.git",
            ),
        ] {
            let source = source(kind, address, account);
            let text = write_remote(&source, &remote.parse().unwrap());
            assert_eq!(text, whole);
            assert!(GitRemote::parse(&text).is_ok(), "{text}");
        }
    }
}
