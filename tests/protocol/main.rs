//! The registry protocol, clause by clause: one test per sentence of the specification and of what is promised beside it.
//!
//! Names end in the endpoint they are about (`end_3` is end-3 of distribution-spec, "Endpoints") or in `docker` for what
//! only the Docker Registry HTTP API V2 says. Rights are not tested here: everything runs as the admin (see `access`).

mod addresses;
mod base;
mod blob_delete;
mod blob_pull;
mod blob_range;
mod catalog;
mod digests;
mod limits;
mod login;
mod manifest_delete;
mod manifest_kinds;
mod manifest_pull;
mod manifest_push;
mod manifest_references;
mod missing_blobs;
mod mounts;
mod names;
mod push_tags;
mod referrers;
mod referrers_pages;
mod subjects;
mod tags;
mod tags_pages;
mod upload_chunks;
mod upload_restart;
mod upload_sessions;
mod upload_whole;

use wharf_testkit::{RegistryClient, Repository, Server, SharedServer, unique_name};

static SERVER: SharedServer = SharedServer::new(Server::builder);

/// The admin's view of the shared server.
fn admin() -> RegistryClient {
    let server = SERVER.get();
    server.registry(&server.admin())
}

/// A repository that no other test uses, in a namespace of its own; it does not exist until something is pushed.
fn fresh_repository() -> Repository {
    admin().repository(&format!("{}/app", unique_name("team")))
}
