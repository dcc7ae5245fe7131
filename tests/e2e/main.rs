//! Real clients against a real server: what people run every day, as they run it.
//!
//! One module a client. A client that this machine does not have is skipped with that reason; `make test-deps` installs
//! them. Nothing here reads or writes the configuration of the person who runs the tests, and every test leaves neither
//! process nor mount behind. Refuses to reach any network but loopback.

mod client;
mod containers;
mod daemon;
mod layout;
mod site;
mod tool;

mod buildah;
mod buildkit;
mod cosign;
mod docker;
mod helm;
mod nginx;
mod oras;
mod podman;
mod skopeo;
mod tls;
mod wharf;
