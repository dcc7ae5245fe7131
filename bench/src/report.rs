//! Writes the report: the machine, a table per section and, at the end, one line per target.
//! Refuses to hide what is missing: absent peers and shortened measures are named.
//! Called by the entry point.

mod machine;
mod table;
mod targets;

use std::fmt::Write;

use crate::contestant::{Contestant, Entry};
use crate::ledger::{Ledger, Section};
use crate::scale::Scale;
use table::{Table, format_number};

pub(crate) use machine::describe_machine;
pub(crate) use targets::{Asked, list_targets};

/// How the numbers were taken; a number without its conditions is worth nothing.
const CONDITIONS: &str = "\
All on loopback, client and servers on the same cores, contestants in turn within each round; values are medians.
CPU is the server's alone (user + system); MB = 10^6 bytes, GB = 10^9. Page cache warm, memory touched before pushes.
wharf checks rights in private repositories, for a user with a token that was remembered (password section: with a password).
Peers check nobody (password section: htpasswd, bcrypt cost 10); access log and tracing off, descriptor cache on. debian 2.8 pages no tags, it always sends all.
A push is POST + PUT of the blob + PUT of a manifest that names it: the manifest's 201 says that all is on disk.";

const SECTIONS: [(Section, &str); 10] = [
    (Section::Requests, "Small requests"),
    (Section::Lists, "Lists, 4 connections"),
    (Section::Mounts, "Mounts"),
    (
        Section::Manifests,
        "Manifest PUTs, distinct, each with a new tag, durable",
    ),
    (Section::Pull, "Pulls"),
    (Section::Push, "Pushes, durable"),
    (Section::Latency, "Latency while others push"),
    (Section::Password, "Password on every request"),
    (Section::Memory, "Resident memory"),
    (Section::Start, "Start"),
];

/// The whole report as text.
pub(crate) fn write_report(
    ledger: &Ledger,
    entries: &[Entry],
    remarks: &[String],
    scale: &Scale,
    asked: &[Asked],
    machine: &str,
) -> String {
    let mut text = format!("wharf benchmark\n{machine}\n");
    for entry in entries {
        let _ = writeln!(text, "{:<7} {}", entry.contestant.name(), entry.version);
    }
    let _ = writeln!(text, "{CONDITIONS}");
    for (section, title) in SECTIONS {
        if let Some(table) = lay_out_section(ledger, entries, section, title) {
            let _ = write!(text, "\n{table}");
        }
    }
    let _ = write!(text, "\n{}", targets::lay_out(ledger, entries, asked));
    let _ = writeln!(
        text,
        "\n{} rounds, {} s in all.",
        scale.rounds(),
        scale.elapsed().as_secs()
    );
    if scale.skipped() > 0 {
        let _ = writeln!(
            text,
            "Time was over: {} measures got fewer rounds.",
            scale.skipped()
        );
    }
    for remark in remarks {
        let _ = writeln!(text, "NOTE: {remark}");
    }
    text
}

/// A section's rows, with the contestants side by side under each quantity.
fn lay_out_section(
    ledger: &Ledger,
    entries: &[Entry],
    section: Section,
    title: &str,
) -> Option<String> {
    let names = ledger.names(section);
    if names.is_empty() {
        return None;
    }
    let quantities = ledger.quantities(section);
    let contestants: Vec<Contestant> = entries.iter().map(|entry| entry.contestant).collect();
    let mut head = vec![title.to_owned()];
    let mut units = vec![String::new()];
    for quantity in &quantities {
        for (index, contestant) in contestants.iter().enumerate() {
            let unit = if index == 0 { quantity.unit() } else { "" };
            units.push(unit.to_owned());
            head.push(contestant.name().to_owned());
        }
    }
    let mut table = Table::new(units);
    table.push(head);
    for name in names {
        let mut row = vec![name.to_owned()];
        for quantity in &quantities {
            for contestant in &contestants {
                let value = ledger.find(section, name, *contestant, *quantity);
                row.push(value.map_or("-".to_owned(), format_number));
            }
        }
        table.push(row);
    }
    Some(table.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Quantity;

    fn entry(contestant: Contestant) -> Entry {
        Entry {
            contestant,
            program: "x".into(),
            version: "1".into(),
        }
    }

    #[test]
    fn section_puts_contestants_side_by_side() {
        let mut ledger = Ledger::default();
        let values = [(Quantity::Milliseconds, 12.0)];
        ledger.record(Section::Start, "start", Contestant::Wharf, &values);
        let entries = [entry(Contestant::Wharf), entry(Contestant::Cncf)];
        let table = lay_out_section(&ledger, &entries, Section::Start, "Start").unwrap();
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(lines[0].trim(), "ms");
        assert_eq!(lines[1], "Start  wharf  cncf");
        assert_eq!(lines[3], "start   12.0     -");
        assert!(lay_out_section(&ledger, &entries, Section::Pull, "x").is_none());
    }
}
