//! A registry client that does what docker does on the wire, one step at a time.
//!
//! Every step answers what came back, whatever it is; only the `push_…` shortcuts assert.

mod client;
mod repository;
mod token;
mod upload;

pub use client::{RegistryClient, Request};
pub use repository::Repository;
pub use token::{Challenge, TokenRequest};
