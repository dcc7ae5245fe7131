//! Sources: accounts on code hosts that people authorize once and build from.
//!
//! A source belongs to a person. Only they list, browse, change or disconnect it; rules and builds, of whatever namespace,
//! go on using it through [`App::open_source`], which nobody outside this crate can call with somebody else's. Tokens come
//! in and are sealed by the vault; none ever leaves through an answer, and they go when the address changes. What a host
//! did not like is remembered as the source's state.
//!
//! It knows no vendor's API (that is `wharf_integrations::forge`) and decides nothing about builds. Called by the
//! management API, by `webhooks`, `rules` and `builds`.

mod browse;
mod check;
mod connect;
mod deploy_key;
mod device;
mod disconnect;
mod edit;
mod failure;
mod form;
mod granted;
mod open;
mod renew;
mod web_login;

pub use browse::{RemoteQuery, RemoteRef};
pub use connect::{NewSource, Tested};
pub use device::{DeviceAnswer, NewDeviceLogin};
pub use disconnect::SourceUse;
pub(crate) use disconnect::end_sources_of;
pub use edit::SourceEdit;
pub(crate) use failure::tell_story;
pub use failure::{HostFailure, HostProblem};
pub use form::fingerprint_host_keys;
pub(crate) use open::{OpenSource, make_forge};
pub use web_login::{BegunWebLogin, NewWebLogin};
pub use wharf_db::{device_logins::DeviceLogin, sources::Source};
pub use wharf_integrations::forge::{Owner, OwnerKind, RemoteRepository, Visibility};

use crate::{App, Context, Error, Listed, PageRequest, accounts::require_manager};
use wharf_db::{secrets::SecretPlace, sources};
use wharf_model::{SourceId, UserId};

/// Most sources of one person: more code hosts than anybody has, few enough to list.
const MAX_SOURCES: u64 = 100;

/// Where the token, password or private key of a source is kept.
pub(crate) fn secret_of_source(id: SourceId) -> SecretPlace {
    SecretPlace::new(sources::TABLE, id, "token")
}

/// Where what renews a token that ends is kept.
fn renewal_of_source(id: SourceId) -> SecretPlace {
    SecretPlace::new(sources::TABLE, id, "renewal")
}

impl App {
    /// One page of the caller's own sources.
    pub async fn list_sources(
        &self,
        context: &Context,
        page: PageRequest,
    ) -> Result<Listed<Source>, Error> {
        let owner = require_manager(&context.caller)?;
        let (after, fetch) = (page.key(), page.fetch());
        let found = self
            .db
            .read(move |tx| sources::list_sources(tx, owner, &after, fetch));
        let found = found.await.map_err(Error::from)?;
        Ok(page.cut(found, |source| source.id.to_string()))
    }

    /// One of the caller's own sources.
    pub async fn show_source(&self, context: &Context, id: SourceId) -> Result<Source, Error> {
        let owner = require_manager(&context.caller)?;
        self.find_own_source(owner, id).await
    }

    async fn find_own_source(&self, owner: UserId, id: SourceId) -> Result<Source, Error> {
        let found = self
            .db
            .read(move |tx| sources::find_own_source(tx, owner, id));
        found.await.map_err(Error::from)?.ok_or(Error::NotFound)
    }
}
