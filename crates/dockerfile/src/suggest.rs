//! "Did you mean": the nearest of some known words.

/// A word further than this from what was written is not what was meant: at 3 and above, short flags suggest each
/// other; at 1, swapped letters find nothing.
const MAX_DISTANCE: usize = 2;

/// Longer words are not compared, and no more options than this: a hostile file has thousands of both, and comparing
/// takes the product of their lengths.
const MAX_LENGTH: usize = 64;
const MAX_OPTIONS: usize = 1000;

/// The option nearest to `written`, when one is near and none is equal: an equal one means the mistake is elsewhere.
pub(crate) fn suggest<'a>(
    written: &str,
    options: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    if written.len() > MAX_LENGTH {
        return None;
    }
    let mut nearest: Option<(usize, &str)> = None;
    for option in options.into_iter().take(MAX_OPTIONS) {
        if option == written {
            return None;
        }
        // Words of very different length are further apart than the limit; this also bounds the work.
        if option.len().abs_diff(written.len()) > MAX_DISTANCE * 4 {
            continue;
        }
        let distance = measure_distance(written, option);
        if distance <= MAX_DISTANCE && nearest.is_none_or(|(best, _)| distance < best) {
            nearest = Some((distance, option));
        }
    }
    nearest.map(|(_, option)| option.to_owned())
}

/// The same without regard to case; the answer takes the case of what was written.
pub(crate) fn suggest_keyword<'a>(
    written: &str,
    options: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    let found = suggest(&written.to_ascii_uppercase(), options)?;
    let is_lower = written == written.to_ascii_lowercase();
    Some(if is_lower {
        found.to_ascii_lowercase()
    } else {
        found
    })
}

/// ` (did you mean X?)`, or nothing.
pub(crate) fn did_you_mean(suggestion: &Option<String>) -> String {
    match suggestion {
        Some(text) => format!(" (did you mean {text}?)"),
        None => String::new(),
    }
}

/// The edit distance of Levenshtein: insertions, deletions, replacements.
fn measure_distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (done, from) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = done + 1;
        for (index, to) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[index + 1];
            row[index + 1] = replaced.min(row[index] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_offered() {
        let flags = ["chown", "chmod", "from", "link"];
        let offered = |written| suggest(written, flags);
        assert_eq!(offered("chwon").as_deref(), Some("chown"));
        assert_eq!(offered("form").as_deref(), Some("from"));
        assert_eq!(offered("lin").as_deref(), Some("link"));
        assert_eq!(offered("completely"), None);
        assert_eq!(offered("link"), None);
    }

    #[test]
    fn a_keyword_keeps_the_case_it_was_written_in() {
        let words = ["FROM", "COPY"];
        assert_eq!(suggest_keyword("cpoy", words).as_deref(), Some("copy"));
        assert_eq!(suggest_keyword("FRM", words).as_deref(), Some("FROM"));
    }

    #[test]
    fn distances_are_those_of_levenshtein() {
        assert_eq!(measure_distance("kitten", "sitting"), 3);
        assert_eq!(measure_distance("", "abc"), 3);
        assert_eq!(measure_distance("abc", "abc"), 0);
    }
}
