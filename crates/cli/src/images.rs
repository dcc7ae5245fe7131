//! Where images come from and go to on the command line: the local store first, registries behind it.
//!
//! Glue alone: what a store and a registry are is known by `wharf-image` and `wharf-client`, which this introduces to each
//! other. Settings and environment are read here once. Called by `wharf build` and by the commands on the local store.

mod explain;
mod push;
mod registries;
mod source;
mod state_dir;

pub(crate) use push::{Pushing, push_image};
pub(crate) use registries::{find_docker_folder, open_client, open_egress, open_server_egress};
pub(crate) use source::Images;
pub(crate) use state_dir::{find_state_dir, open_store};
