//! Webhooks: code hosts that tell us of pushes, so that nobody has to ask.
//!
//! One for each repository of a source, shared by all rules that build from it. Registered, inspected, repaired and removed
//! beside requests, because hosts are slow and sometimes away; what is still to be done is a row, so that a restart
//! forgets nothing. What a host delivers is believed only with its signature, taken once, and handed to `rules`.
//!
//! Refuses: to parse what is not signed, to say whether an id exists, to let a rule wait for a webhook that cannot reach us
//! (the rule polls then). Called by `rules` when a rule comes or goes, by `server/hooks`, by the management API.

mod change;
mod deliver;
mod end;
mod reach;
mod register;
mod removals;
mod work;

pub use change::NudgeLine;
pub use deliver::{DeliveryOutcome, HookRefusal, IncomingDelivery};
pub use wharf_db::{
    hook_deliveries::Delivery,
    host_removals::HostRemoval,
    webhooks::{Webhook, WebhookState},
};
pub use wharf_integrations::forge::{HookAttempt, delivery::LARGEST_BODY};

pub(crate) use end::{end_unused_webhooks, end_webhooks, move_webhooks};
pub(crate) use register::want_webhook;
pub(crate) use work::Hooks;

use wharf_db::{secrets::SecretPlace, webhooks};
use wharf_model::{SecretText, WebhookId};

/// Where the secret that deliveries are signed with is kept.
fn place_of(id: WebhookId) -> SecretPlace {
    SecretPlace::new(webhooks::TABLE, id, "secret")
}

/// A secret that nobody guesses: 256 random bits, as letters that every host's form takes.
fn make_secret() -> SecretText {
    let random: zeroize::Zeroizing<[u8; 32]> = zeroize::Zeroizing::new(rand::random());
    SecretText::new(hex::encode(*random))
}

#[cfg(test)]
mod dead_host_tests;
#[cfg(test)]
mod deliver_tests;
