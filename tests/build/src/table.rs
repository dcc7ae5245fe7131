//! The agreement table: cases that agree, by area of the checklist.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};

use crate::rows::AREAS;

/// What became of the cases of a run.
#[derive(Debug, Default)]
pub struct Table(Mutex<BTreeMap<String, Counts>>);

#[derive(Debug, Default, Clone, Copy)]
struct Counts {
    agree: usize,
    on_purpose: usize,
    differ: usize,
}

impl Table {
    /// Counts a case under the area of each of its rows, once an area.
    pub fn count_case(&self, rows: &[String], agrees: bool, on_purpose: bool) {
        let mut areas: Vec<&str> = rows.iter().map(|row| &row[..1]).collect();
        areas.sort_unstable();
        areas.dedup();
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for area in areas {
            let count = counts.entry(area.to_owned()).or_default();
            match (agrees, on_purpose) {
                (false, _) => count.differ += 1,
                (true, true) => count.on_purpose += 1,
                (true, false) => count.agree += 1,
            }
        }
    }

    /// The table as Markdown.
    #[must_use]
    pub fn draw(&self) -> String {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text =
            String::from("| area | agree | differ on purpose | differ |\n|---|---|---|---|\n");
        for (letter, name, _, _) in AREAS {
            let count = counts.get(*letter).copied().unwrap_or_default();
            let _ = writeln!(
                text,
                "| {letter} {name} | {} | {} | {} |",
                count.agree, count.on_purpose, count.differ
            );
        }
        text
    }
}
