//! What a build looks like while it runs: its events as text, in the shapes people and tools know from BuildKit.
//!
//! A pure state machine: events and a clock go in, text comes out; only [`Console`] owns a thread and writes to the
//! terminal. It decides nothing about a build and knows no options but those of looks. Called by `wharf build`.

mod console;
mod failure_report;
mod harmless;
mod line_joiner;
mod look;
mod mode;
mod plain;
mod quiet;
mod rawjson;
mod renderer;
mod steps;
mod summary;
mod transfers;
mod tty;
mod units;
mod width;

pub(crate) use console::{Connections, Console};
pub(crate) use failure_report::{SourceExcerpt, render_failure};
pub(crate) use look::{Look, Size};
pub(crate) use mode::{Mode, ModeProblem, choose_mode};
pub(crate) use renderer::Renderer;
pub(crate) use summary::render_warnings;
