//! What a call of a trigger URL is about: one ref, or what the rule builds.

use super::{planning::Understood, updates::RemoteRef};
use crate::Error;
use wharf_model::builds::{RefKind, RefName};

/// Most refs that one call builds.
const MAX_REFS: usize = 50;

/// What a call asks for: Docker Hub's `source_type` and `source_name`; all that the rule builds when there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TriggerCall {
    /// Branch or tag.
    pub kind: Option<RefKind>,
    /// Its name.
    pub name: Option<String>,
}

/// The same, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// All that the rule builds.
    All,
    /// Its branches, or its tags.
    Kind(RefKind),
    /// One ref.
    Ref(RefName),
}

impl Target {
    /// Understands a call.
    pub(super) fn of_call(call: &TriggerCall) -> Result<Self, Error> {
        match (&call.name, call.kind) {
            (None, None) => Ok(Self::All),
            (None, Some(kind)) => Ok(Self::Kind(kind)),
            (Some(name), kind) => RefName::of_kind(kind.unwrap_or(RefKind::Branch), name)
                .map(Self::Ref)
                .map_err(|error| Error::told("source_name", "refused_text", &error)),
        }
    }

    /// How its row has it.
    pub(super) fn as_text(&self) -> &str {
        match self {
            Self::All => "",
            Self::Kind(RefKind::Branch) => "refs/heads/",
            Self::Kind(RefKind::Tag) => "refs/tags/",
            Self::Ref(reference) => reference.as_str(),
        }
    }

    /// Reads what [`as_text`](Self::as_text) wrote.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "" => Some(Self::All),
            "refs/heads/" => Some(Self::Kind(RefKind::Branch)),
            "refs/tags/" => Some(Self::Kind(RefKind::Tag)),
            other => other.parse().ok().map(Self::Ref),
        }
    }

    /// The one ref that it names.
    pub(super) fn reference(&self) -> Option<&RefName> {
        match self {
            Self::Ref(reference) => Some(reference),
            _ => None,
        }
    }

    /// Refuses a ref that is none of the rule's, before anybody is asked for it.
    pub(super) fn check(&self, rule: &Understood) -> Result<(), Error> {
        let trigger = &rule.compiled.trigger;
        match self {
            Self::Ref(reference) if !trigger.is_manual() && !trigger.chooses(reference) => {
                Err(Error::invalid("source_name", "not_of_rule"))
            }
            _ => Ok(()),
        }
    }

    /// Whether the host must say which branch it shows first.
    pub(super) fn needs_default(&self, rule: &Understood) -> bool {
        self.reference().is_none() && rule.compiled.trigger.is_manual()
    }

    /// Those of the host's refs that are meant.
    pub(super) fn choose(
        &self,
        rule: &Understood,
        refs: &[RemoteRef],
        default: Option<&RefName>,
    ) -> Result<Vec<RemoteRef>, Error> {
        let trigger = &rule.compiled.trigger;
        let chosen: Vec<_> = match self {
            Self::Ref(reference) => {
                self.check(rule)?;
                let found = refs.iter().find(|found| found.reference == *reference);
                vec![found.ok_or(Error::invalid("source_name", "no_such_ref"))?]
            }
            _ if trigger.is_manual() => {
                let default = default.ok_or(Error::invalid("source_name", "required"))?;
                let is_default = |found: &&RemoteRef| found.reference == *default;
                refs.iter().filter(is_default).collect()
            }
            Self::All | Self::Kind(_) => {
                let wanted = |kind| *self == Self::All || *self == Self::Kind(kind);
                let chosen = refs.iter().filter(|found| {
                    trigger.chooses(&found.reference) && wanted(found.reference.kind())
                });
                chosen.collect()
            }
        };
        if chosen.len() > MAX_REFS {
            return Err(Error::invalid("source_name", "required"));
        }
        Ok(chosen.into_iter().cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_row_says_is_what_the_call_asked_for() {
        let call = |kind, name: Option<&str>| TriggerCall {
            kind,
            name: name.map(str::to_owned),
        };
        for (call, text) in [
            (call(None, None), ""),
            (call(Some(RefKind::Tag), None), "refs/tags/"),
            (call(Some(RefKind::Branch), None), "refs/heads/"),
            (call(None, Some("main")), "refs/heads/main"),
            (call(Some(RefKind::Tag), Some("v1")), "refs/tags/v1"),
        ] {
            let target = Target::of_call(&call).unwrap();
            assert_eq!(target.as_text(), text);
            assert_eq!(Target::parse(text), Some(target));
        }
        assert!(Target::of_call(&call(None, Some("--upload-pack=x y"))).is_err());
        assert_eq!(Target::parse("HEAD"), None);
    }
}
