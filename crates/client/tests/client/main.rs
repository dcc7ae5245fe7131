//! The client against a scripted registry that fails in every way, and against a real one.

mod auth;
mod blobs;
mod fake;
mod limits;
mod manifests;
mod mirrors;
mod pushes;
mod real;
mod setup;
mod skip;
