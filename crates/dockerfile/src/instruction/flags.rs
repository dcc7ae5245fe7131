//! The `--flags` of an instruction, checked against the ones it knows.

use crate::{Problem, suggest::suggest};
use std::collections::BTreeMap;

/// A flag that an instruction knows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Alone, or with `=true` or `=false`.
    Switch,
    /// With a value, once.
    Text,
    /// With a value, any number of times.
    List,
}

pub(super) struct Flags {
    values: BTreeMap<String, Vec<String>>,
}

impl Flags {
    /// Fails on unknown, repeated and valueless flags.
    pub(super) fn parse(written: &[String], known: &[(&str, Kind)]) -> Result<Flags, Problem> {
        let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for text in written {
            let (flag, value) = match text.split_once('=') {
                Some((flag, value)) => (flag, Some(value)),
                None => (text.as_str(), None),
            };
            let name = flag.strip_prefix("--").unwrap_or(flag);
            let Some((_, kind)) = known.iter().find(|(known, _)| *known == name) else {
                let names = known.iter().map(|(name, _)| *name);
                return Err(Problem::UnknownFlag {
                    flag: flag.to_owned(),
                    suggestion: suggest(name, names).map(|name| format!("--{name}")),
                });
            };
            let flag = flag.to_owned();
            let value = match (kind, value) {
                (Kind::Switch, value) => read_switch(&flag, value)?.to_string(),
                (_, Some(value)) => value.to_owned(),
                (_, None) => return Err(Problem::FlagWithoutValue { flag }),
            };
            let list = values.entry(name.to_owned()).or_default();
            if *kind != Kind::List && !list.is_empty() {
                return Err(Problem::DuplicateFlag { flag });
            }
            list.push(value);
        }
        Ok(Flags { values })
    }

    /// For an instruction that knows no flag.
    pub(super) fn refuse(written: &[String]) -> Result<(), Problem> {
        Flags::parse(written, &[]).map(|_| ())
    }

    pub(super) fn take_switch(&mut self, name: &str) -> Option<bool> {
        self.take_text(name).map(|value| value == "true")
    }

    /// None when the flag is not given, or is given as nothing, which means the same.
    pub(super) fn take_text(&mut self, name: &str) -> Option<String> {
        self.take_list(name).pop().filter(|value| !value.is_empty())
    }

    pub(super) fn take_list(&mut self, name: &str) -> Vec<String> {
        self.values.remove(name).unwrap_or_default()
    }
}

fn read_switch(flag: &str, value: Option<&str>) -> Result<bool, Problem> {
    match value.map(str::to_ascii_lowercase).as_deref() {
        None | Some("true") => Ok(true),
        Some("false") => Ok(false),
        Some("") => Err(Problem::FlagWithoutValue {
            flag: flag.to_owned(),
        }),
        Some(_) => Err(Problem::FlagNotBoolean {
            flag: flag.to_owned(),
            value: value.unwrap_or_default().to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[(&str, Kind)] = &[
        ("link", Kind::Switch),
        ("chown", Kind::Text),
        ("exclude", Kind::List),
    ];

    fn parse(written: &[&str]) -> Result<Flags, String> {
        let written: Vec<String> = written.iter().map(|text| (*text).to_owned()).collect();
        Flags::parse(&written, KNOWN).map_err(|problem| problem.to_string())
    }

    #[test]
    fn known_flags_are_read_by_kind() {
        let mut flags =
            parse(&["--link", "--exclude=a", "--chown=b=c", "--exclude="]).expect("flags");
        assert_eq!(flags.take_switch("link"), Some(true));
        assert_eq!(flags.take_text("chown").as_deref(), Some("b=c"));
        assert_eq!(flags.take_list("exclude"), ["a", ""]);
        assert_eq!(flags.take_text("absent"), None);
        let mut flags = parse(&["--link=FALSE", "--chown="]).expect("flags");
        assert_eq!(flags.take_switch("link"), Some(false));
        assert_eq!(flags.take_text("chown"), None);
    }

    #[test]
    fn wrong_flags_say_what_is_wrong() {
        for (written, expected) in [
            (
                vec!["--chwon=a"],
                "unknown flag: --chwon (did you mean --chown?)",
            ),
            (vec!["--zzz"], "unknown flag: --zzz"),
            (vec!["--chown"], "missing a value on flag: --chown"),
            (vec!["--link="], "missing a value on flag: --link"),
            (
                vec!["--link=x"],
                "expecting boolean value for flag --link, not: x",
            ),
            (
                vec!["--chown=a", "--chown=b"],
                "duplicate flag specified: --chown",
            ),
            (vec!["--link", "--link"], "duplicate flag specified: --link"),
        ] {
            assert_eq!(parse(&written).err().as_deref(), Some(expected));
        }
    }
}
