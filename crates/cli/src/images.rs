//! What images of the command line come from and go to: its store, and the client of registries.
//!
//! Settings and environment are read here once; `wharf-transfer` brings the two together. Called by `wharf build`, by the
//! commands on the local store, and by the server for its way out.

mod registries;
mod state_dir;

pub(crate) use registries::{find_docker_folder, open_client, open_egress, open_server_egress};
pub(crate) use state_dir::{find_state_dir, open_store};
