//! The text of `wharf.toml` as a flat list of values that know their line and column.
//!
//! Knows TOML and nothing about which settings exist. Syntax errors are collected, and whatever could be read
//! around them is still returned.

use std::ops::Range;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::problem::{Place, Problem};
use super::value::RawValue;

/// One `key = value` of the file.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Empty for a key above the first section.
    pub(crate) section: String,
    pub(crate) key: String,
    pub(crate) value: RawValue,
    /// Where the section's name is written.
    pub(crate) section_place: Place,
    /// Where the key is written.
    pub(crate) key_place: Place,
    /// Where the value is written.
    pub(crate) value_place: Place,
}

/// One `[section]` header without keys is an entry of its own kind: it is returned with an empty key, so that an
/// unknown section is noticed although nothing is in it.
pub(crate) fn parse_document(path: &Path, text: &str, problems: &mut Vec<Problem>) -> Vec<Entry> {
    let place_of = |span: Range<usize>| locate(path, text, span.start);
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let mut problem =
            Problem::error("config.syntax").with("cause", error.message().trim().to_owned());
        if let Some(span) = error.span() {
            problem = problem.at(place_of(span));
        }
        problems.push(problem);
    }
    let mut entries = Vec::new();
    for (name, value) in document.get_ref() {
        let DeValue::Table(table) = value.get_ref() else {
            entries.push(Entry {
                section: String::new(),
                key: name.get_ref().clone().into_owned(),
                value: RawValue::from_toml(value.get_ref()),
                section_place: place_of(name.span()),
                key_place: place_of(name.span()),
                value_place: place_of(value.span()),
            });
            continue;
        };
        let section = name.get_ref().clone().into_owned();
        collect_entries(&section, name.span(), table, &place_of, &mut entries);
    }
    entries
}

/// A table within a section is a section of its own: `[registries."docker.io"]`.
fn collect_entries(
    section: &str,
    section_span: Range<usize>,
    table: &DeTable<'_>,
    place_of: &impl Fn(Range<usize>) -> Place,
    entries: &mut Vec<Entry>,
) {
    let mut push = |key: &str, value, key_span: Range<usize>, value_span: Range<usize>| {
        entries.push(Entry {
            section: section.to_owned(),
            key: key.to_owned(),
            value,
            section_place: place_of(section_span.clone()),
            key_place: place_of(key_span),
            value_place: place_of(value_span),
        });
    };
    if table.is_empty() {
        let span = section_span.clone();
        push("", RawValue::Other("table"), span.clone(), span);
    }
    let mut inner = Vec::new();
    for (key, value) in table {
        match value.get_ref() {
            DeValue::Table(table) => inner.push((key, table)),
            other => push(
                key.get_ref(),
                RawValue::from_toml(other),
                key.span(),
                value.span(),
            ),
        }
    }
    for (key, table) in inner {
        let name = name_subsection(section, key.get_ref());
        collect_entries(&name, key.span(), table, place_of, entries);
    }
}

/// Adds what administrators set at run time, where the file says nothing: `section.key` with its value.
pub(crate) fn add_console_entries(entries: &mut Vec<Entry>, console: &[(&str, &str)]) {
    for (setting, value) in console {
        let Some((section, key)) = setting.rsplit_once('.') else {
            continue;
        };
        let is_said = |entry: &Entry| entry.section == section && entry.key == key;
        if !entries.iter().any(is_said) {
            entries.push(Entry {
                section: section.to_owned(),
                key: key.to_owned(),
                value: RawValue::Word((*value).to_owned()),
                section_place: Place::Console,
                key_place: Place::Console,
                value_place: Place::Console,
            });
        }
    }
}

/// The name of a section within a section, as it is written in the file.
pub(crate) fn name_subsection(section: &str, name: &str) -> String {
    format!("{section}.\"{name}\"")
}

fn locate(path: &Path, text: &str, offset: usize) -> Place {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Place::File {
        path: path.to_path_buf(),
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
    }
}
