//! Signing in to a code host by a code that the person types there (RFC 8628): with the app that the administrator set,
//! without a token made by hand, and without the host having to reach us.

use super::{
    HostFailure, Source,
    form::{read_address, read_ca},
    granted::Authorized,
    open::read_forge_address,
};
use crate::{App, Context, Error, OauthApp, accounts::require_manager};
use std::time::Duration;
use wharf_db::{
    Durability,
    device_logins::{self, DeviceLogin},
    secrets::SecretPlace,
};
use wharf_integrations::{
    Secret,
    forge::device::{DeviceApp, DevicePoll, poll_device_login, start_device_login},
};
use wharf_model::{DeviceLoginId, SecretText, SourceAddress, SourceKind};

/// Most sign-ins that one person may have under way.
const MAX_LOGINS: u64 = 10;

/// A sign-in to be begun.
#[derive(Debug, Clone)]
pub struct NewDeviceLogin {
    /// What software the host runs; GitHub is what has the flow.
    pub kind: SourceKind,
    /// Where it is; none for the one that everybody means.
    pub address: Option<String>,
    /// PEM: authorities that are believed for this host beside the system's once the account is connected; the app's own
    /// requests go by the operator's alone.
    pub ca: Option<String>,
}

/// How far a sign-in has come.
#[derive(Debug, Clone)]
pub enum DeviceAnswer {
    /// The code was not typed yet.
    Pending(DeviceLogin),
    /// The account is connected; the sign-in is over.
    Connected(Box<Source>),
}

fn code_of(id: DeviceLoginId) -> SecretPlace {
    SecretPlace::new(device_logins::TABLE, id, "device_code")
}

impl App {
    /// Begins a sign-in: answers the code, and where to type it.
    ///
    /// [`Error::Conflict`] `no_oauth_app` when the administrator set no app for the host.
    pub async fn start_device_login(
        &self,
        context: &Context,
        new: NewDeviceLogin,
    ) -> Result<DeviceLogin, Error> {
        let owner = require_manager(&context.caller)?;
        if new.kind != SourceKind::Github {
            return Err(Error::invalid("kind", "no_device_flow"));
        }
        let address = read_address(new.kind, new.address.as_deref())?;
        let ca = read_ca(new.ca)?;
        let app = find_app(&self.configuration.live().oauth_apps, &address)?;
        self.check_sign_in(owner, new.kind, &address).await?;
        let started = start_device_login(&self.egress, &app).await;
        let started = started.map_err(HostFailure::from)?;
        let now = self.clock.now();
        let login = DeviceLogin {
            id: DeviceLoginId::new(),
            owner,
            kind: new.kind,
            address,
            ca,
            user_code: started.user_code,
            verification_url: started.verification_url.to_string(),
            poll_seconds: started.interval.as_secs().max(1),
            next_poll_at: now.plus(started.interval),
            expires_at: now.plus(started.expires_in),
            created_at: now,
        };
        let code = SecretText::new(started.device_code.expose());
        let (vault, kept) = (self.vault.clone(), login.clone());
        self.db
            .write(Durability::Durable, move |tx| {
                device_logins::delete_expired_logins(tx, now)?;
                if device_logins::count_logins(tx, owner)? >= MAX_LOGINS {
                    return Err(Error::LimitReached {
                        what: "device_logins",
                        limit: MAX_LOGINS,
                    });
                }
                device_logins::insert_login(tx, &kept)?;
                vault.seal(tx, &code_of(kept.id), &code, now)
            })
            .await?;
        Ok(login)
    }

    /// How far a sign-in has come. The host is asked when its time has come and not more often, however often this is
    /// called. A sign-in that ended without a token is [`Error::Upstream`] `sign_in_failed`, and gone.
    pub async fn poll_device_login(
        &self,
        context: &Context,
        id: DeviceLoginId,
    ) -> Result<DeviceAnswer, Error> {
        let owner = require_manager(&context.caller)?;
        let (vault, now) = (self.vault.clone(), self.clock.now());
        let found = self.db.read(move |tx| {
            let login = device_logins::find_login(tx, owner, id)?.ok_or(Error::NotFound)?;
            let code = vault.open(tx, &code_of(id))?.ok_or(Error::NotFound)?;
            Ok::<_, Error>((login, code))
        });
        let (login, code) = found.await?;
        if login.expires_at <= now {
            return Err(Error::NotFound);
        }
        let interval = Duration::from_secs(login.poll_seconds);
        let next = now.plus(interval);
        let claimed = self
            .db
            .write(Durability::Relaxed, move |tx| {
                device_logins::claim_poll(tx, id, now, next)
            })
            .await
            .map_err(Error::from)?;
        if !claimed {
            return Ok(DeviceAnswer::Pending(login));
        }
        let app = find_app(&self.configuration.live().oauth_apps, &login.address)?;
        let secret = Secret::new(code.expose());
        match poll_device_login(&self.egress, &app, &secret, interval).await {
            Ok(DevicePoll::Pending) => Ok(DeviceAnswer::Pending(login)),
            Ok(DevicePoll::SlowDown { interval }) => {
                let (seconds, next) = (interval.as_secs().max(1), now.plus(interval));
                let slowed = self.db.write(Durability::Relaxed, move |tx| {
                    device_logins::slow_down(tx, id, seconds, next)
                });
                slowed.await.map_err(Error::from)?;
                Ok(DeviceAnswer::Pending(login))
            }
            Ok(DevicePoll::Granted(grant)) => {
                // The code is spent: whatever comes now, this sign-in is over.
                self.drop_login(login.id).await?;
                let authorized = Authorized {
                    owner: login.owner,
                    kind: login.kind,
                    address: login.address,
                    ca: login.ca,
                };
                let source = self.connect_granted(context, authorized, grant).await?;
                Ok(DeviceAnswer::Connected(Box::new(source)))
            }
            Err(error) => {
                let failure = HostFailure::from(error);
                if failure.problem == super::HostProblem::SignInFailed {
                    self.drop_login(id).await?;
                }
                Err(failure.into())
            }
        }
    }

    /// Ends a sign-in that nobody finishes.
    pub async fn cancel_device_login(
        &self,
        context: &Context,
        id: DeviceLoginId,
    ) -> Result<(), Error> {
        let owner = require_manager(&context.caller)?;
        let found = self
            .db
            .read(move |tx| device_logins::find_login(tx, owner, id));
        found.await.map_err(Error::from)?.ok_or(Error::NotFound)?;
        self.drop_login(id).await
    }

    async fn drop_login(&self, id: DeviceLoginId) -> Result<(), Error> {
        let dropped = self.db.write(Durability::Durable, move |tx| {
            device_logins::delete_login(tx, id).map(drop)
        });
        dropped.await.map_err(Error::from)
    }
}

/// The app that the administrator set for a host.
pub(super) fn find_app(apps: &[OauthApp], address: &SourceAddress) -> Result<DeviceApp, Error> {
    let app = apps.iter().find(|app| app.address == *address);
    let app = app.ok_or(Error::Conflict {
        what: "no_oauth_app",
    })?;
    Ok(DeviceApp {
        address: read_forge_address(address)?,
        client_id: app.client_id.clone(),
        client_secret: app
            .client_secret
            .as_ref()
            .map(|secret| Secret::new(secret.expose())),
    })
}
