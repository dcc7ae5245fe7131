//! What a few commands cost: wall time, and the CPU seconds of everything that served them.
//! Refuses to let a failed command pass. Called by the sites of builders.

use std::fs::{self, OpenOptions};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::process_tree::{list_live, read_tree_cpu_seconds};

/// After the last command its helpers get this long to end, so that they are counted where they belong. Not all must
/// end: a daemon may keep one.
const AFTERMATH: Duration = Duration::from_secs(2);

/// How often it is looked whether they have ended.
const PAUSE: Duration = Duration::from_millis(5);

#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// Seconds from starting the first command to the end of the last.
    pub(crate) wall: f64,
    /// Of the commands, the daemons that this program started, and all their descendants.
    pub(crate) cpu: f64,
}

/// Runs one command after the other; what they print goes to the end of `log`.
///
/// # Errors
/// A command cannot be run or fails; the error holds the end of the log.
pub(crate) fn measure_commands(commands: Vec<Command>, log: &Path) -> Result<Cost> {
    let output = OpenOptions::new()
        .create(true)
        .append(true)
        .open(log)
        .with_context(|| log.display().to_string())?;
    let before = list_live()?;
    let cpu = read_tree_cpu_seconds()?;
    let started = Instant::now();
    for mut command in commands {
        let status = command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output.try_clone()?)
            .status()
            .with_context(|| format!("run {:?}", command.get_program()))?;
        if !status.success() {
            let printed = fs::read(log).unwrap_or_default();
            let end = String::from_utf8_lossy(&printed[printed.len().saturating_sub(2000)..])
                .into_owned();
            bail!("{:?} ended with {status}: {end}", command.get_program());
        }
    }
    let wall = started.elapsed().as_secs_f64();
    let ended = Instant::now();
    while !list_live()?.is_subset(&before) && ended.elapsed() < AFTERMATH {
        thread::sleep(PAUSE);
    }
    Ok(Cost {
        wall,
        cpu: read_tree_cpu_seconds()? - cpu,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn failures_show_what_was_printed() {
        let folder = tempfile::tempdir().unwrap();
        let commands = vec![shell("echo first"), shell("echo no base >&2; exit 3")];
        let error = measure_commands(commands, &folder.path().join("log"))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("first") && error.contains("no base"),
            "{error}"
        );
    }

    #[test]
    fn cost_counts_grandchildren() {
        let folder = tempfile::tempdir().unwrap();
        let busy = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done";
        let commands = vec![shell(&format!("sh -c '{busy}'; true"))];
        let cost = measure_commands(commands, &folder.path().join("log")).unwrap();
        assert!(cost.cpu >= 0.03 && cost.wall >= 0.03, "{cost:?}");
    }
}
