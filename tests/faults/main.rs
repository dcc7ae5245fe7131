//! What must survive faults: one test per row of the fault table, named after it, each followed by the checkers.
//!
//! Every test has a server of its own, because its server is what gets hurt. Afterwards the server is held against what
//! it acknowledged, and `wharf fsck` compares its rows with its files. `soak` runs the same rows for longer.

mod builds;
mod client;
mod clocks;
mod crash_points;
mod database;
mod failed_syncs;
mod full_disks;
mod kill;
mod memory;
mod place;
mod power_loss;
mod read_errors;
mod read_only;
mod restarts;
mod second_server;
mod slow_clients;
mod stats;
mod stopped_servers;
mod triggers;
