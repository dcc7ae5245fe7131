//! Code hosts of a test: small HTTP servers that answer as GitHub, GitLab and Gitea do, over real bare repositories.
//!
//! One port serves both the API and git itself, as on the real hosts. A push is noticed and told to the registered
//! webhooks, signed; deliveries can be dropped, doubled, held back, reordered and spoiled. What the product must never
//! ask for is answered 404 and written down ([`ForgeServer::unknown_requests`]).
//!
//! Refuses to know how the product reads any of this: shapes are from the makers' documentation (docs.github.com/rest,
//! docs.gitlab.com/api, docs.gitea.com/api), signatures are computed here by other code.

mod api;
mod control;
mod delivery;
mod device;
mod extras;
mod facts;
mod gate;
mod gitea;
mod github;
mod gitlab;
mod hmac;
mod hooks;
mod payload;
mod server;
mod state;
mod web_login;

pub use delivery::{Misbehavior, SentDelivery};
pub(crate) use hmac::sign;
pub use server::ForgeServer;
pub use state::{ForgeProduct, RegisteredHook, RegisteredKey, ReportedStatus};
