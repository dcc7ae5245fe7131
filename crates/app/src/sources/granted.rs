//! Keeping an account that somebody let the app use, whichever way they signed in: a new source, or the one that they have
//! there already, which works again from then on.

use super::{Source, edit::Edited, open::fresh_state, renew::read_grant};
use crate::{App, Context, Error};
use wharf_db::sources;
use wharf_integrations::forge::device::Grant;
use wharf_model::{
    SecretText, SourceAddress, SourceId, SourceKind, SourceMethod, Timestamp, UserId, Username,
};

/// Who let the app use an account, and where.
pub(super) struct Authorized {
    pub(super) owner: UserId,
    pub(super) kind: SourceKind,
    pub(super) address: SourceAddress,
    pub(super) ca: Option<String>,
}

/// What a grant is to a source.
struct Granted {
    token: SecretText,
    renewal: Option<SecretText>,
    ends: Option<Timestamp>,
}

impl App {
    /// Before anybody is sent to a host: answers the account that the caller has there, which has to be the same again;
    /// without one, whether they may have one more.
    pub(super) async fn check_sign_in(
        &self,
        owner: UserId,
        kind: SourceKind,
        address: &SourceAddress,
    ) -> Result<Option<String>, Error> {
        if let Some(known) = self.find_authorized(owner, kind, address).await? {
            return Ok(Some(known.account));
        }
        self.check_room(owner, kind, address).await?;
        Ok(None)
    }

    /// Keeps the account that somebody let the app use. The one that they have at exactly this address gets the new token:
    /// its rules and webhooks stay, and what waited for it goes on.
    ///
    /// [`Error::Conflict`] `other_account` when it is not the same account.
    pub(super) async fn connect_granted(
        &self,
        context: &Context,
        login: Authorized,
        grant: Grant,
    ) -> Result<Source, Error> {
        let (token, renewal, ends) = read_grant(&grant, self.clock.now());
        let granted = Granted {
            token,
            renewal,
            ends,
        };
        let known = self.find_authorized(login.owner, login.kind, &login.address);
        match known.await? {
            Some(known) => {
                self.authorize_again(context, known, login.ca, granted)
                    .await
            }
            None => self.authorize_first(context, login, granted).await,
        }
    }

    async fn authorize_first(
        &self,
        context: &Context,
        login: Authorized,
        granted: Granted,
    ) -> Result<Source, Error> {
        let now = self.clock.now();
        let name: Username = context.caller.name.parse().map_err(Error::internal)?;
        let mut source = Source {
            id: SourceId::new(),
            owner: login.owner,
            owner_name: name,
            owner_disabled: false,
            kind: login.kind,
            address: login.address,
            account: String::new(),
            method: SourceMethod::Device,
            ca: login.ca,
            host_keys: None,
            host_keys_origin: None,
            public_key: None,
            problem: None,
            problem_detail: String::new(),
            state_since: now,
            checked_at: None,
            token_expires_at: granted.ends,
            created_at: now,
        };
        source.account = self.ask_account(&source, &granted.token).await?;
        fresh_state(&mut source, now);
        self.keep_source(context, source, Some(granted.token), granted.renewal)
            .await
    }

    async fn authorize_again(
        &self,
        context: &Context,
        known: Source,
        ca: Option<String>,
        granted: Granted,
    ) -> Result<Source, Error> {
        let mut source = known.clone();
        source.ca = ca.or(source.ca);
        let account = self.ask_account(&source, &granted.token).await?;
        // Rules would build with what another account may see, without anybody having said so.
        if !account.eq_ignore_ascii_case(&known.account) {
            return Err(Error::Conflict {
                what: "other_account",
            });
        }
        source.account = account;
        source.method = SourceMethod::Device;
        source.token_expires_at = granted.ends;
        fresh_state(&mut source, self.clock.now());
        let edited = Edited {
            source,
            secret: Some(granted.token),
            renewal: granted.renewal,
            clears_secret: false,
            moved: false,
        };
        self.keep_edit(context, known, edited).await
    }

    async fn find_authorized(
        &self,
        owner: UserId,
        kind: SourceKind,
        address: &SourceAddress,
    ) -> Result<Option<Source>, Error> {
        let address = address.clone();
        let found = self
            .db
            .read(move |tx| sources::find_source_at(tx, owner, kind, &address));
        found.await.map_err(Error::from)
    }
}
