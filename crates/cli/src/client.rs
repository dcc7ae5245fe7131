//! The program as a client of a server's management API: which server, with which credentials, in which words.
//!
//! Knows HTTP and docker's `config.json`; knows no resource. Called by the commands that talk to a server.

mod address;
mod api;
mod credential_helper;
mod credentials;
mod docker_config;
mod event_stream;
mod json_object;
mod pages;
mod problem;
mod streams;
mod tls;

pub(crate) use address::ServerAddress;
pub(crate) use api::{ApiClient, find_named_server, parse_server};
pub(crate) use credentials::{CredentialStore, Credentials};
pub(crate) use event_stream::{ServerEvent, follow_events};
pub(crate) use pages::{PageOptions, list_pages};
