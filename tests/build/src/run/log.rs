//! What a build printed: lines of its steps, warnings, answers to `--check` and `--call`, and where an error points.
//!
//! The plain progress is read as BuildKit writes it: `#7 0.123 text` is a line of step 7, a warning is
//! ` - Rule: text (line 3)`.

use std::collections::BTreeSet;

/// The lines that steps printed, in order, without number and time.
#[must_use]
pub(super) fn list_step_lines(text: &str) -> Vec<String> {
    text.lines()
        .filter_map(split_step_line)
        .map(str::to_owned)
        .collect()
}

fn split_step_line(line: &str) -> Option<&str> {
    let (number, rest) = line.strip_prefix('#')?.split_once(' ')?;
    let (time, text) = rest.split_once(' ').unwrap_or((rest, ""));
    let is_time = time.contains('.') && time.parse::<f64>().is_ok();
    (is_time && number.parse::<u32>().is_ok()).then_some(text)
}

/// The warnings as `Rule line`, sorted, each once: a step's own line for it, or a row of the list at the end.
#[must_use]
pub(super) fn list_warnings(text: &str) -> Vec<String> {
    let warnings: BTreeSet<String> = text.lines().filter_map(read_warning).collect();
    warnings.into_iter().collect()
}

fn read_warning(line: &str) -> Option<String> {
    let told = line.strip_prefix(" - ").or_else(|| {
        let (number, rest) = line.strip_prefix('#')?.split_once(" WARN: ")?;
        number.parse::<u32>().is_ok().then_some(rest)
    })?;
    let (rule, rest) = told.split_once(": ")?;
    let line = rest.rsplit_once("(line ")?.1.strip_suffix(')')?;
    Some(format!("{rule} {line}"))
}

/// What `--check` printed, as `Rule line`; what else a request printed, without blank lines and runs of spaces.
#[must_use]
pub(super) fn list_printed(text: &str) -> Vec<String> {
    let lines: Vec<String> = text
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| !line.is_empty() && line.chars().any(|one| one != '-'))
        // A count that one client prints above the daemon's own text.
        .filter(|line| !line.starts_with("Check complete"))
        .collect();
    if !lines.iter().any(|line| line.starts_with("WARNING: ")) {
        return lines;
    }
    let mut violations = Vec::new();
    for line in lines {
        if let Some(rest) = line.strip_prefix("WARNING: ") {
            let rule = rest.split([' ', ':']).next().unwrap_or_default();
            violations.push(rule.to_owned());
        } else if let (Some(last), Some((_, number))) =
            (violations.last_mut(), line.split_once("Dockerfile:"))
            && number.parse::<u32>().is_ok()
            && !last.contains(' ')
        {
            last.push_str(&format!(" {number}"));
        }
    }
    violations
}

/// The line of a Dockerfile that an error points at: `Dockerfile:3` above an excerpt.
#[must_use]
pub fn find_line(text: &str) -> Option<u64> {
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let is_excerpt = lines.peek().is_some_and(|next| next.starts_with("-----"));
        if let (true, Some((_, number))) = (is_excerpt, line.rsplit_once(':'))
            && let Ok(number) = number.parse()
        {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{find_line, list_printed, list_step_lines, list_warnings};

    #[test]
    fn lines_of_steps_are_told_from_those_about_steps() {
        let text =
            "#5 [2/2] RUN echo hi\n#5 0.071 hi\n#5 0.080 \n#5 DONE 0.1s\n#6 sha256:aa 1B / 1B";
        assert_eq!(list_step_lines(text), ["hi", ""]);
    }

    #[test]
    fn warnings_carry_their_rule_and_line() {
        let text = "x\n 1 warning found:\n - StageNameCasing: Stage name 'X' should be lowercase (line 1)\n";
        assert_eq!(list_warnings(text), ["StageNameCasing 1"]);
        assert_eq!(
            list_warnings("#1 WARN: StageNameCasing: Stage name (line 1)\n"),
            ["StageNameCasing 1"]
        );
    }

    #[test]
    fn violations_are_named_by_rule_and_line() {
        let text = "Check complete, 2 warnings have been found!\n\nWARNING: A - https://x\ntext\nDockerfile:3\n-----\n 3 | >>> Dockerfile:9\nWARNING: B\nDockerfile:4\n";
        assert_eq!(list_printed(text), ["A 3", "B 4"]);
    }

    #[test]
    fn an_error_points_at_the_line_above_its_excerpt() {
        assert_eq!(
            find_line("error\nDockerfile:12\n--------------------\n  12 | >>> X\n"),
            Some(12)
        );
        assert_eq!(find_line("error: a:1\n"), None);
    }
}
