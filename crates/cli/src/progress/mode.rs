//! `--progress` and `--quiet`: which of the shapes is shown.

/// A shape of progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// A region of the terminal that is redrawn.
    Tty,
    /// Lines, for logs.
    Plain,
    /// A JSON document a line, for programs.
    RawJson,
    /// Nothing but the image's id in the end.
    Quiet,
    /// Nothing at all; docker's word for it is `none`.
    Silent,
}

/// Why no shape can be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ModeProblem {
    /// There is no such shape.
    Unknown,
    /// `--quiet` together with a shape that is not quiet.
    NotQuiet,
    /// `tty` without a terminal that can be redrawn.
    NoTerminal,
}

/// Chooses from the option's value; `auto` is a terminal's region where there is one, and lines elsewhere.
pub(crate) fn choose_mode(
    option: &str,
    is_quiet: bool,
    can_redraw: bool,
) -> Result<Mode, ModeProblem> {
    let mode = match option {
        "auto" | "" if is_quiet => Mode::Quiet,
        "auto" | "" if can_redraw => Mode::Tty,
        "auto" | "" | "plain" => Mode::Plain,
        "tty" => Mode::Tty,
        "rawjson" => Mode::RawJson,
        "quiet" => Mode::Quiet,
        "none" => Mode::Silent,
        _ => return Err(ModeProblem::Unknown),
    };
    match mode {
        Mode::Tty | Mode::Plain | Mode::RawJson if is_quiet => Err(ModeProblem::NotQuiet),
        Mode::Tty if !can_redraw => Err(ModeProblem::NoTerminal),
        Mode::Silent if is_quiet => Ok(Mode::Quiet),
        mode => Ok(mode),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auto_is_a_region_on_a_terminal_and_lines_elsewhere() {
        assert_eq!(choose_mode("auto", false, true), Ok(Mode::Tty));
        assert_eq!(choose_mode("auto", false, false), Ok(Mode::Plain));
        assert_eq!(choose_mode("auto", true, true), Ok(Mode::Quiet));
    }

    #[test]
    fn quiet_goes_with_no_other_shape() {
        for other in ["plain", "tty", "rawjson"] {
            assert_eq!(choose_mode(other, true, true), Err(ModeProblem::NotQuiet));
        }
        assert_eq!(choose_mode("quiet", true, true), Ok(Mode::Quiet));
        assert_eq!(choose_mode("none", true, true), Ok(Mode::Quiet));
    }

    #[test]
    fn what_cannot_be_shown_is_refused() {
        assert_eq!(
            choose_mode("tty", false, false),
            Err(ModeProblem::NoTerminal)
        );
        assert_eq!(choose_mode("fancy", false, true), Err(ModeProblem::Unknown));
    }
}
