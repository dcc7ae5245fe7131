//! The management API, with every answer held against the server's own OpenAPI document.

mod client;
mod contract;
mod schema;

pub use client::{ApiClient, ApiRequest};
pub use contract::{Contract, Operation};
