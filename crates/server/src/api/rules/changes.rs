//! What a change of a rule brings: each field stays, or is replaced as a whole.

use super::definition::{AlsoPush, Limits, Naming, Network, Trigger};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use wharf_app::rules;
use wharf_model::builds::PushTarget;

/// Changes to what a rule says; what is left out stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct DefinitionChanges {
    trigger: Option<Trigger>,
    skip_ci: Option<bool>,
    naming: Option<Naming>,
    dockerfile: Option<String>,
    /// Null for the default.
    #[serde(deserialize_with = "read_given")]
    #[schema(value_type = Option<String>)]
    directory: Option<Option<String>>,
    build_args: Option<BTreeMap<String, String>>,
    /// Null for the last stage.
    #[serde(deserialize_with = "read_given")]
    #[schema(value_type = Option<String>)]
    target: Option<Option<String>>,
    platforms: Option<Vec<String>>,
    cache: Option<bool>,
    submodules: Option<bool>,
    network: Option<Network>,
    limits: Option<Limits>,
    push_also: Option<Vec<AlsoPush>>,
    readme: Option<bool>,
    report_status: Option<bool>,
    rebuild_tags: Option<bool>,
}

/// Null is a value of its own.
fn read_given<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(deserializer).map(Some)
}

/// Puts `new` in the place of `old`, if there is any.
fn replace<T, U: From<T>>(old: &mut U, new: Option<T>) {
    if let Some(new) = new {
        *old = new.into();
    }
}

impl DefinitionChanges {
    /// Applies the changes.
    pub(super) fn apply(self, rule: &mut rules::Definition) {
        replace(&mut rule.trigger, self.trigger);
        replace(&mut rule.skip_ci, self.skip_ci);
        replace(&mut rule.naming, self.naming);
        replace(&mut rule.dockerfile, self.dockerfile);
        replace(&mut rule.directory, self.directory);
        replace(&mut rule.build_args, self.build_args);
        replace(&mut rule.target, self.target);
        replace(&mut rule.platforms, self.platforms);
        replace(&mut rule.cache, self.cache);
        replace(&mut rule.submodules, self.submodules);
        replace(&mut rule.network, self.network);
        replace(&mut rule.limits, self.limits);
        if let Some(targets) = self.push_also {
            rule.push_also = targets.into_iter().map(PushTarget::from).collect();
        }
        replace(&mut rule.readme, self.readme);
        replace(&mut rule.report_status, self.report_status);
        replace(&mut rule.rebuild_tags, self.rebuild_tags);
    }
}
