//! What the place that text goes to can show.

use wharf_messages::Language;

/// How text may look; decided once from the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) language: Language,
    /// We may use colors: on a terminal that has them.
    pub(crate) color: bool,
    /// Colors in the output of steps are kept, in a file too, as people know it.
    pub(crate) step_color: bool,
    /// Characters beyond ASCII are shown as they are.
    pub(crate) unicode: bool,
}

/// The terminal's size in character cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) columns: usize,
    pub(crate) rows: usize,
}

impl Default for Size {
    /// What a terminal has that does not say.
    fn default() -> Self {
        Size {
            columns: 80,
            rows: 24,
        }
    }
}

impl Look {
    /// `variable` gives environment variables that are set and not empty. `NO_COLOR` follows no-color.org; the character
    /// set is that of the first locale variable that is set (POSIX.1 section 8.2).
    pub(crate) fn detect<'a>(
        language: Language,
        is_terminal: bool,
        variable: impl Fn(&str) -> Option<&'a str>,
    ) -> Self {
        let is_dumb = variable("TERM") == Some("dumb");
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .into_iter()
            .find_map(&variable)
            .unwrap_or_default()
            .to_ascii_lowercase();
        let wanted = variable("NO_COLOR").is_none();
        Look {
            language,
            color: wanted && is_terminal && !is_dumb,
            step_color: wanted && !(is_terminal && is_dumb),
            unicode: locale.ends_with("utf-8") || locale.ends_with("utf8"),
        }
    }
}

#[cfg(test)]
impl Look {
    /// Plain English without colors.
    pub(super) const BARE: Look = Look {
        language: Language::En,
        color: false,
        step_color: false,
        unicode: true,
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detect(is_terminal: bool, variables: &[(&str, &'static str)]) -> Look {
        Look::detect(Language::En, is_terminal, |name| {
            let found = variables.iter().find(|(own, _)| *own == name);
            found.map(|(_, value)| *value)
        })
    }

    #[test]
    fn no_color_and_dumb_terminals_are_respected() {
        assert!(detect(true, &[("TERM", "xterm")]).color);
        assert!(!detect(true, &[("TERM", "xterm"), ("NO_COLOR", "1")]).color);
        assert!(!detect(true, &[("TERM", "dumb")]).color);
        let file = detect(false, &[("TERM", "dumb")]);
        assert!(file.step_color && !file.color);
        assert!(!detect(false, &[("NO_COLOR", "1")]).step_color);
    }

    #[test]
    fn the_first_locale_that_is_set_says_which_characters_can_be_shown() {
        assert!(detect(true, &[("LANG", "de_DE.UTF-8")]).unicode);
        assert!(detect(true, &[("LC_ALL", "C.utf8"), ("LANG", "C")]).unicode);
        assert!(!detect(true, &[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")]).unicode);
        assert!(!detect(true, &[]).unicode);
    }
}
