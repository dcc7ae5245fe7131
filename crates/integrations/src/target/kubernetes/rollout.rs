//! How a rollout stands: one look, judged without a clock, so that whoever follows it polls by its own lease and time.
//!
//! [`judge`] reads the workload, [`pods`] its pods, [`events`] what the cluster tells of them; [`look`] fetches. What
//! counts as complete is what `kubectl rollout status` takes for it (`kubectl/pkg/polymorphichelpers/rollout_status.go`).
//! Decides nothing: when to give up and whether to roll back is the caller's.

mod events;
mod judge;
mod look;
mod pods;
mod state;
#[cfg(test)]
mod tests;

pub use state::{
    RolloutEvent, RolloutFailure, RolloutNote, RolloutProgress, RolloutReason, RolloutState,
    RolloutTrouble,
};
