//! What a trigger listens to: its name, the condition about tags, kinds of events, and the facts of one event.
//!
//! Pure. Whether something is sent, to whom and when is `wharf-app`'s business; what it looks like there is
//! `wharf-integrations`'s.

mod condition;
mod delivery;
mod event;
mod name;
mod semver_range;
mod workload;

pub use condition::{ConditionError, ConditionKind, MAX_LISTED, TagCondition};
pub use delivery::{ActionKind, ActionState, DeliveryState};
pub use event::{BuildFacts, EventFacts, EventKind};
pub use name::{TriggerName, TriggerNameError};
pub use semver_range::{RangeError, SemverRange};
pub use workload::{ClusterMethod, WorkloadKind};
