//! Nothing.

use jiff::Timestamp;
use wharf_builder::progress::Event;

use super::look::Size;
use super::renderer::View;
use super::steps::{Change, Steps};

/// Shows no progress; sentences of ours are still said.
pub(super) struct QuietView;

impl View for QuietView {
    fn show(&mut self, _: &Steps, _: &Event, _: Option<&Change>) -> String {
        String::new()
    }

    fn tick(&mut self, _: &Steps, _: Timestamp, _: Size) -> String {
        String::new()
    }

    fn finish(&mut self, _: &Steps, _: Timestamp, _: Size) -> String {
        String::new()
    }

    fn say(&mut self, sentence: &str) -> String {
        format!("{sentence}\n")
    }
}
