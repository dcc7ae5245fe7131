//! Where a rule is in the API.

use super::arguments::WhichRule;
use crate::client::ApiClient;
use crate::commands::repo::strip_host;

/// A rule's repository and name, as segments of a path.
pub(super) struct RulePath<'a> {
    pub(super) repository: &'a str,
    pub(super) rule: &'a str,
}

impl<'a> RulePath<'a> {
    pub(super) fn of(client: &ApiClient<'_>, which: &'a WhichRule) -> Self {
        RulePath {
            repository: strip_host(client.address(), &which.repository),
            rule: &which.rule,
        }
    }

    /// The rule itself, and what is named under it.
    pub(super) fn with<'b>(&self, more: &[&'b str]) -> Vec<&'b str>
    where
        'a: 'b,
    {
        let mut path = vec!["repositories", self.repository, "rules", self.rule];
        path.extend_from_slice(more);
        path
    }
}
