//! The contract of the store, seen from outside. A second backend has to pass the same sentences.

mod bytes_and_ids;

mod durability;
mod earlier_process;
mod folder;
mod full_disk;
mod mounts;
mod power_loss;
mod races;
mod resuming;
mod uploading;
