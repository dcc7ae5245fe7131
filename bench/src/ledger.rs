//! Keeps every measured value by section, row, party and quantity, one per round.
//! Refuses to average: a row's value is the median of its rounds.
//! Written by the measures, read by the report.

use std::collections::BTreeMap;

use clap::ValueEnum;

use crate::builder::Builder;
use crate::contestant::Contestant;
use crate::statistics::find_median;

/// A part of the report, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Section {
    Requests,
    Lists,
    Mounts,
    Manifests,
    Pull,
    Push,
    Latency,
    Password,
    Memory,
    Start,
    /// Whole builds, with the push.
    Build,
    /// What one RUN step costs beside its own work.
    Steps,
    /// A git push that becomes an image, phase by phase.
    Service,
    /// What triggers cost the push that they follow.
    Triggers,
}

/// Whose value it is: a registry's, or a builder's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Party {
    Registry(Contestant),
    Builder(Builder),
}

impl From<Contestant> for Party {
    fn from(contestant: Contestant) -> Party {
        Party::Registry(contestant)
    }
}

impl From<Builder> for Party {
    fn from(builder: Builder) -> Party {
        Party::Builder(builder)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Quantity {
    /// Microseconds of server CPU per request.
    CpuMicros,
    PerSecond,
    P50Micros,
    P99Micros,
    MegabytesPerSecond,
    CpuSecondsPerGigabyte,
    IdleMegabytes,
    PeakMegabytes,
    Milliseconds,
    /// CPU seconds of all processes that took part.
    CpuSeconds,
    WallSeconds,
    /// A value as a multiple of another one.
    Times,
}

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    section: Section,
    name: String,
    values: BTreeMap<(Party, Quantity), Vec<f64>>,
}

impl Quantity {
    pub(crate) fn unit(self) -> &'static str {
        match self {
            Quantity::CpuMicros => "us CPU",
            Quantity::PerSecond => "per s",
            Quantity::P50Micros => "p50 us",
            Quantity::P99Micros => "p99 us",
            Quantity::MegabytesPerSecond => "MB/s",
            Quantity::CpuSecondsPerGigabyte => "CPU s/GB",
            Quantity::IdleMegabytes => "MB idle",
            Quantity::PeakMegabytes => "MB peak",
            Quantity::Milliseconds => "ms",
            Quantity::CpuSeconds => "CPU s",
            Quantity::WallSeconds => "wall s",
            Quantity::Times => "x",
        }
    }
}

impl Ledger {
    /// Adds one round's values to a row.
    pub(crate) fn record(
        &mut self,
        section: Section,
        name: &str,
        party: impl Into<Party>,
        values: &[(Quantity, f64)],
    ) {
        let party = party.into();
        let same = |row: &Row| row.section == section && row.name == name;
        let index = self.rows.iter().position(same).unwrap_or_else(|| {
            self.rows.push(Row {
                section,
                name: name.to_owned(),
                values: BTreeMap::new(),
            });
            self.rows.len() - 1
        });
        for (quantity, value) in values {
            let key = (party, *quantity);
            self.rows[index].values.entry(key).or_default().push(*value);
        }
    }

    /// The median over the rounds; `None` if it was not measured.
    pub(crate) fn find(
        &self,
        section: Section,
        name: &str,
        party: impl Into<Party>,
        quantity: Quantity,
    ) -> Option<f64> {
        let row = self
            .rows
            .iter()
            .find(|row| row.section == section && row.name == name)?;
        find_median(row.values.get(&(party.into(), quantity))?)
    }

    /// The rows of a section in the order they were first measured.
    pub(crate) fn names(&self, section: Section) -> Vec<&str> {
        let rows = self.rows.iter().filter(|row| row.section == section);
        rows.map(|row| row.name.as_str()).collect()
    }

    /// Whether a section has any value of this party.
    pub(crate) fn has(&self, section: Section, party: Party) -> bool {
        let mut rows = self.rows.iter().filter(|row| row.section == section);
        rows.any(|row| row.values.keys().any(|key| key.0 == party))
    }

    /// The quantities that a section has.
    pub(crate) fn quantities(&self, section: Section) -> Vec<Quantity> {
        let rows = self.rows.iter().filter(|row| row.section == section);
        let mut quantities: Vec<_> = rows
            .flat_map(|row| row.values.keys().map(|key| key.1))
            .collect();
        quantities.sort_unstable();
        quantities.dedup();
        quantities
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_gives_the_median_of_its_rounds() {
        let mut ledger = Ledger::default();
        for value in [30.0, 10.0, 20.0] {
            ledger.record(
                Section::Push,
                "x",
                Contestant::Wharf,
                &[(Quantity::PerSecond, value)],
            );
        }
        let find = |contestant| ledger.find(Section::Push, "x", contestant, Quantity::PerSecond);
        assert_eq!(find(Contestant::Wharf), Some(20.0));
        assert_eq!(find(Contestant::Cncf), None);
        assert!(ledger.has(Section::Push, Contestant::Wharf.into()));
        assert!(!ledger.has(Section::Push, Contestant::Cncf.into()));
        assert!(!ledger.has(Section::Pull, Contestant::Wharf.into()));
        assert_eq!(ledger.names(Section::Push), ["x"]);
        assert!(ledger.names(Section::Pull).is_empty());
        assert_eq!(ledger.quantities(Section::Push), [Quantity::PerSecond]);
    }
}
