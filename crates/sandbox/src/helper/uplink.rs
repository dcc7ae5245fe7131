//! Connecting an isolated step's network namespace with the outside.

use rustix::process::Pid;

use crate::failure::{Failure, Setup};
use crate::wire::{Cable, Uplink};

/// A step's way out, as long as this lives.
pub(super) struct Line {
    cable: Option<Cable>,
}

impl Line {
    /// No way out.
    pub(super) fn none() -> Self {
        Self { cable: None }
    }

    pub(super) fn connect(_uplink: &Uplink, _child: Pid) -> Setup<Self> {
        Err(Failure::refused("no uplink yet"))
    }

    /// What the sandbox has to set up on its side.
    pub(super) fn cable(&self) -> Option<Cable> {
        self.cable
    }
}
