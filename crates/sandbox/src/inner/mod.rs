//! Inside of the namespaces, before the step's command or around a file job.
//!
//! Everything here runs as the first process of its pid namespace, as root of its user namespace, with nothing of the
//! host in reach once the staging folder is entered. What an image holds is untrusted: its paths are resolved beneath
//! its root, its files are read within limits.

mod account;
mod accounts_file;
mod arrival;
pub(crate) mod cell;
mod devices;
mod execute;
mod files;
mod job;
mod masks;
mod mounts;
mod overlay;
mod privileges;
mod resolve;
mod rlimits;
mod staging;
mod step;
mod system;
mod targets;

pub(crate) use arrival::{resume, run};
pub(crate) use resolve::{Missing, resolve};
pub(crate) use staging::clone_mount;
