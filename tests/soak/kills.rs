//! F01 and F03: kill -9, at random and at the Nth call that changes a file.

use std::time::{Duration, Instant};

use wharf_testkit::Server;
use wharf_tests::{
    storm::{Excuse, Loss, Mix},
    strace::Tracer,
};

use crate::{
    campaign::{Campaign, Field},
    report::Report,
};

/// Answers that the pushers get before a strike: from none to some dozens of pushes.
const ANSWERS: u64 = 400;

/// A round in which no thread comes to its Nth call is ended by this.
const LONGEST: Duration = Duration::from_secs(30);

pub(crate) fn kill_at_random(report: &mut Report, rounds: u64) {
    let folder = tempfile::tempdir().expect("a folder");
    let campaign = Campaign {
        name: "F01 kill -9 at random",
        rounds,
        loss: Loss::Process,
    };
    let mut field = Field::new(folder.path(), 4, Mix::IMAGES, 1);
    campaign.run(report, &mut field, |_, field| {
        let answers = field.dice.roll(ANSWERS);
        let Field { server, storm, .. } = field;
        storm.rage(server, answers, Excuse::Gone, Server::kill);
        String::new()
    });
}

pub(crate) fn kill_at_calls(report: &mut Report, rounds: u64) {
    let folder = tempfile::tempdir().expect("a folder");
    let campaign = Campaign {
        name: "F03 kill -9 at the Nth sync, rename, write",
        rounds,
        loss: Loss::Process,
    };
    let mut field = Field::new(folder.path(), 0, Mix::IMAGES, 3);
    // Once, so that a machine without strace says so instead of failing.
    if let Err(reason) = Tracer::attach(field.server.pid(), "inject=swapon:error=EPERM") {
        return report.add(campaign.name, Instant::now(), Err(reason));
    }
    let mut not_reached = 0;
    campaign.run(report, &mut field, |n, field| {
        let calls = Tracer::FILE_CHANGES[n as usize % Tracer::FILE_CHANGES.len()];
        let Field { server, storm, .. } = field;
        let tracer = Tracer::attach(
            server.pid(),
            &format!("inject={calls}:signal=KILL:when={n}"),
        );
        let tracer = tracer.expect("it worked before");
        let ended = storm.rage_through(server, Excuse::Gone, LONGEST);
        server.kill();
        drop(tracer);
        not_reached += u64::from(!ended);
        match not_reached {
            0 => String::new(),
            _ => format!("({not_reached} calls not reached in {LONGEST:?}, killed then)"),
        }
    });
}
