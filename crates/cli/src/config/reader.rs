//! Takes settings one by one from the three layers and keeps account of them.
//!
//! What a section's reader has asked for is what exists: anything left in the file, or in the environment under a
//! section's prefix, is unknown and reported with the nearest known name.

use std::collections::{BTreeMap, BTreeSet};

use super::Environment;
use super::document::{Entry, name_subsection};
use super::nearest::find_nearest;
use super::problem::{Complaint, Place, Problem, Severity};
use super::value::RawValue;

/// One setting as it holds: `wharf check` lists these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Effective {
    pub(crate) setting: String,
    /// As it would be written; secrets are masked.
    pub(crate) value: String,
    /// `None` for a default.
    pub(crate) place: Option<Place>,
}

pub(crate) struct Reader {
    file: Vec<Entry>,
    environment: Environment,
    flags: BTreeMap<String, (&'static str, String)>,
    known: BTreeMap<String, Vec<&'static str>>,
    problems: Vec<Problem>,
    effective: Vec<Effective>,
}

impl Reader {
    pub(crate) fn new(
        file: Vec<Entry>,
        environment: Option<&Environment>,
        problems: Vec<Problem>,
    ) -> Self {
        Reader {
            file,
            environment: environment.cloned().unwrap_or_default(),
            flags: BTreeMap::new(),
            known: BTreeMap::new(),
            problems,
            effective: Vec::new(),
        }
    }

    /// Makes a flag's value win over file and environment.
    pub(crate) fn set_flag(&mut self, section: &str, key: &str, flag: &'static str, value: &str) {
        self.flags
            .insert(format!("{section}.{key}"), (flag, value.to_owned()));
    }

    /// The value of one setting, parsed; `None` when nobody gave one or it could not be used (then it is reported).
    pub(crate) fn take<T>(
        &mut self,
        section: &str,
        key: &'static str,
        parse: impl FnOnce(&RawValue) -> Result<T, Complaint>,
    ) -> Option<T> {
        let (value, place) = self.take_raw(section, key)?;
        match parse(&value) {
            Ok(parsed) => Some(parsed),
            Err(complaint) => {
                self.problems.push(
                    Problem::new(Severity::Error, complaint)
                        .about(format!("{section}.{key}"))
                        .at(place),
                );
                None
            }
        }
    }

    /// Like [`Reader::take`], with `default` where there is no usable value; the outcome is listed as effective.
    pub(crate) fn take_or<T>(
        &mut self,
        section: &str,
        key: &'static str,
        parse: impl FnOnce(&RawValue) -> Result<T, Complaint>,
        default: T,
        show: impl FnOnce(&T) -> String,
    ) -> T {
        let place = self.find_place(section, key);
        let taken = self.take(section, key, parse);
        let place = place.filter(|_| taken.is_some());
        let value = taken.unwrap_or(default);
        self.effective.push(Effective {
            setting: format!("{section}.{key}"),
            value: show(&value),
            place,
        });
        value
    }

    /// Like [`Reader::take`] for a setting without a default; listed as effective only when it is set.
    pub(crate) fn take_optional<T>(
        &mut self,
        section: &str,
        key: &'static str,
        parse: impl FnOnce(&RawValue) -> Result<T, Complaint>,
        show: impl FnOnce(&T) -> String,
    ) -> Option<T> {
        let place = self.find_place(section, key);
        let value = self.take(section, key, parse)?;
        self.effective.push(Effective {
            setting: format!("{section}.{key}"),
            value: show(&value),
            place,
        });
        Some(value)
    }

    /// Reports something that only shows when several settings are seen together.
    pub(crate) fn report(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Where the value that counts was written, if it still waits to be taken.
    pub(crate) fn find_place(&self, section: &str, key: &str) -> Option<Place> {
        let setting = format!("{section}.{key}");
        if let Some((flag, _)) = self.flags.get(&setting) {
            return Some(Place::Flag(flag));
        }
        let variable = name_variable(section, key);
        if self.read_variable(&variable).is_some() {
            return Some(Place::Environment(variable));
        }
        self.file
            .iter()
            .find(|entry| entry.section == section && entry.key == key)
            .map(|entry| entry.value_place.clone())
    }

    /// Makes a section known that has sections instead of keys.
    pub(crate) fn know_section(&mut self, section: &str) {
        self.known.entry(section.to_owned()).or_default();
    }

    /// The names of the sections within a section, in the file's order without repetitions.
    pub(crate) fn list_subsections(&self, section: &str) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        let prefix = format!("{section}.\"");
        for entry in &self.file {
            let name = entry.section.strip_prefix(&prefix);
            if let Some(name) = name.and_then(|rest| rest.strip_suffix('"'))
                && !names.iter().any(|known| known == name)
            {
                names.push(name.to_owned());
            }
        }
        names
    }

    /// Where the name of a section within a section is written.
    pub(crate) fn find_subsection(&self, section: &str, name: &str) -> Option<Place> {
        let whole = name_subsection(section, name);
        let entry = self.file.iter().find(|entry| entry.section == whole)?;
        Some(entry.section_place.clone())
    }

