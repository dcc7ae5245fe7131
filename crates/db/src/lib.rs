//! Rows: the only room with SQL. One text serves SQLite and PostgreSQL.
//!
//! [`Db`] runs closures in transactions; the functions beside each table take a [`Tx`] and speak the words of
//! `wharf-model`. Nothing here knows HTTP or files, and nothing here decides who may do what: what reads or changes
//! a repository asks for the proof of that decision.

mod engine;

pub mod accounts;
pub mod activity;
pub mod administration;
pub mod audit;
pub mod blobs;
pub mod builds;
pub mod counts;
pub mod dependents;
pub mod device_logins;
pub mod events;
mod full_hosts;
pub mod hook_deliveries;
pub mod host_removals;
pub mod integrity;
pub mod manifests;
pub mod members;
pub mod namespaces;
pub mod oidc;
pub mod outside;
mod part;
pub mod registry_credentials;
pub mod repositories;
pub mod repository_list;
pub mod robots;
pub mod rules;
pub mod search;
pub mod secrets;
pub mod sessions;
pub mod settings;
mod sorted;
pub mod sources;
pub mod stats;
pub mod streams;
pub mod tag_history;
pub mod tag_list;
pub mod tags;
pub mod tokens;
pub mod triggers;
pub mod uploads;
pub mod users;
pub mod versions;
pub mod webhooks;

pub use engine::{
    DatabaseUrl, DatabaseUrlError, Db, DbError, DbErrorKind, Durability, Engine, FromValue, Order,
    Row, SCHEMA_VERSION, TextColumn, ToValue, Tx, Value,
};
pub use part::{Part, Room};
pub use sorted::{Direction, SortPlace};
