//! The build arguments that a build was given.

use std::collections::BTreeMap;

/// Values by name, from the command line or the build request.
pub type BuildArguments = BTreeMap<String, String>;
