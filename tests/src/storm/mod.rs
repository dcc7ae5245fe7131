//! Clients that push and pull all at once until something happens to the server, and a record of what they were promised.
//!
//! Each pusher has a repository of its own and moves a few tags about in it, so at any moment it knows what the server
//! acknowledged and which one request is undecided. Pullers take whatever is acknowledged and hash it. Afterwards
//! [`Storm::check`] holds the server against the record. Called by `faults` and `soak`.

mod check;
mod dice;
mod ledger;
mod picture;
mod puller;
mod pusher;
mod wire;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU8, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{runtime::Runtime, sync::watch, task::JoinHandle};
use wharf_testkit::Server;

pub use check::{Loss, Scope};
pub use dice::Dice;
pub use wire::{Broken, Reply, Wire};

use ledger::Noticeboard;
use puller::run_puller;
use pusher::Pusher;

/// What the pushers do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mix {
    /// Sizes of layers, one of them picked for each.
    pub layer_sizes: &'static [usize],
    /// Most layers of an image.
    pub layers: u64,
}

impl Mix {
    /// Mostly small, some of more than the 64 KiB that are hashed beside the request and the 1 MiB that are written back
    /// early.
    pub const IMAGES: Self = Self {
        layer_sizes: &[
            0, 100, 100, 3_000, 3_000, 3_000, 20_000, 20_000, 70_000, 70_000, 200_000, 1_200_000,
        ],
        layers: 3,
    };
    /// As many commits as possible: next to no bytes.
    pub const ROWS: Self = Self {
        layer_sizes: &[100],
        layers: 1,
    };
}

/// What a server may do wrong from the fault on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excuse {
    /// Vanish; until then its answers are those of a healthy server.
    Gone = 1,
    /// Answer 5xx as well, and no longer know blobs and uploads that no acknowledged manifest names.
    Failing = 2,
    /// Answer as it likes: without power nobody hears it. The kernel's stand-in for a power cut is slower than one, and a sync that
    /// it overtakes may be reported as done (ext4 and xfs, seen with nothing but a file and `fdatasync`): such a change is undecided.
    Dark = 3,
}

/// What is wrong with the server of a round, for whoever makes it worse in the middle of it.
#[derive(Clone, Default)]
pub struct Fault(Arc<AtomicU8>);

impl Fault {
    /// From now on the server may do that too.
    pub fn allow(&self, excuse: Excuse) {
        self.0.store(excuse as u8, Ordering::SeqCst);
    }

    fn allows(&self, excuse: Excuse) -> bool {
        self.0.load(Ordering::SeqCst) >= excuse as u8
    }

    fn end(&self) {
        self.0.store(0, Ordering::SeqCst);
    }
}

/// Pushers with their records, and pullers, over any number of rounds on one server's data.
pub struct Storm {
    runtime: Runtime,
    pushers: Vec<Pusher>,
    pullers: usize,
    board: Noticeboard,
    fault: Fault,
    dice: Dice,
    violations: Vec<String>,
}

/// A crew that gets no answer for so long is not slowed down by a busy machine: the server hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// Between two looks whether the crew has ended.
const POLL: Duration = Duration::from_millis(10);

/// After the last awaited answer: long enough for every other client to be anywhere in its request.
const LAST_MOMENT_MICROSECONDS: u64 = 15_000;

/// What all clients of one round share.
#[derive(Clone)]
struct Round {
    wire: Wire,
    board: Noticeboard,
    /// Begins just before the strike.
    fault: Fault,
    /// Set when the round is over.
    over: Arc<AtomicBool>,
    /// How many answers the pushers got.
    answers: watch::Sender<u64>,
}

/// The clients at work.
struct Crew {
    round: Round,
    pushers: Vec<JoinHandle<(Pusher, Vec<String>)>>,
    pullers: Vec<JoinHandle<Vec<String>>>,
}

/// Why a client's step did not end as it should.
enum Stop {
    /// The fault did it.
    Struck,
    /// Something that no fault excuses.
    Violation(String),
}

impl Round {
    /// Whether this is what the fault does.
    fn excuses(&self, sent: &Result<Reply, Broken>) -> bool {
        match sent {
            _ if self.fault.allows(Excuse::Dark) => true,
            Err(_) => self.fault.allows(Excuse::Gone),
            Ok(reply) => reply.status >= 500 && self.is_failing(),
        }
    }

    fn is_failing(&self) -> bool {
        self.fault.allows(Excuse::Failing)
    }

    fn count_answer(&self) {
        self.answers.send_modify(|answers| *answers += 1);
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }
}

