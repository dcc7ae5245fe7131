//! What the build argument SOURCE_DATE_EPOCH says.

/// The time that reproducible builds write (reproducible-builds.org, SOURCE_DATE_EPOCH).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceDateEpoch {
    /// Seconds since 1970.
    Seconds(i64),
    /// The newest time in the main context.
    Context,
    /// The time of a stage or a named context.
    Named(String),
}

impl SourceDateEpoch {
    /// None when the argument is given and empty, which switches it off.
    pub fn parse(value: &str) -> Option<SourceDateEpoch> {
        if let Ok(seconds) = value.parse() {
            return Some(SourceDateEpoch::Seconds(seconds));
        }
        match value {
            "" => None,
            "context" => Some(SourceDateEpoch::Context),
            name => Some(SourceDateEpoch::Named(name.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_a_time_and_a_word_names_where_it_is_found() {
        use SourceDateEpoch::{Context, Named, Seconds};
        for (value, expected) in [
            ("", None),
            ("1700000000", Some(Seconds(1_700_000_000))),
            ("-1", Some(Seconds(-1))),
            ("context", Some(Context)),
            ("base", Some(Named("base".to_owned()))),
        ] {
            assert_eq!(SourceDateEpoch::parse(value), expected, "{value}");
        }
    }
}
