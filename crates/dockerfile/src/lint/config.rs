//! Which rules apply: `# check=skip=A,B;error=true;experimental=all`.

use super::Rule;
use crate::{Problem, values::parse_flag};
use std::collections::BTreeSet;

/// More parts than there are options would repeat one.
const MAX_OPTIONS: usize = 3;

/// What a file, an instruction's comment or a build argument says about the rules.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LintConfig {
    pub skip: Selection,
    /// Experimental rules are off unless selected here.
    pub experimental: Selection,
    /// Findings fail the build.
    pub error: bool,
}

/// Rules by name; names that no rule has are kept, for rules that are still to come.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selection {
    pub all: bool,
    pub names: BTreeSet<String>,
}

impl LintConfig {
    pub fn parse(text: &str) -> Result<LintConfig, Problem> {
        let mut config = LintConfig::default();
        if text.trim().is_empty() {
            return Ok(config);
        }
        let options: Vec<&str> = text.trim().split(';').collect();
        let refuse = |option: &str| Problem::CheckOption {
            option: option.to_owned(),
        };
        if let Some(extra) = options.get(MAX_OPTIONS) {
            return Err(refuse(extra));
        }
        for option in options {
            let (key, value) = option.split_once('=').ok_or_else(|| refuse(option))?;
            let value = value.trim();
            match key.trim() {
                "skip" => config.skip = Selection::parse(value),
                "experimental" => config.experimental = Selection::parse(value),
                "error" => config.error = parse_flag(value).ok_or_else(|| refuse(option))?,
                _ => return Err(refuse(option)),
            }
        }
        Ok(config)
    }

    /// Both, as a comment above an instruction adds to the file's line. Whether findings fail the build is the file's
    /// to say.
    pub(super) fn merge(&self, other: &LintConfig) -> LintConfig {
        LintConfig {
            skip: self.skip.merge(&other.skip),
            experimental: self.experimental.merge(&other.experimental),
            error: self.error,
        }
    }

    pub(super) fn allows(&self, rule: Rule) -> bool {
        if rule.is_experimental() {
            self.experimental.contains(rule)
        } else {
            !self.skip.contains(rule)
        }
    }
}

impl Selection {
    fn parse(value: &str) -> Selection {
        let names = value.split(',').map(|name| name.trim().to_owned());
        match value {
            "all" => Selection {
                all: true,
                names: BTreeSet::new(),
            },
            _ => Selection {
                all: false,
                names: names.collect(),
            },
        }
    }

    fn contains(&self, rule: Rule) -> bool {
        self.all || self.names.contains(rule.name())
    }

    fn merge(&self, other: &Selection) -> Selection {
        Selection {
            all: self.all || other.all,
            names: self.names.union(&other.names).cloned().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_select_rules() {
        let config =
            LintConfig::parse(" skip=StageNameCasing, FromAsCasing ; error=true").expect("ok");
        assert!(!config.allows(Rule::StageNameCasing) && !config.allows(Rule::FromAsCasing));
        assert!(config.allows(Rule::UndefinedVar) && config.error);
        assert!(!config.allows(Rule::InvalidDefinitionDescription));
        let all = LintConfig::parse("skip=all;experimental=all").expect("ok");
        assert!(!all.allows(Rule::UndefinedVar));
        assert!(all.allows(Rule::InvalidDefinitionDescription));
        assert_eq!(LintConfig::parse(""), Ok(LintConfig::default()));
        for text in [
            "skip",
            "sip=all",
            "error=maybe",
            "skip=a;",
            "skip=a;error=1;skip=b;error=1",
        ] {
            assert!(LintConfig::parse(text).is_err(), "{text}");
        }
    }
}
