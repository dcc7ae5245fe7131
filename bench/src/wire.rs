//! A small HTTP/1.1 client that spends as little CPU as it can, because it shares the cores with the server it measures.
//! Refuses everything a benchmark on loopback does not need: names, TLS, redirects, request chunking.
//! Called by seeding and by the measures.

pub(crate) mod body;
pub(crate) mod closed_loop;
pub(crate) mod connection;
pub(crate) mod head;
pub(crate) mod request;

pub(crate) use closed_loop::{ClosedLoop, Requests};
pub(crate) use connection::{Answer, Connection, Payload};
pub(crate) use request::{Headers, write_head};
