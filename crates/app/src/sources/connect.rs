//! Connecting a code host: the token is tried there first, and kept only when the host accepts it.

use super::{
    HostFailure, MAX_SOURCES, Source,
    deploy_key::DeployKey,
    form::{check_token, read_address, read_ca, read_host_keys, read_username},
    open::{OpenSource, fresh_state, make_forge},
    renewal_of_source, secret_of_source,
};
use crate::{App, Context, Error, accounts::require_manager, audit::record_audit};
use serde_json::json;
use wharf_db::{Durability, sources, users};
use wharf_egress::{PlainHttp, Request};
use wharf_model::{
    AuditAction, HostKeyOrigin, RemotePath, SecretText, SourceAddress, SourceId, SourceKind,
    SourceMethod, SourceScheme, UserId, Username,
};

/// A code host to be connected.
#[derive(Debug, Clone)]
pub struct NewSource {
    /// What software it runs.
    pub kind: SourceKind,
    /// Where it is; none for the one that everybody means.
    pub address: Option<String>,
    /// The user name on a server of plain git.
    pub username: Option<String>,
    /// Token or password; none for plain git as nobody, and over ssh, where a key is made.
    pub token: Option<SecretText>,
    /// PEM: authorities that are believed for this host beside the system's.
    pub ca: Option<String>,
    /// The keys of an ssh server; without any, those of the first use are kept.
    pub host_keys: Option<String>,
}

/// What connecting a source showed of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tested {
    /// The host said whose token it is, and that it may do all that is needed.
    Account,
    /// The repository in the address was read with the credentials.
    Repository,
    /// The server answers. Whether it accepts the credentials takes a repository to ask for.
    Address,
    /// The server's name is known. Its key has to be added there before anything can be tested.
    Nothing,
}

impl Tested {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Account,
        Self::Repository,
        Self::Address,
        Self::Nothing,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Repository => "repository",
            Self::Address => "address",
            Self::Nothing => "nothing",
        }
    }
}

impl App {
    /// Connects a code host for the caller, after the host accepted the token.
    ///
    /// [`Error::Upstream`] when the host does not, or cannot be reached; [`Error::Conflict`] `source` when the caller has
    /// an account there already.
    ///
    /// An address of plain git that ends in `.git` names a repository, which is read as a test; the source is its server.
    pub async fn connect_source(
        &self,
        context: &Context,
        new: NewSource,
    ) -> Result<(Source, Tested), Error> {
        let owner = require_manager(&context.caller)?;
        let name: Username = context.caller.name.parse().map_err(Error::internal)?;
        let address = read_address(new.kind, new.address.as_deref())?;
        let (address, remote) = split_repository(new.kind, address)?;
        let ca = read_ca(new.ca)?;
        let host_keys = read_host_keys(&address, new.host_keys)?;
        let token = new.token.filter(|token| !token.is_empty());
        if let Some(token) = &token {
            check_token(token)?;
        }
        let now = self.clock.now();
        let mut source = Source {
            id: SourceId::new(),
            owner,
            owner_name: name,
            owner_disabled: false,
            kind: new.kind,
            address,
            account: String::new(),
            method: SourceMethod::Token,
            ca,
            host_keys_origin: host_keys.is_some().then_some(HostKeyOrigin::Given),
            host_keys,
            public_key: None,
            problem: None,
            problem_detail: String::new(),
            state_since: now,
            checked_at: None,
            token_expires_at: None,
            created_at: now,
        };
        self.check_room(owner, source.kind, &source.address).await?;
        let mut tested = Tested::Account;
        let secret = match source.kind.has_api() {
            true => {
                let token = token.ok_or(Error::invalid("token", "required"))?;
                source.account = self.ask_account(&source, &token).await?;
                check_account(new.username.as_deref(), &source.account)?;
                fresh_state(&mut source, now);
                Some(token)
            }
            false => {
                source.account = read_username(&source.address, new.username.as_deref())?;
                let secret = self.prepare_plain_git(&mut source, token).await?;
                tested = self.try_plain_git(&mut source, &secret, remote).await?;
                secret
            }
        };
        let kept = self.keep_source(context, source, secret, None).await?;
        Ok((kept, tested))
    }

    /// Reads the repository in the address, where there is one and somebody could read it by now.
    async fn try_plain_git(
        &self,
        source: &mut Source,
        secret: &Option<SecretText>,
        remote: Option<RemotePath>,
    ) -> Result<Tested, Error> {
        if source.method == SourceMethod::DeployKey {
            return Ok(Tested::Nothing);
        }
        let Some(remote) = remote else {
            return Ok(Tested::Address);
        };
        let open = OpenSource::new(source.clone(), secret.clone(), self.egress.clone());
        self.try_remote(&open, &remote).await?;
        fresh_state(source, self.clock.now());
        Ok(Tested::Repository)
    }

    /// Who the host says the token belongs to; it must have all scopes that wharf needs.
    pub(super) async fn ask_account(
        &self,
        source: &Source,
        token: &SecretText,
    ) -> Result<String, Error> {
        let ca = source.ca.as_deref();
        let forge = make_forge(&self.egress, source.kind, &source.address, ca, token)?;
        let account = forge.find_account().await.map_err(HostFailure::from)?;
        account.check_scopes().map_err(HostFailure::from)?;
        Ok(account.login)
    }

