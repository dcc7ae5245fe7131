//! Faults for as long as it takes to believe in what survived them: `make soak`, unattended, half an hour on two cores.
//!
//! Each row of the fault table is a campaign of many rounds on one server's data; a campaign that fails ends, the others go
//! on. A line a minute tells where it is, and the end is a table to be kept. The environment makes any campaign shorter
//! (`WHARF_SOAK_KILLS=20`) or leaves it out (`=0`).

mod campaign;
mod crowd;
mod kills;
mod power_cuts;
mod report;

use std::{env, process::ExitCode, str::FromStr};

use report::Report;

fn main() -> ExitCode {
    let mut report = Report::start();
    kills::kill_at_random(&mut report, read_setting("WHARF_SOAK_KILLS", 200));
    kills::kill_at_calls(&mut report, read_setting("WHARF_SOAK_CALLS", 200));
    let cuts = read_setting("WHARF_SOAK_POWER_CUTS", 50);
    power_cuts::cut_under_pushes(&mut report, cuts);
    let cuts = read_setting("WHARF_SOAK_ROW_CUTS", 50);
    power_cuts::cut_under_commits(&mut report, cuts);
    crowd::crowd_in(&mut report, read_setting("WHARF_SOAK_CROWD_SECONDS", 300));
    match report.finish() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// A number from the environment, else the full one.
fn read_setting<T: FromStr>(name: &str, full: T) -> T {
    match env::var(name) {
        Err(_) => full,
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("{name} is a number, not `{text}`")),
    }
}
