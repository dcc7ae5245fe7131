//! Notes of failed steps, so that somebody can look around where they failed.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use wharf_sandbox::Step;

use crate::plan::Node;
use crate::state::StateFolder;

/// Where a build failed: the state before the step, and how the step was started.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct FailedStep {
    /// What the step was called.
    pub(crate) name: String,
    /// Folders of the state after the last good step, top first.
    pub(crate) below: Vec<PathBuf>,
    pub(crate) argv: Vec<String>,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) cwd: String,
    pub(crate) user: Option<String>,
}

impl FailedStep {
    /// Variables from secrets are left out: nothing of them may lie on a disk.
    pub(crate) fn new(step: &Step, below: &[PathBuf], node: &Node) -> Self {
        let env = match &node.op {
            crate::plan::Op::Run(op) => op.env.clone(),
            _ => Vec::new(),
        };
        Self {
            name: node.name.clone(),
            below: below.to_vec(),
            argv: step.argv.clone(),
            env,
            cwd: step.cwd.clone(),
            user: step.user.clone(),
        }
    }

    pub(crate) fn save(&self, state: &StateFolder, build: &str) -> io::Result<()> {
        let bytes = serde_json::to_vec(self).map_err(io::Error::from)?;
        state.write_file(&note_path(&state.part("builds"), build), &bytes)
    }
}

fn note_path(folder: &Path, build: &str) -> PathBuf {
    folder.join(format!("{build}.json"))
}
