//! A region at the bottom of the terminal that is drawn anew: what runs, for how long, what it says and moves.
//!
//! The frame is lines; how they get onto the screen is the other half: up to the region's first line, each line over the
//! old one, what was below is erased. The cursor is hidden only while a frame is written, so that a process that is killed
//! leaves a usable terminal.

mod bar;
mod frame;

use jiff::Timestamp;
use wharf_builder::progress::Event;

use super::look::{Look, Size};
use super::renderer::View;
use super::steps::{Change, Steps};
use frame::{draw_final, draw_frame};

/// CUU, EL, ED, DECTCEM of ECMA-48 and its descendants: every terminal but a dumb one has them.
const ERASE_TO_LINE_END: &str = "\x1b[K";
const ERASE_BELOW: &str = "\x1b[J";
const HIDE_CURSOR: &str = "\x1b[?25l";
const SHOW_CURSOR: &str = "\x1b[?25h";

#[derive(Debug)]
pub(super) struct TtyView {
    look: Look,
    /// Lines of the region that is on the screen.
    drawn: usize,
}

impl TtyView {
    pub(super) fn new(look: Look) -> Self {
        TtyView { look, drawn: 0 }
    }

    fn go_to_top(&mut self) -> String {
        match std::mem::take(&mut self.drawn) {
            0 => "\r".to_owned(),
            lines => format!("\r\x1b[{lines}A"),
        }
    }

    fn redraw(&mut self, lines: &[String]) -> String {
        let mut text = HIDE_CURSOR.to_owned();
        text += &self.go_to_top();
        for line in lines {
            text += line;
            text += ERASE_TO_LINE_END;
            text.push('\n');
        }
        text += ERASE_BELOW;
        text += SHOW_CURSOR;
        self.drawn = lines.len();
        text
    }
}

impl View for TtyView {
    /// Frames come with the clock: drawing each event would be slower than the build.
    fn show(&mut self, _: &Steps, _: &Event, _: Option<&Change>) -> String {
        String::new()
    }

    fn tick(&mut self, steps: &Steps, now: Timestamp, size: Size) -> String {
        let lines = draw_frame(steps, now, size, self.look);
        self.redraw(&lines)
    }

    fn finish(&mut self, steps: &Steps, now: Timestamp, size: Size) -> String {
        let lines = draw_final(steps, now, size, self.look);
        let text = self.redraw(&lines);
        self.drawn = 0;
        text
    }

    fn say(&mut self, sentence: &str) -> String {
        format!("{}{ERASE_BELOW}{sentence}\n", self.go_to_top())
    }
}

#[cfg(test)]
mod tests;
