//! One black-box test for each row of the list of attacks that the registry part must survive, named after its row.
//!
//! Each test first shows that its attack would work: against the rightful owner, or with the guard off. Then it asserts the
//! exact refusal. What is of the same kind but on no list has a test without a row's number beside its relatives.

mod amplification;
mod audit_export;
mod bodies;
mod build_deliveries;
mod build_tenants;
mod connections;
mod console;
mod digests;
mod expiry;
mod fields;
mod guessing;
mod hosts;
mod http2;
mod ids;
mod injection;
mod installs;
mod isolation;
mod jwt;
mod limits;
mod logs;
mod markup;
mod measure;
mod names;
mod oidc;
mod open_paths;
mod other_tenants;
mod pages;
mod ranges;
mod read_only;
mod referrers;
mod registry_tokens;
mod secrets;
mod sessions;
mod sign_in_races;
mod sign_ins;
mod smuggling;
mod tenant;
mod timing;
mod tls;
mod trigger_definitions;
mod trigger_targets;
mod trigger_tenants;
mod web_logins;
mod wire;
mod world;
