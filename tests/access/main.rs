//! Who may do what: every route × every kind of caller × public and private, against a table that restates the rules.
//!
//! `rights` is the table, `*_rows` are the routes, `matrix` compares, and `coverage` fails when a route has no row.
//! `hidden` holds what is forbidden against what is missing, `revocation` holds each change against the next request.

mod api_accounts;
mod api_administration;
mod api_builds;
mod api_clusters;
mod api_namespaces;
mod api_repositories;
mod api_rules;
mod api_sources;
mod api_triggers;
mod coverage;
mod hidden;
mod matrix;
mod principal;
mod revocation;
mod rights;
mod row;
mod v2_content;
mod v2_uploads;
mod verbs;
mod world;

use row::Row;

/// Every row about the registry protocol.
fn v2_rows() -> Vec<Row> {
    [v2_content::rows(), v2_uploads::rows()].concat()
}

/// Every row about the management API.
fn api_rows() -> Vec<Row> {
    [
        api_accounts::rows(),
        api_administration::rows(),
        api_builds::rows(),
        api_clusters::rows(),
        api_namespaces::rows(),
        api_repositories::rows(),
        api_rules::rows(),
        api_sources::rows(),
        api_triggers::rows(),
    ]
    .concat()
}