    /// Every key that was asked for so far, by section.
    pub(crate) fn list_keys(&self) -> Vec<String> {
        let sections = self.known.iter();
        sections
            .flat_map(|(section, keys)| keys.iter().map(move |key| format!("{section}.{key}")))
            .collect()
    }

    /// Everything that is wrong, and everything that holds.
    pub(crate) fn finish(mut self) -> (Vec<Problem>, Vec<Effective>) {
        self.report_unknown_entries();
        self.report_unknown_variables();
        // By place, so that a reader walks through the file once.
        self.problems.sort_by_key(|problem| match &problem.place {
            Some(Place::File { line, column, .. }) => (1, *line, *column),
            Some(_) => (2, 0, 0),
            None => (0, 0, 0),
        });
        (self.problems, self.effective)
    }

    fn take_raw(&mut self, section: &str, key: &'static str) -> Option<(RawValue, Place)> {
        self.known.entry(section.to_owned()).or_default().push(key);
        let in_file = self
            .file
            .iter()
            .position(|entry| entry.section == section && entry.key == key)
            .map(|index| self.file.remove(index));
        if let Some((flag, value)) = self.flags.remove(&format!("{section}.{key}")) {
            return Some((RawValue::Word(value), Place::Flag(flag)));
        }
        let variable = name_variable(section, key);
        if let Some(value) = self.read_variable(&variable) {
            return Some((
                RawValue::Word(value.to_owned()),
                Place::Environment(variable),
            ));
        }
        in_file.map(|entry| (entry.value, entry.value_place))
    }

    /// An empty variable counts as not set: that is how compose files and units pass on what nobody filled in.
    fn read_variable(&self, name: &str) -> Option<&str> {
        self.environment
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.trim().is_empty())
    }

    fn report_unknown_entries(&mut self) {
        let mut reported_sections = BTreeSet::new();
        for entry in std::mem::take(&mut self.file) {
            let problem = if let Some(keys) = self.known.get(entry.section.as_str()) {
                if entry.key.is_empty() {
                    continue;
                }
                describe_unknown_key(&entry, keys).at(entry.key_place)
            } else if entry.section.is_empty() {
                self.describe_key_outside(&entry).at(entry.key_place)
            } else if reported_sections.insert(entry.section.clone()) {
                let known = self.known.keys().map(String::as_str);
                describe_unknown_section(&entry.section, known).at(entry.section_place)
            } else {
                continue;
            };
            self.problems.push(problem);
        }
    }

    fn describe_key_outside(&self, entry: &Entry) -> Problem {
        let home = self
            .known
            .iter()
            .find(|(_, keys)| keys.contains(&entry.key.as_str()));
        match home {
            Some((section, _)) => Problem::error("config.key_outside_section")
                .with("key", entry.key.clone())
                .with("section", section.clone()),
            None => describe_unknown_section(&entry.key, self.known.keys().map(String::as_str)),
        }
    }

    /// Unknown variables are warnings: the environment also carries what others put there (a Kubernetes service
    /// called `wharf-server` adds `WHARF_SERVER_PORT` and more to every pod).
    fn report_unknown_variables(&mut self) {
        for variable in self.environment.keys() {
            let homes = self.known.keys().filter_map(|section| {
                let key = variable.strip_prefix(&name_variable(section, ""))?;
                Some((section, key.to_lowercase()))
            });
            // Sections within sections have the longer prefix.
            let Some((section, key)) = homes.min_by_key(|(_, key)| key.len()) else {
                continue;
            };
            if self.known[section].contains(&key.as_str()) || is_service_link(&key) {
                continue;
            }
            let problem = match find_nearest(&key, self.known[section].iter().copied()) {
                Some(nearest) => Problem::warning("config.unknown_variable_near")
                    .with("nearest", name_variable(section, nearest)),
                None => Problem::warning("config.unknown_variable"),
            };
            self.problems
                .push(problem.at(Place::Environment(variable.clone())));
        }
    }
}

fn name_variable(section: &str, key: &str) -> String {
    let section: String = section
        .split(['.', '-', ':', '[', ']', '"'])
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("_");
    format!("WHARF_{}_{}", section.to_uppercase(), key.to_uppercase())
}

fn is_service_link(key: &str) -> bool {
    key == "port" || key.starts_with("port_") || key.starts_with("service_")
}

fn describe_unknown_key(entry: &Entry, keys: &[&'static str]) -> Problem {
    let problem = match find_nearest(&entry.key, keys.iter().copied()) {
        // A section that only has sections within it.
        None if keys.is_empty() => Problem::error("config.key_needs_host"),
        Some(nearest) => Problem::error("config.unknown_key_near").with("nearest", nearest),
        None => Problem::error("config.unknown_key").with("known", keys.join(", ")),
    };
    problem
        .with("key", entry.key.clone())
        .with("section", entry.section.clone())
}

fn describe_unknown_section<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Problem {
    let known: Vec<&str> = known.collect();
    match find_nearest(name, known.iter().copied()) {
        Some(nearest) => Problem::error("config.unknown_section_near").with("nearest", nearest),
        None => Problem::error("config.unknown_section").with("known", known.join(", ")),
    }
    .with("section", name)
}
