//! Control groups: limits that the kernel enforces on all of a step's processes together.
//!
//! Version 2, version 1 and machines with both. A machine without any still runs steps; what is weaker then is told by
//! [`Cgroups::missing`].

use serde::{Deserialize, Serialize};

mod cell_group;
mod detect;
mod group;

pub(crate) use cell_group::{CellGroup, remove_group_tree, remove_stale_cell_groups};
pub(crate) use detect::Cgroups;
pub(crate) use group::{Counted, Group, find_count, remove_folder, remove_stale_groups};

/// What wharf limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Controller {
    Memory,
    Pids,
    Cpu,
}

impl Controller {
    pub(crate) const ALL: [Self; 3] = [Self::Memory, Self::Pids, Self::Cpu];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Pids => "pids",
            Self::Cpu => "cpu",
        }
    }
}
