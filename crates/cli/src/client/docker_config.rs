//! Docker's `config.json`: who is logged in where, and which server `wharf` talks to.
//!
//! The file belongs to docker. Only the login of one host, and wharf's own entry among the plugins (a place that
//! docker keeps when it writes the file itself), are changed here; all else stays as it was written.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::json_object::JsonObject;
use crate::failure::Failure;
use crate::session::Session;

/// Readable by its owner alone: the file holds passwords.
const FILE_MODE: u32 = 0o600;
const DIRECTORY_MODE: u32 = 0o700;

/// A name and password out of an `auths` entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StoredLogin {
    pub(super) username: String,
    /// Empty when docker kept an identity token instead, which only docker can use.
    pub(super) password: String,
}

/// The file, read once and written back whole.
#[derive(Debug)]
pub(super) struct DockerConfig {
    path: PathBuf,
    root: JsonObject,
}

impl DockerConfig {
    /// Where the file is: under `DOCKER_CONFIG`, else under `HOME/.docker`.
    pub(super) fn locate(session: &Session) -> Result<PathBuf, Failure> {
        if let Some(directory) = session.variable("DOCKER_CONFIG") {
            return Ok(Path::new(directory).join("config.json"));
        }
        match session.variable("HOME") {
            Some(home) => Ok(Path::new(home).join(".docker").join("config.json")),
            None => Err(Failure::new(session.text("cli.login.no_home", &[]))),
        }
    }

    /// Reads the file; a missing one is empty, one that is not a JSON object is a failure and stays untouched.
    pub(super) fn open(session: &Session) -> Result<Self, Failure> {
        let path = Self::locate(session)?;
        let shown = path.display().to_string();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => {
                let message = session.text("cli.docker_config.unreadable", &[("path", &shown)]);
                return Err(Failure::new(message).caused_by(&error));
            }
        };
        let root = JsonObject::parse(&text).map_err(|error| {
            let message = session.text("cli.docker_config.malformed", &[("path", &shown)]);
            Failure::new(message).caused_by(&error)
        })?;
        Ok(DockerConfig { path, root })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The credential helper for `host` (`docker-credential-NAME`), if one is configured.
    pub(super) fn find_helper(&self, host: &str) -> Option<String> {
        let own = self.root.get_object("credHelpers").ok();
        own.and_then(|helpers| helpers.get::<String>(host))
            .or_else(|| self.root.get::<String>("credsStore"))
            .filter(|name| !name.is_empty())
    }

    /// The login that the file itself holds for `host`.
    pub(super) fn find_login(&self, host: &str) -> Option<StoredLogin> {
        let logins = self.root.get_object("auths").ok()?;
        let key = logins
            .keys()
            .find(|key| *key == host)
            .or_else(|| logins.keys().find(|key| strip_to_host(key) == host))?;
        let entry = logins.get_object(key).ok()?;
        let decoded = STANDARD.decode(entry.get::<String>("auth")?).ok()?;
        let pair = String::from_utf8(decoded).ok()?;
        let (username, password) = pair.split_once(':')?;
        Some(StoredLogin {
            username: username.to_owned(),
            // Docker pads with zero bytes.
            password: password.trim_matches('\0').to_owned(),
        })
    }

    /// The only host anyone is logged in to, when there is exactly one and it is not docker's own.
    pub(super) fn find_only_host(&self) -> Option<String> {
        let logins = self.root.get_object("auths").ok()?;
        let mut hosts = logins.keys().map(strip_to_host);
        match (hosts.next(), hosts.next()) {
            (Some(host), None) if host != "index.docker.io" => Some(host.to_owned()),
            _ => None,
        }
    }

    /// Keeps a login in the file; without one, only the mark that a helper holds it.
    pub(super) fn set_login(
        &mut self,
        session: &Session,
        host: &str,
        login: Option<&StoredLogin>,
    ) -> Result<(), Failure> {
        let mut logins = self.open_member(session, "auths")?;
        let mut entry = JsonObject::default();
        if let Some(StoredLogin { username, password }) = login {
            entry.set_string("auth", &STANDARD.encode(format!("{username}:{password}")));
        }
        logins.set_object(host, &entry, 2);
        self.root.set_object("auths", &logins, 1);
        Ok(())
    }

    /// Forgets the login of `host`; whether there was one.
    pub(super) fn remove_login(&mut self, session: &Session, host: &str) -> Result<bool, Failure> {
        let mut logins = self.open_member(session, "auths")?;
        let was_there = logins.remove(host);
        if was_there {
            self.root.set_object("auths", &logins, 1);
        }
        Ok(was_there)
    }

    /// The server that `wharf login` was last called for.
    pub(super) fn find_server(&self) -> Option<String> {
        let plugins = self.root.get_object("plugins").ok()?;
        plugins.get_object("wharf").ok()?.get("server")
    }

    /// Remembers or forgets that server.
    pub(super) fn set_server(
        &mut self,
        session: &Session,
        server: Option<&str>,
    ) -> Result<(), Failure> {
        let mut plugins = self.open_member(session, "plugins")?;
        let mut own = plugins.get_object("wharf").unwrap_or_default();
        match server {
            Some(server) => own.set_string("server", server),
            None => {
                own.remove("server");
            }
        }
        if own.is_empty() {
            plugins.remove("wharf");
        } else {
            plugins.set_object("wharf", &own, 2);
        }
        if plugins.is_empty() {
            self.root.remove("plugins");
        } else {
            self.root.set_object("plugins", &plugins, 1);
        }
        Ok(())
    }

    /// Replaces the file in one step; its permissions are 0600 afterwards. A link stays a link.
    pub(super) fn save(&self, session: &Session) -> Result<(), Failure> {
        self.write().map_err(|error| {
            let shown = self.path.display().to_string();
            let message = session.text("cli.docker_config.unwritable", &[("path", &shown)]);
            Failure::new(message).caused_by(&error)
        })
    }

    fn write(&self) -> io::Result<()> {
        let target = fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
        let directory = target.parent().unwrap_or(Path::new("."));
        fs::DirBuilder::new()
            .recursive(true)
            .mode(DIRECTORY_MODE)
            .create(directory)?;
        let mut file = tempfile::NamedTempFile::new_in(directory)?;
        let permissions = fs::Permissions::from_mode(FILE_MODE);
        file.as_file().set_permissions(permissions)?;
        file.write_all(self.root.render(0).as_bytes())?;
        file.write_all(b"\n")?;
        file.as_file().sync_all()?;
        file.persist(&target)?;
        Ok(())
    }

    fn open_member(&self, session: &Session, name: &str) -> Result<JsonObject, Failure> {
        self.root.get_object(name).map_err(|error| {
            let shown = self.path.display().to_string();
            let message = session.text("cli.docker_config.malformed", &[("path", &shown)]);
            Failure::new(message).caused_by(&error)
        })
    }
}

/// Older clients wrote keys as URLs (`https://registry.example/v1/`).
fn strip_to_host(key: &str) -> &str {
    let rest = key.split_once("://").map_or(key, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

#[cfg(test)]
mod tests;
