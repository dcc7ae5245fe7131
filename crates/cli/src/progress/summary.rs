//! The warnings of a build, after its steps.

use std::fmt::Write;

use super::look::Look;
use super::steps::Warning;
use wharf_messages::render;

/// The list of warnings as BuildKit's client ends a build with it; empty when there is none.
pub(crate) fn render_warnings(warnings: &[Warning], look: Look) -> String {
    if warnings.is_empty() {
        return String::new();
    }
    let key = match warnings {
        [_] => "cli.build.warnings.one",
        _ => "cli.build.warnings.many",
    };
    let count = warnings.len().to_string();
    let mut text = format!(
        "\n {}\n",
        paint(&render(look.language, key, &[("count", &count)]), look)
    );
    for warning in warnings {
        text.push_str(" - ");
        if let Some(rule) = &warning.rule {
            let _ = write!(text, "{rule}: ");
        }
        text.push_str(&warning.message);
        if let Some((first, _)) = warning.lines {
            let line = first.to_string();
            let place = render(look.language, "cli.build.warnings.line", &[("line", &line)]);
            let _ = write!(text, " {place}");
        }
        text.push('\n');
    }
    text
}

fn paint(text: &str, look: Look) -> String {
    match look.color {
        true => format!("\x1b[33m{text}\x1b[0m"),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_are_listed_with_rule_and_line() {
        let warnings = [
            Warning {
                rule: Some("StageNameCasing".to_owned()),
                message: "Stage name 'A' should be lowercase".to_owned(),
                lines: Some((1, 1)),
            },
            Warning {
                rule: None,
                message: "no cgroup".to_owned(),
                lines: None,
            },
        ];
        assert_eq!(
            render_warnings(&warnings, Look::BARE),
            "\n 2 warnings found:\n - StageNameCasing: Stage name 'A' should be lowercase (line 1)\n - no cgroup\n"
        );
        assert_eq!(render_warnings(&[], Look::BARE), "");
    }
}
