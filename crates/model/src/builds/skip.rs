//! The words in a commit's message that ask not to be built.

/// What GitLab, GitHub and Docker Hub's automated builds read in the same sense; any capitalization, anywhere in the
/// message (docs.gitlab.com/ci/pipelines, "Skip a pipeline"; docs.github.com, "Skipping workflow runs").
pub const SKIP_WORDS: [&str; 2] = ["[skip ci]", "[ci skip]"];

/// Whether the head commit's message holds `[skip ci]` or `[ci skip]`.
pub fn asks_to_skip(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    SKIP_WORDS.iter().any(|word| message.contains(word))
}

#[cfg(test)]
mod tests {
    use super::asks_to_skip;

    #[test]
    fn the_words_count_anywhere_in_the_message_and_in_any_case() {
        for yes in [
            "[skip ci]",
            "docs: typo [CI SKIP]",
            "release 1.0\n\nbody\n[Skip CI]\n",
        ] {
            assert!(asks_to_skip(yes), "{yes}");
        }
        for no in ["", "skip ci", "[skip  ci]", "[skip-ci]", "[skip cider]"] {
            assert!(!asks_to_skip(no), "{no}");
        }
    }
}
