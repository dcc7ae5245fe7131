//! The rules of the build service: which pushed refs are built, what the image is called, what a build is and whose
//! turn it is.
//!
//! Pure: a pattern, a ref, facts of a build in; a verdict, a tag, a path out. It refuses to read a clock, a
//! repository or a database, and knows no code host; what it needs is passed in, so that a preview in the console,
//! the simulator ("try this rule") and the build itself say the same. Called by `wharf-app` and by the command line.

mod commit;
mod limits;
mod naming;
mod paths;
mod pattern;
mod queue;
mod record;
mod ref_name;
mod skip;
mod spec;
mod trigger;

pub use commit::{CommitError, CommitId, CommitPrefix};
pub use limits::{BuildBounds, BuildBoundsError};
pub use naming::{
    ExpressionRule, Expressions, MAX_TAGS, Missing, NamingError, NamingFacts, NamingForm, Parts,
    TagNaming, Template, TemplateError, name_tags,
};
pub use paths::{BuildDirectory, DockerfilePath, PathError};
pub use pattern::{MAX_PATTERN, Pattern, PatternError};
pub use queue::{Place, Queue, Running, Slots, Waiting};
pub use record::{
    BuildCause, BuildOrigin, BuildPhase, BuildState, LogState, PushState, TrustClass,
};
pub use ref_name::{RefError, RefKind, RefName};
pub use skip::{SKIP_WORDS, asks_to_skip};
pub use spec::{BuildNetwork, BuildSource, BuildSpec, PushTarget, SpecLimits};
pub use trigger::{
    MAX_PATTERNS, RefFilter, RefUpdate, RuleTrigger, SkipReason, TriggerError, Verdict, decide_ref,
};
