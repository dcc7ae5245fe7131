//! Who the program says it is: from the environment, else from what `wharf login` or `docker login` kept.

use super::address::ServerAddress;
use super::credential_helper;
use super::docker_config::{DockerConfig, StoredLogin};
use crate::failure::Failure;
use crate::session::Session;

/// What a request is signed in with.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Credentials {
    /// A user's or robot's name with its password, token or secret.
    Basic { username: String, password: String },
    /// A personal access token alone.
    Token(String),
}

impl Credentials {
    /// `WHARF_TOKEN`, or `WHARF_USERNAME` with `WHARF_PASSWORD`; `None` when neither is set.
    ///
    /// A robot's secret needs its name beside it, so a name turns a token into a password.
    pub(crate) fn from_environment(session: &Session) -> Result<Option<Self>, Failure> {
        let username = session.variable("WHARF_USERNAME");
        let secret = session
            .variable("WHARF_TOKEN")
            .or_else(|| session.variable("WHARF_PASSWORD"));
        let is_token = session.variable("WHARF_TOKEN").is_some();
        match (username, secret) {
            (Some(username), Some(secret)) => Ok(Some(Credentials::Basic {
                username: username.to_owned(),
                password: secret.to_owned(),
            })),
            (None, Some(secret)) if is_token => Ok(Some(Credentials::Token(secret.to_owned()))),
            (None, Some(_)) => Err(Failure::usage(
                session.text("cli.login.username_missing", &[]),
            )),
            (_, None) => Ok(None),
        }
    }
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Credentials::Basic { username, .. } => write!(formatter, "Basic({username})"),
            Credentials::Token(_) => formatter.write_str("Token"),
        }
    }
}

/// Docker's store of logins, with the helpers it is configured for.
#[derive(Debug)]
pub(crate) struct CredentialStore {
    config: DockerConfig,
}

impl CredentialStore {
    pub(crate) fn open(session: &Session) -> Result<Self, Failure> {
        DockerConfig::open(session).map(|config| CredentialStore { config })
    }

    /// The server to talk to when nobody names one: the last `wharf login`, else the only login there is.
    pub(crate) fn find_server(&self) -> Option<ServerAddress> {
        self.config
            .find_server()
            .or_else(|| self.config.find_only_host())
            .and_then(|text| ServerAddress::parse(&text))
    }

    /// The login kept for a server; `None` when there is none.
    pub(crate) fn find_credentials(
        &self,
        session: &Session,
        address: &ServerAddress,
    ) -> Result<Option<Credentials>, Failure> {
        let host = address.host();
        let kept = match self.config.find_helper(host) {
            Some(helper) => credential_helper::find_login(session, &helper, host)?,
            None => self.config.find_login(host),
        };
        Ok(kept
            .filter(|login| !login.password.is_empty())
            .map(|StoredLogin { username, password }| Credentials::Basic { username, password }))
    }

    /// Keeps a login and remembers its server; answers where it is kept (a file, or a helper's name).
    pub(crate) fn keep_login(
        &mut self,
        session: &Session,
        address: &ServerAddress,
        username: &str,
        password: &str,
    ) -> Result<String, Failure> {
        let host = address.host();
        let login = StoredLogin {
            username: username.to_owned(),
            password: password.to_owned(),
        };
        let place = match self.config.find_helper(host) {
            Some(helper) => {
                credential_helper::store_login(session, &helper, host, &login)?;
                self.config.set_login(session, host, None)?;
                format!("docker-credential-{helper}")
            }
            None => {
                self.config.set_login(session, host, Some(&login))?;
                self.config.path().display().to_string()
            }
        };
        self.config
            .set_server(session, Some(&address.as_written()))?;
        self.config.save(session)?;
        Ok(place)
    }

    /// Forgets a login; whether there was one.
    pub(crate) fn forget_login(
        &mut self,
        session: &Session,
        address: &ServerAddress,
    ) -> Result<bool, Failure> {
        let host = address.host();
        if let Some(helper) = self.config.find_helper(host) {
            credential_helper::erase_login(session, &helper, host)?;
        }
        let was_there = self.config.remove_login(session, host)?;
        let is_remembered = self.config.find_server() == Some(address.as_written());
        if is_remembered {
            self.config.set_server(session, None)?;
        }
        if was_there || is_remembered {
            self.config.save(session)?;
        }
        Ok(was_there)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_alone_is_a_bearer_and_with_a_name_a_password() {
        let read = |variables: &[(&str, &str)]| {
            Credentials::from_environment(&Session::for_test(variables))
        };
        assert_eq!(read(&[]).unwrap(), None);
        assert_eq!(read(&[("WHARF_USERNAME", "a")]).unwrap(), None);
        assert_eq!(
            read(&[("WHARF_TOKEN", "wharf_pat_x")]).unwrap(),
            Some(Credentials::Token("wharf_pat_x".to_owned()))
        );
        assert_eq!(
            read(&[
                ("WHARF_TOKEN", "wharf_bot_x"),
                ("WHARF_USERNAME", "acme+ci")
            ])
            .unwrap(),
            Some(Credentials::Basic {
                username: "acme+ci".to_owned(),
                password: "wharf_bot_x".to_owned()
            })
        );
        assert!(read(&[("WHARF_PASSWORD", "x")]).is_err());
    }

    #[test]
    fn a_debug_print_shows_no_secret() {
        let basic = Credentials::Basic {
            username: "a".to_owned(),
            password: "hush".to_owned(),
        };
        assert!(!format!("{basic:?} {:?}", Credentials::Token("hush".to_owned())).contains("hush"));
    }
}