    /// Chooses how to sign in to a server of plain git, makes the key where one is needed, and sees that the server can
    /// be reached. Whether a token is good shows with the first repository: a server alone has nothing to ask.
    pub(super) async fn prepare_plain_git(
        &self,
        source: &mut Source,
        token: Option<SecretText>,
    ) -> Result<Option<SecretText>, Error> {
        if source.address.scheme() == SourceScheme::Ssh {
            if token.is_some() {
                return Err(Error::invalid("token", "not_with_ssh"));
            }
            source.method = SourceMethod::DeployKey;
            self.check_reachable(source).await?;
            let key = DeployKey::make(&format!("wharf {}", source.owner_name))?;
            source.public_key = Some(key.public);
            return Ok(Some(key.private));
        }
        source.method = match token {
            Some(_) => SourceMethod::Password,
            None => SourceMethod::Nothing,
        };
        source.public_key = None;
        self.check_reachable(source).await?;
        Ok(token)
    }

    /// Whether the operator's policy lets us go there, and over http whether anything answers.
    pub(super) async fn check_reachable(&self, source: &Source) -> Result<(), Error> {
        let address = &source.address;
        if address.scheme() == SourceScheme::Ssh {
            let found = self.egress.find_addresses(address.host(), address.port());
            found.await.map_err(HostFailure::from)?;
            return Ok(());
        }
        let url = address
            .as_str()
            .parse()
            .map_err(|_| Error::invalid("address", "malformed"))?;
        let egress = match &source.ca {
            Some(pem) => self
                .egress
                .with_authority(
                    &format!("{}:{}", address.host(), address.port()),
                    pem.as_bytes(),
                )
                .map_err(|_| Error::invalid("ca", "not_pem"))?,
            None => self.egress.clone(),
        };
        let request = Request::get(url).with_plain_http(PlainHttp::Listed);
        egress.send(request).await.map_err(HostFailure::from)?;
        Ok(())
    }

    /// Before a host is bothered: whether the caller may have one more, and has none there.
    pub(super) async fn check_room(
        &self,
        owner: UserId,
        kind: SourceKind,
        address: &SourceAddress,
    ) -> Result<(), Error> {
        let address = address.clone();
        self.db
            .read(move |tx| {
                if sources::count_sources(tx, owner)? >= MAX_SOURCES {
                    return Err(Error::LimitReached {
                        what: "sources",
                        limit: MAX_SOURCES,
                    });
                }
                let own = sources::list_sources(tx, owner, "", MAX_SOURCES as usize)?;
                let taken = |source: &Source| {
                    source.kind == kind && source.address.is_same_server(&address)
                };
                match own.iter().any(taken) {
                    true => Err(Error::Conflict { what: "source" }),
                    false => Ok(()),
                }
            })
            .await
    }

    /// Keeps a source that its host accepted, with its secret and what renews that.
    pub(super) async fn keep_source(
        &self,
        context: &Context,
        source: Source,
        secret: Option<SecretText>,
        renewal: Option<SecretText>,
    ) -> Result<Source, Error> {
        let (context, vault, now) = (context.clone(), self.vault.clone(), self.clock.now());
        self.db
            .write(Durability::Durable, move |tx| {
                if users::load_own_user(tx, source.owner)?.is_none() {
                    return Err(Error::Unauthenticated);
                }
                if sources::count_sources(tx, source.owner)? >= MAX_SOURCES {
                    return Err(Error::LimitReached {
                        what: "sources",
                        limit: MAX_SOURCES,
                    });
                }
                if !sources::insert_source(tx, &source)? {
                    return Err(Error::Conflict { what: "source" });
                }
                if let Some(secret) = &secret {
                    vault.seal(tx, &secret_of_source(source.id), secret, now)?;
                }
                if let Some(renewal) = &renewal {
                    vault.seal(tx, &renewal_of_source(source.id), renewal, now)?;
                }
                let details = json!({
                    "kind": source.kind.as_str(),
                    "account": source.account,
                    "method": source.method.as_str(),
                });
                let target = source.address.as_str();
                record_audit(
                    tx,
                    &context,
                    now,
                    AuditAction::SourceConnect,
                    target,
                    None,
                    &details,
                )?;
                Ok(source.clone())
            })
            .await
    }
}

/// A repository that an address of plain git names, and the server that has it.
fn split_repository(
    kind: SourceKind,
    address: SourceAddress,
) -> Result<(SourceAddress, Option<RemotePath>), Error> {
    let path = address.path().trim_matches('/');
    if kind.has_api() || !path.ends_with(".git") {
        return Ok((address, None));
    }
    let malformed = || Error::invalid("address", "malformed");
    let remote = path.parse().map_err(|_| malformed())?;
    let text = address.as_str();
    let server = text.len().checked_sub(address.path().len());
    let server = server.and_then(|length| text.get(..length));
    let server = server.ok_or_else(malformed)?.parse();
    Ok((server.map_err(|_| malformed())?, Some(remote)))
}

/// The token says who it is; a user name that was given too must be the same.
fn check_account(given: Option<&str>, found: &str) -> Result<(), Error> {
    let given = given.map(str::trim).filter(|name| !name.is_empty());
    match given {
        Some(given) if !given.eq_ignore_ascii_case(found) => {
            Err(Error::invalid("username", "other_account"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_names_a_repository_is_its_server_and_a_test() {
        for (address, server, remote) in [
            (
                "https://h:8443/team/app.git",
                "https://h:8443",
                Some("team/app.git"),
            ),
            ("ssh://h/srv/app.git", "ssh://h", Some("srv/app.git")),
            ("https://h/srv", "https://h/srv", None),
            ("https://h", "https://h", None),
        ] {
            let split = split_repository(SourceKind::Git, address.parse().unwrap());
            let (found, tried) = split.unwrap();
            assert_eq!(found.as_str(), server);
            assert_eq!(tried.as_ref().map(RemotePath::as_str), remote);
        }
        let forge = "https://h/app.git".parse().unwrap();
        let (kept, tried) = split_repository(SourceKind::Gitea, forge).unwrap();
        assert!(kept.as_str() == "https://h/app.git" && tried.is_none());
    }
}
