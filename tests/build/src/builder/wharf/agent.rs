//! An ssh agent with one key. The reference reads key files itself; wharf takes agents alone, so that no key is in its memory.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::run::run_command;

/// A running agent; it ends with this.
#[derive(Debug)]
pub(super) struct Agent {
    process: i32,
}

impl Agent {
    /// Starts one that listens at `socket` and knows the private key in the file `key`.
    pub(super) fn start(socket: &Path, key: &str) -> Result<Self> {
        // It says who it is when it listens, and goes on behind.
        let told = run_command(
            Command::new("ssh-agent").arg("-s").arg("-a").arg(socket),
            None,
        )?;
        let process = find_process(&told.stdout)
            .with_context(|| format!("ssh-agent: {}{}", told.stdout, told.stderr))?;
        let agent = Self { process };
        let mut add = Command::new("ssh-add");
        add.args(["-q", key]).env("SSH_AUTH_SOCK", socket);
        let added = run_command(&mut add, None)?;
        if !added.success {
            bail!("ssh-add: {}", added.stderr);
        }
        Ok(agent)
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        // SAFETY: a plain call. The agent has no parent that waits for it, and only this ends it, so the number is still its.
        unsafe { libc::kill(self.process, libc::SIGTERM) };
    }
}

/// From `SSH_AGENT_PID=12; export SSH_AGENT_PID;`.
fn find_process(text: &str) -> Option<i32> {
    let (_, rest) = text.split_once("SSH_AGENT_PID=")?;
    rest.split(';').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::find_process;

    #[test]
    fn an_agent_says_its_process() {
        let text = "SSH_AUTH_SOCK=/a/s; export SSH_AUTH_SOCK;\nSSH_AGENT_PID=12; export SSH_AGENT_PID;\necho Agent pid 12;\n";
        assert_eq!(find_process(text), Some(12));
        assert_eq!(find_process("no"), None);
    }
}
