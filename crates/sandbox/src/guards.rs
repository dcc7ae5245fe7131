//! Guards that a test can take away, to show the attack that each of them stops.

use serde::{Deserialize, Serialize};

/// Which guards are off. A product cannot set any: only the feature `guards-off` puts this into a [`Step`](crate::Step).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    not(feature = "guards-off"),
    expect(unreachable_pub, reason = "public with the feature")
)]
pub struct GuardsOff {
    /// The filter of system calls.
    pub seccomp: bool,
    /// The packet filter of an isolated step.
    pub packet_filter: bool,
    /// Descriptors of the helper close on exec.
    pub close_descriptors: bool,
    /// Not a guard but a mistake: a descriptor that nobody marked to close on exec.
    pub forget_descriptor: bool,
    /// The helper's own program file cannot be written through /proc.
    pub protect_program: bool,
    /// Masked and read-only paths of /proc.
    pub masks: bool,
}
