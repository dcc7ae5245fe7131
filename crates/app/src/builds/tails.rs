//! The last lines of each step, for the record of a build that fails: its page shows them before anything else.

use std::collections::HashMap;

/// Bytes kept of each step: a screen or two.
const KEPT: usize = 4 * 1024;

/// Lines shown of a step that failed.
const LINES: usize = 20;

/// What each step wrote last.
#[derive(Default)]
pub(super) struct Tails {
    steps: HashMap<u32, (String, String)>,
    failed: Option<u32>,
}

impl Tails {
    pub(super) fn begin(&mut self, step: u32, name: &str) {
        self.steps.insert(step, (name.to_owned(), String::new()));
    }

    pub(super) fn add(&mut self, step: u32, text: &str) {
        let Some((_, tail)) = self.steps.get_mut(&step) else {
            return;
        };
        tail.push_str(text);
        if tail.len() > 2 * KEPT {
            let mut cut = tail.len() - KEPT;
            while !tail.is_char_boundary(cut) {
                cut += 1;
            }
            tail.drain(..cut);
        }
    }

    pub(super) fn fail(&mut self, step: u32) {
        self.failed.get_or_insert(step);
    }

    /// The first step that failed.
    pub(super) fn failed(&self) -> Option<String> {
        let step = self.steps.get(&self.failed?)?;
        Some(step.0.clone())
    }

    /// The last lines of the step with this name; of several the one that failed.
    pub(super) fn of(&self, name: &str) -> Option<String> {
        let failed = self.failed.and_then(|step| self.steps.get(&step));
        let named = failed.filter(|(own, _)| own == name);
        let (_, tail) = named.or_else(|| self.steps.values().find(|(own, _)| own == name))?;
        let lines: Vec<&str> = tail.lines().collect();
        let first = lines.len().saturating_sub(LINES);
        (!lines.is_empty()).then(|| lines[first..].join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_failed_shows_its_last_lines_whatever_others_wrote() {
        let mut tails = Tails::default();
        tails.begin(1, "[1/2] RUN a");
        tails.begin(2, "[2/2] RUN b");
        for number in 0..5000 {
            tails.add(1, &format!("ü{number}\n"));
            tails.add(2, "noise\n");
        }
        tails.fail(1);
        tails.fail(2);
        assert_eq!(tails.failed().as_deref(), Some("[1/2] RUN a"));
        let lines = tails.of("[1/2] RUN a").unwrap();
        assert_eq!(lines.lines().count(), LINES);
        assert!(lines.ends_with("ü4998\nü4999"));
        assert_eq!(tails.of("unknown"), None);
    }
}
