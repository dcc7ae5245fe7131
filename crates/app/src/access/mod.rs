//! Who asks and what they may: credentials become callers, callers and names become granted rights.
//!
//! The decision itself is `wharf_model::decide`; this room finds what it must know, remembers verified credentials for
//! a short time as keyed hashes, and issues registry tokens. It never says why a credential was refused.

mod account;
mod authenticate;
mod authorize;
mod browser;
mod grant_token;
mod keys;
mod password;
mod push_creates;
mod registry_token;
mod secret;
mod throttle;
mod verify;

pub(crate) use account::{Account, AccountKey};
pub use authenticate::Credential;
pub(crate) use authenticate::Recognized;
pub(crate) use authorize::decide_creation;
pub use browser::SESSION_LIFETIME;
pub(crate) use browser::{GROUP_SESSION_LIFETIME, SESSION_IDLE};
pub use grant_token::{IssuedToken, RequestedScope, TokenRequest};
pub(crate) use keys::{Keys, load_or_make_key, read_key};
pub(crate) use password::Passwords;
pub(crate) use secret::{ROBOT_PREFIX, Secret, TOKEN_PREFIX, TRIGGER_PREFIX, hash_secret};
pub(crate) use throttle::{Throttle, network_of};
