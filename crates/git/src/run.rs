//! One run of git (or of a shell with several of them) in its sandbox.

use std::fs::File;
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::AbortHandle;
use wharf_sandbox::{Exit, Killer, Limits, Mount, Reason, Running, Step};

use crate::configuration::{HTTP_PORT, SSH_PORT, configure};
use crate::error::{Attempt, GitError, Result};
use crate::explain::{Failed, explain};
use crate::machine;
use crate::mask::Mask;
use crate::remote::Scheme;
use crate::room::Room;
use crate::settings::{Access, GitLimits, GitSettings};
use crate::way::Way;

/// Bytes of git's complaints that are kept, the last ones. Servers may send any number of lines.
const KEPT_ERRORS: usize = 64 << 10;

/// Room that is left on the file system, so that git cannot fill it for everybody.
const RESERVE: wharf_sandbox::Reserve = wharf_sandbox::Reserve {
    bytes: 256 << 20,
    inodes: 10_000,
};

/// A run.
pub(crate) struct Run<'a> {
    pub(crate) access: &'a Access,
    pub(crate) argv: Vec<String>,
    pub(crate) limits: GitLimits,
    pub(crate) timeout: Duration,
    /// Output beyond this many bytes ends the run.
    pub(crate) most_output: usize,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) output: Vec<u8>,
    /// What it complained about, the last of it, with secrets covered.
    pub(crate) errors: String,
    /// Why it failed.
    pub(crate) failure: Option<GitError>,
    /// Its exit code.
    pub(crate) code: i32,
    /// There was more output than was asked for.
    pub(crate) is_cut: bool,
}

impl Run<'_> {
    /// Runs to the end. Dropping the future kills git, and the room goes when git is gone.
    pub(crate) async fn finish(self, settings: &GitSettings, room: &Arc<Room>) -> Result<Told> {
        let step = self.make_step(room)?;
        let (sandbox, held) = (Arc::clone(&settings.sandbox), Arc::clone(room));
        let started = tokio::task::spawn_blocking(move || {
            let ids = sandbox.lease_ids()?;
            let running = sandbox.start_step(&ids, &step)?;
            Ok((running, ids, held))
        });
        let (mut running, ids, held) = started
            .await
            .attempt(|| "start git".to_owned())?
            .map_err(GitError::sandbox)?;
        let access = self.access;
        let is_narrow = access.credential.is_for(access.remote.scheme());
        let way = Way::new(Arc::clone(&settings.dial), access.remote.clone(), is_narrow);
        let mut serving = Vec::new();
        for listener in running.take_listeners() {
            let task = tokio::spawn(Arc::clone(&way).serve(listener));
            serving.push(Ending(task.abort_handle()));
        }
        let killing = Killing(running.killer());
        let most = self.most_output;
        let watched = tokio::task::spawn_blocking(move || {
            let end = watch(running, most);
            drop((ids, held));
            end
        });
        let end = watched.await.attempt(|| "watch git".to_owned())??;
        drop(killing);
        drop(serving);

        let mask = Mask::new(access.credential.secrets(&access.remote));
        let failed = Failed {
            access,
            exit: end.exit.clone(),
            errors: mask.cover(&end.errors),
            trouble: way.trouble(),
            timeout: self.timeout,
            disk: self.limits.disk,
        };
        let is_fine = end.exit.code == 0 && end.exit.reason == Reason::Exited;
        Ok(Told {
            output: end.output,
            failure: (!is_fine).then(|| explain(&failed)),
            errors: failed.errors,
            code: end.exit.code,
            is_cut: end.is_cut,
        })
    }

    fn make_step(&self, room: &Room) -> Result<Step> {
        let configuration = configure(self.access)?;
        let mut step = Step::new(room.tree(), self.argv.iter().cloned());
        step.mounts = machine::list_mounts(&machine::find_parts());
        step.mounts.push(Mount::Tmpfs {
            target: "/tmp".to_owned(),
            size: Some(64 << 20),
        });
        step.mounts.extend(configuration.mounts);
        step.env = configuration.environment;
        step.hostname = "git".to_owned();
        // There is nobody to ask for names in there.
        step.dns = Some(wharf_sandbox::Dns::default());
        step.listeners = vec![match self.access.remote.scheme() {
            Scheme::Https | Scheme::Http => HTTP_PORT,
            Scheme::Ssh => SSH_PORT,
        }];
        let limits = &self.limits;
        step.limits = Limits {
            memory: Some(limits.memory),
            pids: Some(limits.processes),
            disk: Some(limits.disk),
            files: Some(limits.files),
            timeout: Some(self.timeout),
            reserve: RESERVE,
            ..Limits::default()
        };
        Ok(step)
    }
}

/// Ends a task when it is dropped.
struct Ending(AbortHandle);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Kills a step when it is dropped, which does nothing after its end.
struct Killing(Killer);

impl Drop for Killing {
    fn drop(&mut self) {
        self.0.kill();
    }
}

struct End {
    output: Vec<u8>,
    errors: String,
    exit: Exit,
    is_cut: bool,
}

/// Reads both streams and waits for the end.
fn watch(mut running: Running, most: usize) -> Result<End> {
    let errors = running.take_stderr();
    let errors = std::thread::spawn(move || errors.map(read_last).unwrap_or_default());
    let mut output = Vec::new();
    let mut is_cut = false;
    if let Some(stdout) = running.take_stdout() {
        let limit = most as u64 + 1;
        let read = stdout.take(limit).read_to_end(&mut output);
        is_cut = output.len() > most;
        if is_cut || read.is_err() {
            running.killer().kill();
        }
        output.truncate(most);
    }
    let exit = running.wait().map_err(GitError::sandbox)?;
    let errors = errors.join().unwrap_or_default();
    Ok(End {
        output,
        errors: String::from_utf8_lossy(&errors).into_owned(),
        exit,
        is_cut,
    })
}

/// The last bytes of a stream.
fn read_last(mut stream: File) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut buffer = [0; 8192];
    while let Ok(length @ 1..) = stream.read(&mut buffer) {
        kept.extend_from_slice(buffer.get(..length).unwrap_or_default());
        if kept.len() > 2 * KEPT_ERRORS {
            kept.drain(..kept.len() - KEPT_ERRORS);
        }
    }
    kept
}
