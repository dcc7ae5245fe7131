//! The build service through its API, with workers that pretend: the queue, logs, tags, and what a restart finds.
//!
//! Runs on SQLite, and on PostgreSQL when `WHARF_TEST_ENGINE=postgres`.

mod bases;
mod calls;
mod ending;
mod exports;
mod fairness;
mod launcher;
mod links;
mod live;
mod masks;
mod newness;
mod registry;
mod restarts;
mod room;
mod rules;
mod site;
mod tags;
