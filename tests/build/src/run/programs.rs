//! Runs programs to their end, within a time.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::builder::Answer;

/// The slowest case takes a few seconds; one that hangs longer than this would hold up all others, a shorter time would
/// end builds on a machine that is busy otherwise.
const LIMIT: Duration = Duration::from_secs(180);

/// Runs a program to its end with `stdin` as its input; after [`LIMIT`] it and what it started are killed.
///
/// # Errors
/// It cannot be started.
pub fn run_command(command: &mut Command, stdin: Option<&[u8]>) -> Result<Answer> {
    let program = command.get_program().display().to_string();
    let input = if stdin.is_some() {
        Stdio::piped()
    } else {
        Stdio::null()
    };
    let mut child = command
        .stdin(input)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .with_context(|| format!("run {program}"))?;
    if let (Some(mut pipe), Some(bytes)) = (child.stdin.take(), stdin.map(<[u8]>::to_vec)) {
        // Beside the reading: both pipes may fill. A program that does not read all of its input may have its reasons.
        std::thread::spawn(move || drop(pipe.write_all(&bytes)));
    }
    let group = i32::try_from(child.id()).context("a process id")?;
    let (done, waiting) = channel::<()>();
    std::thread::spawn(move || {
        if waiting.recv_timeout(LIMIT) == Err(RecvTimeoutError::Timeout) {
            // SAFETY: a plain call; the group is led by a child that is not waited for while `done` lives.
            unsafe { libc::kill(-group, libc::SIGKILL) };
        }
    });
    let output = child.wait_with_output()?;
    drop(done);
    Ok(Answer {
        success: output.status.success(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}
