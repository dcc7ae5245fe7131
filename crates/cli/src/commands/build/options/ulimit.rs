//! `--ulimit`: resource limits of steps.

use super::OptionProblem;

/// The names that docker knows (docker/go-units).
const NAMES: [&str; 15] = [
    "core",
    "cpu",
    "data",
    "fsize",
    "locks",
    "memlock",
    "msgqueue",
    "nice",
    "nofile",
    "nproc",
    "rss",
    "rtprio",
    "rttime",
    "sigpending",
    "stack",
];

/// `NAME=SOFT[:HARD]`; -1 is no limit.
pub(in crate::commands::build) fn read_ulimits(
    texts: &[String],
) -> Result<Vec<(String, u64, u64)>, OptionProblem> {
    texts.iter().map(|text| read_ulimit(text)).collect()
}

fn read_ulimit(text: &str) -> Result<(String, u64, u64), OptionProblem> {
    let refuse = |key| OptionProblem::new(key, "--ulimit", text);
    let (name, limits) = text.split_once('=').ok_or_else(|| refuse("ulimit"))?;
    if !NAMES.contains(&name) {
        return Err(refuse("ulimit_name").with("names", NAMES.join(", ")));
    }
    let (soft, hard) = limits.split_once(':').unwrap_or((limits, limits));
    let read = |number: &str| match number {
        "-1" => Some(u64::MAX),
        number => number.parse().ok(),
    };
    match (read(soft), read(hard)) {
        (Some(soft), Some(hard)) if soft <= hard => Ok((name.to_owned(), soft, hard)),
        (Some(_), Some(_)) => Err(refuse("ulimit_order")),
        _ => Err(refuse("ulimit")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_one_number_or_two() {
        for (text, soft, hard) in [
            ("nofile=1024:4096", 1024, 4096),
            ("nofile=1024", 1024, 1024),
            ("core=-1", u64::MAX, u64::MAX),
            ("core=0:-1", 0, u64::MAX),
        ] {
            let (_, found_soft, found_hard) = read_ulimit(text).expect(text);
            assert_eq!((found_soft, found_hard), (soft, hard), "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused_with_the_reason() {
        for (text, key) in [
            ("nofile", "ulimit"),
            ("nofile=", "ulimit"),
            ("nofile=a", "ulimit"),
            ("nofile=1:2:3", "ulimit"),
            ("files=1", "ulimit_name"),
            ("nofile=2:1", "ulimit_order"),
            ("nofile=-1:1", "ulimit_order"),
        ] {
            assert_eq!(read_ulimit(text).expect_err(text).key(), key, "{text}");
        }
    }
}
