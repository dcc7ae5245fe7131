//! What a build knows that its Dockerfile does not say.

use crate::{EnvList, ignore::PatternSet, scope::BuildArguments};
use std::collections::{BTreeMap, BTreeSet};
use wharf_oci::Platform;

/// Everything that lint and outline look at beside the file.
#[derive(Debug, Clone, Copy)]
pub struct LintInput<'a> {
    pub given: &'a BuildArguments,
    pub build_platform: &'a Platform,
    pub target_platform: &'a Platform,
    /// None is the last stage.
    pub target: Option<&'a str>,
    /// Look at stages that the target does not need, too: for checking a file rather than building it.
    pub every_stage: bool,
    /// Names of named contexts.
    pub contexts: &'a BTreeSet<String>,
    /// Base images by their name in the FROM line, variables replaced. About an image that is not here, nothing is
    /// assumed: variables that it might set are not reported as undefined.
    pub images: &'a BTreeMap<String, BaseImage>,
    /// The context's ignore file.
    pub ignore: Option<&'a PatternSet>,
}

/// What a base image's config says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BaseImage {
    pub environment: EnvList,
    pub has_shell: bool,
    /// Empty for the root.
    pub workdir: String,
    pub platform: Platform,
    /// Its ONBUILD instructions.
    pub triggers: Vec<String>,
}
