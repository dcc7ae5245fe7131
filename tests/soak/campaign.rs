//! Many rounds of one fault on one server's data.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    time::Instant,
};

use wharf_testkit::{Engine, Server};
use wharf_tests::storm::{Dice, Loss, Mix, Scope, Storm};

use crate::report::{Outcome, Report, show_violations};

/// Everything is compared so often; in between what changed, and a sample.
const EVERYTHING_EVERY: u64 = 50;

/// One fault, again and again.
pub(crate) struct Campaign {
    pub(crate) name: &'static str,
    pub(crate) rounds: u64,
    pub(crate) loss: Loss,
}

/// What a round works with.
pub(crate) struct Field {
    pub(crate) server: Server,
    pub(crate) storm: Storm,
    pub(crate) dice: Dice,
}

impl Field {
    /// A server with its data in this folder, four pushers and some pullers.
    pub(crate) fn new(folder: &Path, pullers: usize, mix: Mix, seed: u64) -> Self {
        let server = Server::builder()
            .engine(Engine::Sqlite)
            .env("WHARF_LOG", "error")
            .data_dir(folder.join("data"))
            .start();
        Self {
            server,
            storm: Storm::new(4, pullers, mix, seed),
            dice: Dice::new(seed),
        }
    }
}

impl Campaign {
    /// Runs `strike` for every round, which leaves the server down, and compares after each. Ends early once something
    /// was lost: later rounds would only repeat it.
    pub(crate) fn run(
        &self,
        report: &mut Report,
        field: &mut Field,
        mut strike: impl FnMut(u64, &mut Field) -> String,
    ) {
        if self.rounds == 0 {
            return;
        }
        let began = Instant::now();
        let mut outcome = Outcome::default();
        for round in 1..=self.rounds {
            let last = round == self.rounds;
            let scope = match last || round % EVERYTHING_EVERY == 0 {
                true => Scope::Everything,
                false => Scope::Recent,
            };
            let work = AssertUnwindSafe(|| {
                let note = strike(round, field);
                field.server.restart();
                let mut violations = field.storm.compare(&field.server, self.loss, scope);
                if scope == Scope::Everything {
                    violations.extend(run_fsck(&field.server));
                }
                (note, violations)
            });
            // What the server or a file system refuses to do is a finding like a lost byte.
            let violations = match catch_unwind(work) {
                Ok((note, violations)) => {
                    outcome.note = note;
                    violations
                }
                Err(panic) => vec![describe_panic(&*panic)],
            };
            outcome.acknowledged = field.storm.acknowledged();
            outcome.lost = violations.len();
            if outcome.lost > 0 {
                show_violations(self.name, &violations);
                break;
            }
            outcome.rounds = round;
            report.tell(self.name, &outcome, self.rounds);
        }
        report.add(self.name, began, Ok(outcome));
    }
}

/// Compares rows with files, and files with their digests.
fn run_fsck(server: &Server) -> Option<String> {
    let folder = server.data_dir().to_str().expect("a plain path");
    let checked = server.run(&["fsck", "--read-bytes", "--data-dir", folder]);
    (!checked.status.success()).then(|| {
        format!(
            "fsck ended with {}: {}{}",
            checked.status,
            String::from_utf8_lossy(&checked.stdout),
            String::from_utf8_lossy(&checked.stderr)
        )
    })
}

fn describe_panic(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or(panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic").to_owned()
}
