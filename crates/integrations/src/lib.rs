//! Everything shaped by somebody else's product. Today that is [`forge`]: the code hosts that wharf builds from.
//!
//! It opens no connection by itself (everything goes through the `wharf-egress` that it is given), keeps nothing,
//! reads no clock and no environment, and decides nothing about builds. Called by `wharf-app`.

pub mod forge;
mod secret;

pub use secret::Secret;
