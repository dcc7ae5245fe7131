//! What administrators look after, a file for each.

pub(super) mod health;
pub(super) mod storage;
pub(super) mod workers;

use wharf_messages::{Language, render};

fn say(language: Language, key: &str, parameters: &[(&'static str, String)]) -> String {
    let parameters: Vec<(&str, &str)> = parameters
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    render(language, key, &parameters).into_owned()
}
