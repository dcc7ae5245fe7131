//! Everything shaped by somebody else's product: [`forge`], the code hosts that wharf builds from, [`oidc`], who tells who
//! somebody is, and [`target`], what triggers reach.
//!
//! It opens no connection by itself (everything goes through the `wharf-egress` that it is given), keeps nothing,
//! reads no clock and no environment, and decides nothing about builds and triggers. Called by `wharf-app`.

pub mod forge;
pub mod oidc;
mod retry_after;
mod secret;
pub mod target;
mod text;

pub use secret::Secret;
