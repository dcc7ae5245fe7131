//! Webhooks that are no longer wanted: their rows go at once, and what they are at the host is noted to be removed there,
//! with its own copy of the token, because the source may go too.

use super::place_of;
use crate::{
    Error,
    sources::{Source, secret_of_source},
    vault::Vault,
};
use wharf_db::{
    Tx,
    host_removals::{self, HostRemoval},
    secrets::SecretPlace,
    sources,
    webhooks::{self, Webhook},
};
use wharf_model::{RemovalId, SecretText, Timestamp};

/// What is to be removed, as a row says it.
const WEBHOOK: &str = "webhook";

/// Where the copy of the token is kept that a removal is done with.
pub(super) fn token_of_removal(id: RemovalId) -> SecretPlace {
    SecretPlace::new(host_removals::TABLE, id, "token")
}

/// Ends all webhooks of a source that is going.
pub(crate) fn end_webhooks(
    tx: &mut Tx<'_>,
    vault: &Vault,
    source: &Source,
    now: Timestamp,
) -> Result<(), Error> {
    let token = open_token(tx, vault, source)?;
    for webhook in webhooks::list_all_of_source(tx, source.id)? {
        note_removal(tx, vault, source, token.as_ref(), &webhook, now)?;
        webhooks::delete_webhook(tx, webhook.id)?;
    }
    Ok(())
}

/// Takes the webhooks of a source whose address changes away from the old host; they are registered anew at the other.
pub(crate) fn move_webhooks(
    tx: &mut Tx<'_>,
    vault: &Vault,
    before: &Source,
    now: Timestamp,
) -> Result<(), Error> {
    let token = open_token(tx, vault, before)?;
    for webhook in webhooks::list_all_of_source(tx, before.id)? {
        note_removal(tx, vault, before, token.as_ref(), &webhook, now)?;
        vault.forget(tx, &place_of(webhook.id))?;
        webhooks::restart_webhook(tx, webhook.id, now)?;
    }
    Ok(())
}

/// Ends webhooks of repositories that no rule builds from any longer; answers how many.
pub(crate) fn end_unused_webhooks(
    tx: &mut Tx<'_>,
    vault: &Vault,
    now: Timestamp,
) -> Result<usize, Error> {
    let unused = webhooks::list_unused_webhooks(tx)?;
    for webhook in &unused {
        if let Some(source) = sources::find_source(tx, webhook.source)? {
            let token = open_token(tx, vault, &source)?;
            note_removal(tx, vault, &source, token.as_ref(), webhook, now)?;
        }
        webhooks::delete_webhook(tx, webhook.id)?;
    }
    Ok(unused.len())
}

/// The token that removes it; none when there is none, or its key is not here.
fn open_token(
    tx: &mut Tx<'_>,
    vault: &Vault,
    source: &Source,
) -> Result<Option<SecretText>, Error> {
    match vault.open(tx, &secret_of_source(source.id)) {
        Err(Error::Conflict { .. }) => Ok(None),
        other => other,
    }
}

fn note_removal(
    tx: &mut Tx<'_>,
    vault: &Vault,
    source: &Source,
    token: Option<&SecretText>,
    webhook: &Webhook,
    now: Timestamp,
) -> Result<(), Error> {
    let Some(host_id) = webhook.host_id.clone().filter(|_| source.kind.has_api()) else {
        return Ok(());
    };
    let removal = HostRemoval {
        id: RemovalId::new(),
        owner: source.owner,
        owner_name: source.owner_name.to_string(),
        what: WEBHOOK.to_owned(),
        kind: source.kind,
        address: source.address.clone(),
        ca: source.ca.clone(),
        remote: webhook.remote.clone(),
        host_id,
        attempts: 0,
        next_at: now,
        problem_detail: match token {
            Some(_) => String::new(),
            None => "there is no token to remove it with".to_owned(),
        },
        given_up: token.is_none(),
        created_at: now,
    };
    host_removals::insert_removal(tx, &removal)?;
    if let Some(token) = token {
        vault.seal(tx, &token_of_removal(removal.id), token, now)?;
    }
    Ok(())
}
