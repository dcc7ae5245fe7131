//! One frame: a head line, a line for each step, and below the running ones what they move and say.

use jiff::Timestamp;
use wharf_messages::render;

use super::bar::draw_bar;
use crate::progress::look::{Look, Size};
use crate::progress::steps::{State, Step, Steps};
use crate::progress::transfers::Transfer;
use crate::progress::units::{measure_seconds, show_bytes};
use crate::progress::width::{cut_to_width, measure_width, spread};

/// Lines of output below a running step. BuildKit has as many; more push the other steps away.
const LOG_LINES: usize = 6;
/// Things that move below a running step; images have seldom more layers in flight.
const TRANSFER_LINES: usize = 6;
/// Cells of a progress bar, and the narrowest terminal that has room for one.
const BAR_WIDTH: usize = 20;
const BAR_COLUMNS: usize = 70;

const FAINT: &str = "2";
const RED: &str = "31";
const YELLOW: &str = "33";
const BLUE: &str = "34";

/// The region while the build runs: as high as the terminal at most, the oldest steps that are over are left out first.
pub(super) fn draw_frame(steps: &Steps, now: Timestamp, size: Size, look: Look) -> Vec<String> {
    let mut lines = vec![draw_head(steps, now, size, look, false)];
    // The cursor stands in the line below the region.
    let room = size.rows.saturating_sub(2);
    let all: Vec<&Step> = steps.iter().map(|(_, step)| step).collect();
    let visible = choose_visible(&all, room);
    let mut spare = room.saturating_sub(visible.len());
    for step in visible {
        lines.push(draw_step(step, now, size, look));
        if step.is_running() {
            let below = draw_below(step, now, size, look, spare);
            spare -= below.len();
            lines.extend(below);
        }
    }
    lines
}

/// What stays on the screen: all steps, folded.
pub(super) fn draw_final(steps: &Steps, now: Timestamp, size: Size, look: Look) -> Vec<String> {
    let head = draw_head(steps, now, size, look, true);
    let lines = steps
        .iter()
        .map(|(_, step)| draw_step(step, now, size, look));
    std::iter::once(head).chain(lines).collect()
}

/// The steps that fit into `room` lines, in their order. Running ones stay longest, then the newest.
fn choose_visible<'a>(all: &[&'a Step], room: usize) -> Vec<&'a Step> {
    let mut excess = all.len().saturating_sub(room);
    let mut visible: Vec<&Step> = all
        .iter()
        .copied()
        .filter(|step| {
            let is_left_out = excess > 0 && !step.is_running();
            excess -= usize::from(is_left_out);
            !is_left_out
        })
        .collect();
    visible.drain(..visible.len().saturating_sub(room));
    visible
}

fn draw_head(steps: &Steps, now: Timestamp, size: Size, look: Look, is_over: bool) -> String {
    let seconds = steps.began.map_or(0.0, |began| measure_seconds(began, now));
    let total = steps.iter().count();
    let over = steps.iter().filter(|(_, step)| !step.is_running()).count();
    let key = match is_over && over == total {
        true => "cli.build.progress.finished",
        false => "cli.build.progress.running",
    };
    let parameters = [
        ("seconds", format!("{seconds:.1}")),
        ("done", over.to_string()),
        ("total", total.to_string()),
    ];
    let parameters = parameters
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let head = render(look.language, key, &parameters);
    cut_to_width(&head, size.columns.saturating_sub(1), mark(look))
}

fn draw_step(step: &Step, now: Timestamp, size: Size, look: Look) -> String {
    let (word, color) = match step.state {
        State::Running => ("", None),
        State::Done => ("", Some(BLUE)),
        State::Cached => ("CACHED ", Some(BLUE)),
        State::Canceled => ("CANCELED ", Some(YELLOW)),
        State::Failed(_) => ("ERROR ", Some(RED)),
    };
    let seconds = step.measure_seconds(now);
    // Below this the number is the machine's noise.
    let seconds = if seconds < 0.05 { 0.0 } else { seconds };
    let line = spread(
        &format!(" => {word}{}", show_text(&step.name, look)),
        &format!("{seconds:.1}s"),
        size.columns.saturating_sub(1),
        mark(look),
    );
    match color.filter(|_| look.color) {
        Some(color) => paint(&line, color),
        None => line,
    }
}

/// At most `room` lines.
fn draw_below(step: &Step, now: Timestamp, size: Size, look: Look, room: usize) -> Vec<String> {
    let moving: Vec<&Transfer> = step
        .transfers
        .iter()
        .filter(|moving| !moving.is_complete())
        .collect();
    let newest = moving.len().saturating_sub(TRANSFER_LINES.min(room));
    let mut lines: Vec<String> = moving[newest..]
        .iter()
        .map(|moving| draw_transfer(moving, now, size, look))
        .collect();
    let mut output: Vec<String> = step.log.iter().map(|line| line.text.clone()).collect();
    output.extend(step.open_line(look.step_color));
    output.retain(|text| !text.trim().is_empty());
    let newest = output
        .len()
        .saturating_sub(LOG_LINES.min(room - lines.len()));
    lines.extend(output[newest..].iter().map(|text| {
        let text = show_text(&text.replace('\t', "    "), look);
        let line = cut_to_width(
            &format!(" => => # {text}"),
            size.columns.saturating_sub(1),
            mark(look),
        );
        // Text with colors of its own would end ours in its middle.
        match look.color && !line.contains('\x1b') {
            true => paint(&line, FAINT),
            false => line,
        }
    }));
    lines
}

fn draw_transfer(moving: &Transfer, now: Timestamp, size: Size, look: Look) -> String {
    let status = match moving.total {
        Some(total) => format!("{} / {}", show_bytes(moving.current), show_bytes(total)),
        None => show_bytes(moving.current),
    };
    let bar = match moving.total.filter(|_| size.columns >= BAR_COLUMNS) {
        Some(total) => draw_bar(moving.current, total, BAR_WIDTH, look.unicode) + " ",
        None => String::new(),
    };
    let seconds = measure_seconds(moving.started, now);
    let right = format!("{bar}{status} {seconds:.1}s");
    let width = size.columns.saturating_sub(1);
    let right = match measure_width(&right) + 12 > width {
        true => format!("{seconds:.1}s"),
        false => right,
    };
    let item = show_text(&moving.show_item(), look);
    spread(&format!(" => => {item}"), &right, width, mark(look))
}

fn paint(line: &str, color: &str) -> String {
    format!("\x1b[{color}m{line}\x1b[0m")
}

fn mark(look: Look) -> &'static str {
    if look.unicode { "…" } else { "..." }
}

/// Text for this terminal; what it cannot show is a question mark.
fn show_text(text: &str, look: Look) -> String {
    if look.unicode {
        return text.to_owned();
    }
    let ascii = |character: char| if character.is_ascii() { character } else { '?' };
    text.chars().map(ascii).collect()
}
