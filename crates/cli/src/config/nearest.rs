//! Which known name a mistyped one was probably meant to be.

/// The known name closest to `word`, or `None` when nothing is close enough to be a help.
pub(crate) fn find_nearest<'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    // A third of the letters may be wrong: less misses "listn_addr", more suggests unrelated names.
    let allowance = (word.chars().count() / 3).max(2);
    known
        .into_iter()
        .map(|candidate| {
            // Half of a longer name ("public", "proxies") is a typical way to misremember it.
            let distance = if word.len() >= 3 && candidate.contains(word) {
                1
            } else {
                measure_distance(word, candidate)
            };
            (distance, candidate)
        })
        .filter(|(distance, _)| *distance <= allowance)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Edit distance in characters (insertions, deletions, replacements).
fn measure_distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, letter) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, other) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_or_half_remembered_name_finds_its_neighbor() {
        let known = ["listen", "public_url", "aliases", "trusted_proxies"];
        assert_eq!(find_nearest("listn", known), Some("listen"));
        assert_eq!(find_nearest("public", known), Some("public_url"));
        assert_eq!(
            find_nearest("trusted_proxy", known),
            Some("trusted_proxies")
        );
        assert_eq!(find_nearest("storage_class", known), None);
    }

    #[test]
    fn the_distance_counts_single_letter_edits() {
        assert_eq!(measure_distance("kitten", "sitting"), 3);
        assert_eq!(measure_distance("", "abc"), 3);
        assert_eq!(measure_distance("abc", "abc"), 0);
    }
}
