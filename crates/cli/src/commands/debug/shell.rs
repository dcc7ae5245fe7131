//! Running the shell: on a terminal as one would expect it, else with pipes.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;

use tokio::signal::unix::{Signal, SignalKind, signal};
use wharf_builder::Shell;
use wharf_sandbox::{Exit, Killer, Reason};

use super::ShellRequest;
use super::terminal::{Pair, Raw, copy_size, forward_keys, forward_output};
use crate::commands::builder::{explain, open_folder};
use crate::failure::Failure;
use crate::session::Session;

/// Opens it and waits for its end. What a person typed `exit` with is nobody's failure; a command's exit code is.
pub(super) fn open_shell(request: &ShellRequest<'_>, session: &Session) -> Result<(), Failure> {
    let on_terminal = session.stdin_is_terminal && session.stdout_is_terminal;
    if !on_terminal && request.command.is_empty() {
        return Err(Failure::usage(session.text("cli.debug.no_terminal", &[]))
            .with_hint(session.text("cli.debug.no_terminal_hint", &[("build", request.build)])));
    }
    let folder = open_folder(session, request.state_dir)?;
    let fail = |error: io::Error| {
        Failure::new(session.text("cli.debug.terminal_failed", &[])).caused_by(&error)
    };
    let (outer, inner) = match on_terminal {
        true => {
            let Pair { outer, inner } = Pair::open().map_err(fail)?;
            (Some(outer), Some(inner))
        }
        false => (None, None),
    };
    let shell = folder
        .start_shell(request.build, request.command, inner)
        .map_err(|error| explain(session, "cli.debug.failed", &error))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(session.text("cli.runtime_failed", &[])).caused_by(&error))?;
    let waited = runtime.block_on(async {
        match outer {
            Some(outer) => {
                session.say("cli.debug.opened", &[("step", &shell.step)]);
                attend(shell, outer).await
            }
            None => collect(shell).await,
        }
    });
    let exit = waited
        .map_err(fail)?
        .map_err(|error| explain(session, "cli.debug.failed", &error))?;
    judge(request, session, &exit)
}

type Waited = io::Result<Result<Exit, wharf_builder::BuildError>>;

/// A person at the shell.
async fn attend(shell: Shell, outer: File) -> Waited {
    let mut resized = signal(SignalKind::window_change())?;
    let stops = Stops::watch(&shell)?;
    let raw = Raw::enter()?;
    forward_keys(outer.try_clone()?);
    let output = forward_output(outer.try_clone()?, io::stdout());
    let mut ended = tokio::task::spawn_blocking(move || shell.wait());
    let exit = loop {
        tokio::select! {
            exit = &mut ended => break exit.map_err(io::Error::other)?,
            _ = resized.recv() => copy_size(outer.as_fd()),
        }
    };
    drop(stops);
    // All that was said is shown before the terminal changes its mode.
    let _ = output.join();
    drop(raw);
    Ok(exit)
}

/// A command whose output goes where this program's goes.
async fn collect(mut shell: Shell) -> Waited {
    let stops = Stops::watch(&shell)?;
    let stdout = shell.running.take_stdout();
    let stderr = shell.running.take_stderr();
    let copies = [
        stdout.map(|from| forward_output(from, io::stdout())),
        stderr.map(|from| forward_output(from, io::stderr())),
    ];
    let ended = tokio::task::spawn_blocking(move || shell.wait());
    let exit = ended.await.map_err(io::Error::other)?;
    drop(stops);
    for copy in copies.into_iter().flatten() {
        let _ = copy.join();
    }
    Ok(exit)
}

/// Ends the shell when this program is told to end, so that terminal and ids are given back.
struct Stops(tokio::task::JoinHandle<()>);

impl Stops {
    fn watch(shell: &Shell) -> io::Result<Self> {
        let killer = shell.running.killer();
        let kinds = [
            SignalKind::interrupt(),
            SignalKind::terminate(),
            SignalKind::hangup(),
        ];
        let [interrupt, terminate, hangup] = kinds.map(signal);
        let signals = (interrupt?, terminate?, hangup?);
        Ok(Stops(tokio::spawn(kill_when_told(killer, signals))))
    }
}

impl Drop for Stops {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn kill_when_told(killer: Killer, (mut one, mut two, mut three): (Signal, Signal, Signal)) {
    tokio::select! {
        _ = one.recv() => {}
        _ = two.recv() => {}
        _ = three.recv() => {}
    }
    killer.kill();
}

fn judge(request: &ShellRequest<'_>, session: &Session, exit: &Exit) -> Result<(), Failure> {
    let went_well = exit.reason == Reason::Exited && exit.code == 0;
    if went_well || request.command.is_empty() {
        return Ok(());
    }
    let code = exit.code.to_string();
    Err(Failure::new(
        session.text("cli.debug.exit_code", &[("code", &code)]),
    ))
}
