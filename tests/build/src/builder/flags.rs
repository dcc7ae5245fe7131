//! Flags of `docker buildx build`, taken apart.

/// Flags that stand alone.
const SWITCHES: &[&str] = &["--no-cache", "--pull", "--push", "--load", "--check"];

/// Name and value of each flag, in order; `--name=value` and `--name value` are the same.
#[must_use]
pub fn split_flags(flags: &[String]) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let mut words = flags.iter();
    while let Some(word) = words.next() {
        if SWITCHES.contains(&word.as_str()) {
            pairs.push((word.clone(), String::new()));
        } else if let (true, Some((name, value))) = (word.starts_with("--"), word.split_once('=')) {
            pairs.push((name.to_owned(), value.to_owned()));
        } else {
            pairs.push((word.clone(), words.next().cloned().unwrap_or_default()));
        }
    }
    pairs
}

/// Whether the flags ask for something printed instead of a build.
#[must_use]
pub fn asks_to_print(flags: &[String]) -> bool {
    flags
        .iter()
        .any(|flag| flag == "--check" || flag.starts_with("--call"))
}

#[cfg(test)]
mod tests {
    use super::split_flags;

    #[test]
    fn values_follow_a_space_or_an_equals_sign() {
        let flags = [
            "--build-arg",
            "A=1",
            "--target=x",
            "--no-cache",
            "-t",
            "a/b:1",
        ]
        .map(str::to_owned);
        let pairs = split_flags(&flags);
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(
            pairs,
            [
                ("--build-arg", "A=1"),
                ("--target", "x"),
                ("--no-cache", ""),
                ("-t", "a/b:1")
            ]
        );
    }
}
