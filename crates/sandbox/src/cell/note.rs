//! What a cell is told about itself, because it cannot find out.

use std::fs;
use std::net::IpAddr;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::cgroup::{Cgroups, Controller};
use crate::error::{Context, Result};

/// Where the note lies in a cell.
pub(crate) const NOTE: &str = "/cell.json";

/// Where a cell's own control groups are, by the names of the note.
pub(crate) const GROUPS: &str = "/cgroup";

/// The note.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CellNote {
    /// Controllers of each group that was handed over; `unified` is version 2.
    pub(crate) groups: Vec<(String, Vec<Controller>)>,
    /// Why there is no way out, if there is none.
    pub(crate) no_uplink: Option<String>,
    /// Addresses of the machine that steps must not reach.
    pub(crate) outside: Vec<IpAddr>,
}

impl CellNote {
    pub(crate) fn read() -> Result<Self> {
        let text = fs::read(NOTE).context("read the cell's note: this is no cell")?;
        serde_json::from_slice(&text)
            .map_err(std::io::Error::from)
            .context("understand the cell's note")
    }

    pub(crate) fn cgroups(&self) -> Cgroups {
        let mut cgroups = Cgroups::default();
        for (name, controllers) in &self.groups {
            let folder = Path::new(GROUPS).join(name);
            if name == "unified" {
                cgroups.unified = Some(folder);
                cgroups.unified_controllers.clone_from(controllers);
            } else {
                let here = controllers.iter();
                cgroups
                    .legacy
                    .extend(here.map(|controller| (*controller, folder.clone())));
            }
        }
        cgroups
    }
}
