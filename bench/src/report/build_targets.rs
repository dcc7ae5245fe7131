//! What is asked of wharf's builder, most of it as a share of what the best peer needs, and whether this run met it.
//! Refuses to call a target met that was not measured. Called by the report.

use crate::builder::{Builder, BuilderEntry};
use crate::ledger::{Ledger, Quantity, Section};
use crate::measures::{build, steps};

use super::table::{Table, format_number};

struct Asked {
    name: &'static str,
    section: Section,
    row: &'static str,
    quantity: Quantity,
    bound: Bound,
}

enum Bound {
    /// At most this share of the best peer's value.
    ShareOfBest(f64),
    AtMost(f64),
}

const TARGETS: [Asked; 6] = [
    Asked {
        name: "large image, cold",
        section: Section::Build,
        row: build::LARGE_COLD,
        quantity: Quantity::CpuSeconds,
        bound: Bound::ShareOfBest(0.5),
    },
    Asked {
        name: "tiny image, cold",
        section: Section::Build,
        row: build::TINY_COLD,
        quantity: Quantity::CpuSeconds,
        bound: Bound::ShareOfBest(0.8),
    },
    Asked {
        name: "large image, cached",
        section: Section::Build,
        row: build::LARGE_CACHED,
        quantity: Quantity::WallSeconds,
        bound: Bound::ShareOfBest(0.2),
    },
    Asked {
        name: "tiny image, cached",
        section: Section::Build,
        row: build::TINY_CACHED,
        quantity: Quantity::WallSeconds,
        bound: Bound::ShareOfBest(0.2),
    },
    Asked {
        name: "RUN step, network none",
        section: Section::Steps,
        row: steps::NONE,
        quantity: Quantity::Milliseconds,
        bound: Bound::AtMost(40.0),
    },
    Asked {
        name: "RUN step, network isolated",
        section: Section::Steps,
        row: steps::USUAL,
        quantity: Quantity::Milliseconds,
        bound: Bound::AtMost(80.0),
    },
];

impl Asked {
    fn find(&self, ledger: &Ledger, builder: Builder) -> Option<f64> {
        ledger.find(self.section, self.row, builder, self.quantity)
    }

    fn describe_bound(&self) -> String {
        let unit = self.quantity.unit();
        match self.bound {
            Bound::ShareOfBest(share) => format!("<= {share} x {unit} of the best"),
            Bound::AtMost(value) => format!("<= {value} {unit}"),
        }
    }

    /// What is compared with the bound: the value, or its share of the best peer's.
    fn judge(&self, own: f64, best: Option<f64>) -> Option<(String, bool)> {
        match self.bound {
            Bound::ShareOfBest(share) => best.map(|best| {
                let measured = own / best;
                (format!("{measured:.2} x"), measured <= share)
            }),
            Bound::AtMost(value) => Some((format_number(own), own <= value)),
        }
    }
}

/// One line per target: asked, measured, met or not, for the build alone and with a push, and the ratio to each peer.
/// `None` if no builds were measured.
pub(super) fn lay_out(ledger: &Ledger, builders: &[BuilderEntry]) -> Option<String> {
    let sections = [Section::Build, Section::Steps];
    if sections
        .iter()
        .all(|section| ledger.names(*section).is_empty())
    {
        return None;
    }
    let peers: Vec<_> = builders
        .iter()
        .filter(|entry| entry.builder.is_peer())
        .collect();
    let mut head = vec!["Targets of builds (ratio: times better than the peer)".to_owned()];
    head.extend(["asked", "measured", "met", "with push", "met"].map(str::to_owned));
    head.extend(
        peers
            .iter()
            .map(|peer| format!("{} {}", peer.builder.name(), peer.version)),
    );
    let mut table = Table::new(vec![String::new(); head.len()]);
    table.push(head);
    for target in &TARGETS {
        let values = peers
            .iter()
            .filter_map(|peer| target.find(ledger, peer.builder));
        let best = values.min_by(f64::total_cmp);
        let own = target.find(ledger, Builder::Wharf);
        let mut row = vec![target.name.to_owned(), target.describe_bound()];
        row.extend(write_verdict(
            own.and_then(|own| target.judge(own, best)),
            "not measured",
        ));
        let pushed = target.find(ledger, Builder::WharfPush);
        row.extend(write_verdict(
            pushed.and_then(|own| target.judge(own, best)),
            "-",
        ));
        for peer in &peers {
            let ratio = own.zip(target.find(ledger, peer.builder));
            row.push(ratio.map_or("-".to_owned(), |(own, peer)| {
                format!("{}x", format_number(peer / own))
            }));
        }
        table.push(row);
    }
    Some(table.to_string())
}

fn write_verdict(judged: Option<(String, bool)>, missing: &str) -> [String; 2] {
    match judged {
        Some((measured, true)) => [measured, "met".to_owned()],
        Some((measured, false)) => [measured, "NOT MET".to_owned()],
        None => [missing.to_owned(), "-".to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(builder: Builder) -> BuilderEntry {
        BuilderEntry {
            builder,
            client: "x".into(),
            daemon: None,
            version: "1".into(),
        }
    }

    fn line_of(ledger: &Ledger, start: &str) -> String {
        let builders = [
            Builder::Wharf,
            Builder::WharfPush,
            Builder::Docker,
            Builder::Buildkit,
        ];
        let text = lay_out(ledger, &builders.map(entry)).unwrap();
        let line = text.lines().find(|line| line.starts_with(start));
        let words: Vec<_> = line.unwrap().split_whitespace().collect();
        words.join(" ")
    }

    #[test]
    fn wharf_is_compared_with_the_best_peer() {
        let mut ledger = Ledger::default();
        for (builder, value) in [
            (Builder::Wharf, 5.0),
            (Builder::WharfPush, 11.0),
            (Builder::Docker, 40.0),
            (Builder::Buildkit, 20.0),
        ] {
            let values = [(Quantity::CpuSeconds, value)];
            ledger.record(Section::Build, build::LARGE_COLD, builder, &values);
        }
        assert_eq!(
            line_of(&ledger, "large image, cold"),
            "large image, cold <= 0.5 x CPU s of the best 0.25 x met 0.55 x NOT MET 8.00x 4.00x"
        );
        assert_eq!(
            line_of(&ledger, "tiny image, cold"),
            "tiny image, cold <= 0.8 x CPU s of the best not measured - - - - -"
        );
    }

    #[test]
    fn steps_have_a_bound_of_their_own() {
        let mut ledger = Ledger::default();
        let values = [(Quantity::Milliseconds, 41.0)];
        ledger.record(Section::Steps, steps::NONE, Builder::Wharf, &values);
        assert_eq!(
            line_of(&ledger, "RUN step, network none"),
            "RUN step, network none <= 40 ms 41.0 NOT MET - - - -"
        );
    }

    #[test]
    fn nothing_is_listed_when_nothing_was_built() {
        assert!(lay_out(&Ledger::default(), &[entry(Builder::Wharf)]).is_none());
    }
}
