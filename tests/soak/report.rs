//! What is told: a line a minute, and a table at the end.

use std::{
    fs,
    time::{Duration, Instant},
};

/// How often a line is due.
const LINE_EVERY: Duration = Duration::from_secs(60);

/// Violations shown of one campaign; the rest is more of the same.
const SHOWN: usize = 20;

/// How one campaign went.
#[derive(Debug, Default, Clone)]
pub(crate) struct Outcome {
    /// Rounds that were completed.
    pub(crate) rounds: u64,
    /// Pushes answered with 201.
    pub(crate) acknowledged: u64,
    /// Promises that were broken.
    pub(crate) lost: usize,
    /// What else there is to tell.
    pub(crate) note: String,
}

/// All campaigns so far.
pub(crate) struct Report {
    began: Instant,
    told: Instant,
    rows: Vec<Row>,
}

struct Row {
    name: &'static str,
    took: Duration,
    result: Result<Outcome, String>,
}

impl Report {
    pub(crate) fn start() -> Self {
        println!("soak: {}", describe_machine());
        Self {
            began: Instant::now(),
            told: Instant::now(),
            rows: Vec::new(),
        }
    }

    /// Says where a campaign is, once a minute.
    pub(crate) fn tell(&mut self, name: &str, outcome: &Outcome, of: u64) {
        if self.told.elapsed() >= LINE_EVERY {
            self.told = Instant::now();
            println!(
                "{:>4} s  {name}: {} of {of}, {} pushes acknowledged, {} lost",
                self.began.elapsed().as_secs(),
                outcome.rounds,
                outcome.acknowledged,
                outcome.lost
            );
        }
    }

    /// Adds a campaign, which was left out for a reason if it is an error.
    pub(crate) fn add(
        &mut self,
        name: &'static str,
        began: Instant,
        result: Result<Outcome, String>,
    ) {
        match &result {
            Ok(outcome) => println!("{name}: {} rounds, {} lost", outcome.rounds, outcome.lost),
            Err(reason) => println!("{name}: not done: {reason}"),
        }
        self.rows.push(Row {
            name,
            took: began.elapsed(),
            result,
        });
    }

    /// Prints the table; answers whether everything was done and nothing was lost.
    pub(crate) fn finish(self) -> bool {
        println!("\nsoak: {}", describe_machine());
        println!(
            "{:<46} {:>7} {:>13} {:>5} {:>7}",
            "fault", "rounds", "acknowledged", "lost", "time"
        );
        let (mut acknowledged, mut lost, mut bad) = (0, 0, 0);
        for row in &self.rows {
            let took = format!("{} s", row.took.as_secs());
            match &row.result {
                Ok(outcome) => {
                    acknowledged += outcome.acknowledged;
                    lost += outcome.lost;
                    bad += usize::from(outcome.lost > 0);
                    println!(
                        "{:<46} {:>7} {:>13} {:>5} {took:>7}  {}",
                        row.name, outcome.rounds, outcome.acknowledged, outcome.lost, outcome.note
                    );
                }
                Err(reason) => {
                    bad += 1;
                    println!("{:<46} not done: {reason}", row.name);
                }
            }
        }
        let seconds = self.began.elapsed().as_secs();
        println!(
            "{acknowledged} pushes acknowledged, lost = {lost}, {} min {:02} s in all",
            seconds / 60,
            seconds % 60
        );
        // In the words of the test harness, so that this suite is counted like the others.
        println!(
            "\ntest result: {}. {} passed; {bad} failed; 0 ignored",
            if bad == 0 { "ok" } else { "FAILED" },
            self.rows.len() - bad
        );
        bad == 0
    }
}

/// Prints the first of these.
pub(crate) fn show_violations(name: &str, violations: &[String]) {
    for violation in violations.iter().take(SHOWN) {
        println!("{name}: {violation}");
    }
    if violations.len() > SHOWN {
        println!("{name}: … {} in all", violations.len());
    }
}

fn describe_machine() -> String {
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!("{cores} cores, Linux {}", kernel.trim())
}
