//! The use cases: the rules of accounts and of the registry. No HTTP, no SQL text.
//!
//! [`App`] is the whole product without a network: the HTTP layer and host commands call its methods with a verified
//! caller. Rooms: `access` (who asks, what they may), `registry` (the protocol's operations), `accounts` (users,
//! namespaces, members, robots, tokens), `repositories` (pages of repositories and tags), `vault` (secrets at rest),
//! `sources` (accounts on code hosts), `credentials` (for other registries), `webhooks` (what code hosts tell us), `configuration` (settings at run time), `audit`, `activity` (what happened), `administration` (storage, workers, health), `stats` (numbers over time),
//! `upkeep` (what runs beside requests), `lanes` and `turns` (work at other servers), `leases` (who is still at it), `places` and `requests` (how much somebody has under way), `builds` (from the queue to the tags), `triggers` (what
//! happens elsewhere when a tag moves), `memory` (the read model).

mod access;
pub mod accounts;
pub mod activity;
pub mod administration;
mod audit;
pub mod builds;
mod clock;
pub mod configuration;
mod context;
pub mod credentials;
mod dependents;
mod error;
pub mod fsck;
mod host;
mod lanes;
mod leases;
mod list;
mod markdown;
mod memory;
mod places;
pub mod registry;
pub mod repositories;
mod requests;
pub mod rules;
mod search;
mod settings;
pub mod sources;
mod start;
pub mod stats;
pub mod streams;
pub mod triggers;
mod turns;
mod upkeep;
pub mod vault;
pub mod webhooks;

pub use access::{Credential, IssuedToken, RequestedScope, TokenRequest};
pub use audit::{AuditEntry, AuditQuery};
pub use clock::{Clock, SystemClock};
pub use context::Context;
pub use dependents::{DependentKind, Dependents};
pub use error::{BoxError, Error, MountScope};
pub use host::{HostError, HostOptions, reset_password_on_host};
pub use list::{Listed, PageRequest};
pub use memory::ServedManifest;
pub use places::Place;
pub use search::{FoundBuild, Hit, HitKind, PublicRepository};
pub use settings::{OauthApp, Settings, TriggerSettings};
pub use start::{App, FirstStart, Opened, StartError, StartOptions};
