//! The management API: every endpoint, what it answers and how it fails.
//!
//! The client holds every answer against the server's OpenAPI document, so tests look at values, not at shapes. Who may
//! call what is tested in `access`.

mod activity;
mod administration;
mod audit;
mod clusters;
mod console;
mod credentials;
mod deletion;
mod dockerfile_checks;
mod favorites;
mod hooks;
mod languages;
mod me;
mod members;
mod namespaces;
mod oidc;
mod openapi;
mod paging;
mod passwords;
mod problems;
mod repositories;
mod repository_lists;
mod requests;
mod robots;
mod rules;
mod search;
mod sessions;
mod settings;
mod source_logins;
mod sources;
mod stats;
mod stream_changes;
mod streams;
mod tag_detail;
mod tags;
mod tokens;
mod trigger_calls;
mod triggers;
mod users;
mod versions;
mod webhooks;

use wharf_testkit::{
    ApiClient, Person, Repository, Server, SharedServer, encode_segment, unique_name,
};

static SERVER: SharedServer = SharedServer::new(Server::builder);

/// The admin's view of the shared server.
fn admin() -> ApiClient {
    let server = SERVER.get();
    server.api(&server.admin())
}

/// A new user of the shared server, and the API as that user sees it.
fn fresh_person() -> (Person, ApiClient) {
    let server = SERVER.get();
    let person = server.user(&unique_name("person"));
    let api = server.api(&person.login());
    (person, api)
}

/// A repository in a namespace of its own, as the admin pushes to it.
fn fresh_repository() -> Repository {
    let server = SERVER.get();
    server
        .registry(&server.admin())
        .repository(&format!("{}/app", unique_name("team")))
}

/// `/repositories/NAME` and what follows, with the name as one segment.
fn repository_path(name: &str, rest: &str) -> String {
    format!("/repositories/{}{rest}", encode_segment(name))
}
