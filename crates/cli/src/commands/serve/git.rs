//! Git for the server: it asks remote repositories for their refs, in a sandbox and over the server's own way out.

use std::sync::Arc;

use wharf_app::builds::CannotBuild;
use wharf_egress::Egress;
use wharf_git::{EgressDial, Git, GitLimits, GitSettings};
use wharf_sandbox::{Host, IdPool, Sandbox};

use crate::config::Config;

/// Makes git ready. Without what it needs the server starts all the same, and rules say that nobody can ask their hosts.
pub(super) fn open_git(config: &Config, egress: &Egress) -> Result<Git, CannotBuild> {
    let made = make_git(config, egress).map_err(|error| CannotBuild {
        problem: error.to_string(),
        hint: error.hint(),
    });
    if let Err(why) = &made {
        tracing::warn!(
            problem = why.problem,
            hint = why.hint.as_deref().unwrap_or_default(),
            "git cannot be run here; rules cannot ask code hosts for branches and tags"
        );
    }
    made
}

fn make_git(config: &Config, egress: &Egress) -> wharf_sandbox::Result<Git> {
    let folder = config.data_dir.join("git");
    let sandbox = Sandbox::new(Host::inspect()?, IdPool::default(), &folder.join("sandbox"))?;
    Ok(Git::new(GitSettings {
        sandbox: Arc::new(sandbox),
        folder: folder.join("rooms"),
        dial: Arc::new(EgressDial::new(egress.clone())),
        limits: GitLimits::default(),
    }))
}