impl Storm {
    /// Nobody has pushed anything yet. The same `seed` makes the same clients, though not the same timing.
    pub fn new(pushers: usize, pullers: usize, mix: Mix, seed: u64) -> Self {
        Self {
            runtime: tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .expect("a runtime for the clients"),
            pushers: (0..pushers)
                .map(|number| Pusher::new(number, pushers, mix, seed))
                .collect(),
            pullers,
            board: Noticeboard::default(),
            fault: Fault::default(),
            dice: Dice::new(seed),
            violations: Vec::new(),
        }
    }

    /// Lets everybody work until the pushers got `answers` answers and a random moment longer, then calls `strike`, which
    /// does something to the server, and waits until everybody has noticed.
    ///
    /// What is not right before the strike, or after it without an excuse, is a violation that the next check reports.
    #[track_caller]
    pub fn rage(
        &mut self,
        server: &mut Server,
        answers: u64,
        excuse: Excuse,
        strike: impl FnOnce(&mut Server),
    ) {
        let (crew, mut answered) = self.start_crew(server, None);
        let moment = Duration::from_micros(self.dice.roll(LAST_MOMENT_MICROSECONDS));
        let busy = self.runtime.block_on(async {
            let enough = answered.wait_for(|answered| *answered >= answers);
            let busy = tokio::time::timeout(PATIENCE, enough).await.is_ok();
            tokio::time::sleep(moment).await;
            busy
        });
        self.fault.allow(excuse);
        strike(server);
        self.end_crew(crew);
        assert!(
            busy,
            "{answers} answers were awaited in vain for {PATIENCE:?}:\n{}",
            self.violations.join("\n")
        );
    }

    /// Lets everybody work on a server that has its fault already, until every pusher has met it or for this long.
    /// Answers whether all of them met it.
    pub fn rage_through(&mut self, server: &Server, excuse: Excuse, longest: Duration) -> bool {
        let (crew, _) = self.start_crew(server, Some(excuse));
        let deadline = Instant::now() + longest;
        let met = || crew.pushers.iter().all(JoinHandle::is_finished);
        while !met() && Instant::now() < deadline {
            std::thread::sleep(POLL);
        }
        let all = met();
        self.end_crew(crew);
        all
    }

    fn start_crew(
        &mut self,
        server: &Server,
        excuse: Option<Excuse>,
    ) -> (Crew, watch::Receiver<u64>) {
        let (counter, answered) = watch::channel(0);
        self.fault.end();
        if let Some(excuse) = excuse {
            self.fault.allow(excuse);
        }
        let round = Round {
            wire: Wire::new(server),
            board: self.board.clone(),
            fault: self.fault.clone(),
            over: Arc::default(),
            answers: counter,
        };
        let pushers = std::mem::take(&mut self.pushers)
            .into_iter()
            .map(|pusher| self.runtime.spawn(pusher.run(round.clone())))
            .collect();
        let pullers = (0..self.pullers)
            .map(|number| self.runtime.spawn(run_puller(number, round.clone())))
            .collect();
        let crew = Crew {
            round,
            pushers,
            pullers,
        };
        (crew, answered)
    }

    /// Waits for everybody.
    fn end_crew(&mut self, crew: Crew) {
        crew.round.over.store(true, Ordering::SeqCst);
        for pusher in crew.pushers {
            let (pusher, violations) = self.runtime.block_on(pusher).expect("a pusher");
            self.pushers.push(pusher);
            self.violations.extend(violations);
        }
        for puller in crew.pullers {
            let violations = self.runtime.block_on(puller).expect("a puller");
            self.violations.extend(violations);
        }
    }

    /// Holds the running server against the record and decides what was undecided; panics with every difference.
    #[track_caller]
    pub fn check(&mut self, server: &Server, loss: Loss, scope: Scope) {
        let violations = self.compare(server, loss, scope);
        assert!(
            violations.is_empty(),
            "{} promises were broken:\n{}",
            violations.len(),
            violations.join("\n")
        );
    }

    /// The same, answering every difference, and every violation since the last time.
    pub fn compare(&mut self, server: &Server, loss: Loss, scope: Scope) -> Vec<String> {
        let wire = Wire::new(server);
        let checks: Vec<_> = std::mem::take(&mut self.pushers)
            .into_iter()
            .map(|pusher| self.runtime.spawn(pusher.check(wire.clone(), loss, scope)))
            .collect();
        for check in checks {
            let (pusher, violations) = self.runtime.block_on(check).expect("a check");
            pusher.announce(&self.board);
            self.pushers.push(pusher);
            self.violations.extend(violations);
        }
        std::mem::take(&mut self.violations)
    }

    /// What is wrong with the server of the round that is under way, or of the next one.
    pub fn fault(&self) -> Fault {
        self.fault.clone()
    }

    /// Pushes that were answered with 201 so far.
    pub fn acknowledged(&self) -> u64 {
        self.pushers.iter().map(Pusher::acknowledged).sum()
    }
}
