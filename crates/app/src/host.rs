//! What is done on the server's own host, with its database and without a login, beside a running server too.
//!
//! The blob folder is not opened, so nothing here waits for the server that holds it. A running server notices within
//! a second that something changed. Called by the command line.

use crate::{Clock, Error, access::Passwords, start::make_password};
use std::{net::Ipv4Addr, path::PathBuf, sync::Arc};
use wharf_db::{DatabaseUrl, Db, DbError, Durability, audit, outside, users};
use wharf_model::{AuditAction, RequestId, Timestamp, Username, check_password};

/// What a host command works on.
pub struct HostOptions {
    /// Where the rows are.
    pub database: DatabaseUrl,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

/// Why a host command did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The file does not exist: nothing was ever started with these settings.
    #[error("there is no database at {}", .0.display())]
    NoDatabase(PathBuf),
    /// The database could not be opened.
    #[error("open the database")]
    Open(#[source] DbError),
    /// There is no such user.
    #[error("there is no user `{0}`")]
    UnknownUser(String),
    /// The new password is too easy.
    #[error("the password is too weak")]
    WeakPassword,
    /// The change failed.
    #[error("write the password")]
    Write(#[source] Error),
}

impl From<DbError> for HostError {
    fn from(error: DbError) -> Self {
        Self::Write(error.into())
    }
}

/// Gives a user another password. Answers it when it was made here, to be shown once.
///
/// Everything that the old one proved ends; a running server notices within a second.
pub async fn reset_password_on_host(
    options: &HostOptions,
    username: &str,
    password: Option<String>,
) -> Result<Option<String>, HostError> {
    if let DatabaseUrl::Sqlite(path) = &options.database
        && !path.exists()
    {
        return Err(HostError::NoDatabase(path.clone()));
    }
    let unknown = || HostError::UnknownUser(username.to_owned());
    let name: Username = username.parse().map_err(|_| unknown())?;
    let made = password.is_none().then(make_password);
    let password = password.or_else(|| made.clone()).unwrap_or_default();
    check_password(&name, &password).map_err(|_| HostError::WeakPassword)?;
    let url = options.database.clone();
    let opened = tokio::task::spawn_blocking(move || Db::open(&url)).await;
    let db = opened
        .map_err(|error| HostError::Write(Error::internal(error)))?
        .map_err(HostError::Open)?;
    let hash = Passwords::new().hash(password).await;
    let hash = hash.map_err(HostError::Write)?;
    let (has_made, now) = (made.is_some(), options.clock.now());
    let written = db.write(Durability::Durable, move |tx| {
        write_password(tx, &name, &hash, has_made, now)
    });
    written.await?.then_some(()).ok_or_else(unknown)?;
    Ok(made)
}

fn write_password(
    tx: &mut wharf_db::Tx<'_>,
    name: &Username,
    hash: &str,
    made: bool,
    now: Timestamp,
) -> Result<bool, DbError> {
    let Some(id) = users::find_id(tx, name)? else {
        return Ok(false);
    };
    users::set_password(tx, id, hash, made)?;
    outside::announce_outside_change(tx)?;
    audit::insert_entry(
        tx,
        &audit::NewEntry {
            at: now,
            // Whoever has the host; the log of the host itself may tell who that was.
            actor: "system",
            actor_kind: "system",
            action: AuditAction::PasswordReset,
            target: name.as_str(),
            namespace: None,
            address: &Ipv4Addr::LOCALHOST.to_string(),
            request: &RequestId::new().to_string(),
            details: "{}",
        },
    )?;
    Ok(true)
}
