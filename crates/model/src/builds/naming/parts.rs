//! Tencent's naming: prefix – branch or tag – time – commit.

use super::compose::{Piece, compose};
use super::render::render;
use super::{NamingError, NamingFacts, Template, moment};
use wharf_oci::Tag;

/// How many digits of the commit are shown, as Tencent's console shows them.
const COMMIT_DIGITS: usize = 8;

/// The parts of a tag, each on or off, joined by `-` in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// `v-${VERSION}`: a text, in which build arguments and the other variables are replaced.
    pub prefix: Option<Template>,
    /// The branch's or tag's name.
    pub reference: bool,
    /// The build's time, `%Y%m%d%H%M%S`.
    pub time: bool,
    /// The commit's first 8 digits.
    pub commit: bool,
}

impl Default for Parts {
    /// The branch's or tag's name alone.
    fn default() -> Self {
        Self {
            prefix: None,
            reference: true,
            time: false,
            commit: false,
        }
    }
}

impl Parts {
    pub(super) fn name_tag(&self, facts: &NamingFacts<'_>) -> Result<Tag, NamingError> {
        let mut all: Vec<Vec<Piece>> = Vec::new();
        if let Some(prefix) = &self.prefix {
            all.push(render(prefix, facts, None)?);
        }
        if self.reference {
            let reference = facts.reference.ok_or_else(|| NamingError::Missing {
                variable: "{ref}".to_owned(),
                reason: super::Missing::NoReference,
            })?;
            all.push(vec![Piece::Name(reference.short().to_owned())]);
        }
        if self.time {
            let time = moment::format_time(moment::PLAIN, facts.time, facts.zone)?;
            all.push(vec![Piece::Text(time)]);
        }
        if self.commit {
            let digits = facts.commit.short(COMMIT_DIGITS).to_owned();
            all.push(vec![Piece::Text(digits)]);
        }
        if all.is_empty() {
            return Err(NamingError::Nothing);
        }
        compose(&all.join(&Piece::Text("-".to_owned())))
    }
}
