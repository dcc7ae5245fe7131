//! Rows of the checklist, and which of them apply.

use std::collections::BTreeMap;

use crate::corpus::Filed;

/// Areas by their letter, how many rows each one has, and the rows that do not apply yet.
pub const AREAS: &[(&str, &str, u32, &[u32])] = &[
    ("P", "parse", 8, &[]),
    ("V", "variables", 8, &[8]),
    ("F", "FROM", 8, &[]),
    ("R", "RUN", 10, &[]),
    ("C", "COPY and ADD", 15, &[]),
    ("G", "config", 5, &[]),
    ("X", "context", 6, &[]),
    ("S", "graph", 4, &[]),
    ("K", "cache", 6, &[5, 6]),
    ("Z", "secrets", 2, &[]),
    ("O", "output", 5, &[]),
    ("M", "platform", 3, &[2]),
    ("L", "lint and progress", 4, &[]),
];

/// Every row that applies, in order.
#[must_use]
pub fn list_rows() -> Vec<String> {
    AREAS
        .iter()
        .flat_map(|(letter, _, count, later)| {
            (1..=*count)
                .filter(|row| !later.contains(row))
                .map(move |row| format!("{letter}{row}"))
        })
        .collect()
}

/// The names of the cases of each row that applies; rows without a case are there, empty.
#[must_use]
pub fn map_rows(cases: &[Filed]) -> BTreeMap<String, Vec<String>> {
    let mut map: BTreeMap<String, Vec<String>> = list_rows()
        .into_iter()
        .map(|row| (row, Vec::new()))
        .collect();
    for case in cases {
        for row in &case.case.rows {
            map.entry(row.clone()).or_default().push(case.name.clone());
        }
    }
    map
}
