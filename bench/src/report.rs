//! Writes the report: the machine, a table per section and, at the end, one line per target.
//! Refuses to hide what is missing: absent peers and shortened measures are named.
//! Called by the entry point.

mod build_targets;
mod machine;
mod table;
mod targets;

use std::fmt::Write;

use crate::builder::BuilderEntry;
use crate::contestant::Entry;
use crate::ledger::{Ledger, Party, Section};
use crate::measures::build;
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

/// The same for builds.
const BUILD_CONDITIONS: &str = "\
The time is that of build and push (wharf: into its local store; wharf+push: also into the registry), docker-registry 2.8 on loopback.
CPU is that of clients, daemons, their helpers, the steps and the registry. Cold: empty storage, base image pulled. Cached: the same again, unchanged.
wharf's steps run in a user namespace and a network of their own; peers' steps in the machine's network, without a user namespace.
docker, docker-bk: docker build && docker push, classic and BuildKit. buildah: build --isolation chroot --layers && push. buildkit: buildctl, push=true.
A step's cost is the difference of images with N and 2N steps of RUN true, by N.";

const SECTIONS: [(Section, &str); 12] = [
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
    (
        Section::Service,
        "A git push of one small file becomes an image",
    ),
    (Section::Triggers, "Manifest PUTs that triggers follow"),
];

const BUILD_SECTIONS: [(Section, &str); 2] = [
    (Section::Build, "Builds with push"),
    (Section::Steps, "One step"),
];

/// The whole report as text.
pub(crate) fn write_report(
    ledger: &Ledger,
    (entries, builders): (&[Entry], &[BuilderEntry]),
    remarks: &[String],
    scale: &Scale,
    asked: &[Asked],
    machine: &str,
) -> String {
    let mut text = format!("wharf benchmark\n{machine}\n");
    for entry in entries {
        let _ = writeln!(text, "{:<7} {}", entry.contestant.name(), entry.version);
    }
    let measured = |(section, _): &(Section, &str)| !ledger.names(*section).is_empty();
    // A run of builds alone says nothing about registries.
    let only_builds = BUILD_SECTIONS.iter().any(measured) && !SECTIONS.iter().any(measured);
    if !only_builds {
        let _ = writeln!(text, "{CONDITIONS}");
    }
    let registries = entries
        .iter()
        .map(|entry| (entry.contestant.into(), entry.contestant.name()))
        .collect::<Vec<_>>();
    for (section, title) in SECTIONS {
        if let Some(table) = lay_out_section(ledger, &registries, section, title) {
            let _ = write!(text, "\n{table}");
        }
    }
    let build_targets = build_targets::lay_out(ledger, builders);
    if build_targets.is_some() {
        text += &lay_out_builds(ledger, builders);
    }
    if !only_builds {
        let _ = write!(text, "\n{}", targets::lay_out(ledger, entries, asked));
    }
    if let Some(table) = build_targets {
        let _ = write!(text, "\n{table}");
    }
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

/// The sections of builds with their conditions.
fn lay_out_builds(ledger: &Ledger, builders: &[BuilderEntry]) -> String {
    let mut text = String::from("\nBuilds\n");
    for entry in builders {
        let _ = writeln!(text, "{:<10} {}", entry.builder.name(), entry.version);
    }
    let _ = writeln!(text, "{BUILD_CONDITIONS}");
    let _ = writeln!(
        text,
        "tiny: five steps. large: {}, two RUN steps.",
        build::describe_large()
    );
    for (section, title) in BUILD_SECTIONS {
        let columns = builders
            .iter()
            .map(|entry| (entry.builder.into(), entry.builder.name()))
            .filter(|(party, _)| ledger.has(section, *party))
            .collect::<Vec<_>>();
        if let Some(table) = lay_out_section(ledger, &columns, section, title) {
            let _ = write!(text, "\n{table}");
        }
    }
    text
}

/// A section's rows, with the parties side by side under each quantity.
fn lay_out_section(
    ledger: &Ledger,
    parties: &[(Party, &str)],
    section: Section,
    title: &str,
) -> Option<String> {
    let names = ledger.names(section);
    if names.is_empty() {
        return None;
    }
    let quantities = ledger.quantities(section);
    let mut head = vec![title.to_owned()];
    let mut units = vec![String::new()];
    for quantity in &quantities {
        for (index, (_, name)) in parties.iter().enumerate() {
            let unit = if index == 0 { quantity.unit() } else { "" };
            units.push(unit.to_owned());
            head.push((*name).to_owned());
        }
    }
    let mut table = Table::new(units);
    table.push(head);
    for name in names {
        let mut row = vec![name.to_owned()];
        for quantity in &quantities {
            for (party, _) in parties {
                let value = ledger.find(section, name, *party, *quantity);
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
    use crate::contestant::Contestant;
    use crate::ledger::Quantity;

    #[test]
    fn section_puts_contestants_side_by_side() {
        let mut ledger = Ledger::default();
        let values = [(Quantity::Milliseconds, 12.0)];
        ledger.record(Section::Start, "start", Contestant::Wharf, &values);
        let parties = [Contestant::Wharf, Contestant::Cncf].map(|one| (one.into(), one.name()));
        let table = lay_out_section(&ledger, &parties, Section::Start, "Start").unwrap();
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(lines[0].trim(), "ms");
        assert_eq!(lines[1], "Start  wharf  cncf");
        assert_eq!(lines[3], "start   12.0     -");
        assert!(lay_out_section(&ledger, &parties, Section::Pull, "x").is_none());
    }
}
