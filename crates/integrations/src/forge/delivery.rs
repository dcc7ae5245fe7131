//! What a code host tells us: a webhook's request, from its bytes to typed facts.
//!
//! Pure. [`verify_delivery`] comes first and looks at nothing but size and signature; only what passed it can be given
//! to [`read_delivery`]. Neither decides what is built; whoever calls them answers the host and records the delivery.
//! Called by the use case behind `/hooks/…`.

mod facts;
mod gitea;
mod github;
mod gitlab;
mod kind;
mod nudge;
mod read;
mod signature;
mod verify;

pub use facts::{DeliveredRepository, Delivery, DeliveryContent, IgnoredReason, PushedRef};
pub use kind::HookKind;
pub use read::{ReadError, read_delivery};
pub use signature::derive_signing_token;
pub use verify::{LARGEST_BODY, Rejection, Verified, verify_delivery};
