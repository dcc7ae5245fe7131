//! What each setting is, from the one text that describes them: `wharf.example.toml`.

use std::collections::BTreeMap;

/// The documented file, as it lies at the top of the repository.
const EXAMPLE: &str = include_str!("../../../../wharf.example.toml");

/// A setting of the documented file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Described {
    /// `section.key`; the host of a section within a section is an example.
    pub(crate) setting: String,
    /// What is said about it; keys that stand together share it.
    pub(crate) text: String,
}

/// All settings in the order of the documented file.
pub(crate) fn describe_settings() -> Vec<Described> {
    read_example(EXAMPLE)
}

/// The description of `setting`; a section of another host is described by that of the example's host.
pub(crate) fn find_description<'a>(
    described: &'a BTreeMap<String, Described>,
    setting: &str,
) -> Option<&'a Described> {
    described.get(&erase_host(setting))
}

/// Descriptions by setting, for [`find_description`].
pub(crate) fn index_descriptions() -> BTreeMap<String, Described> {
    let all = describe_settings().into_iter();
    all.map(|one| (erase_host(&one.setting), one)).collect()
}

/// `code_hosts."github.com".client_id` without the host.
fn erase_host(setting: &str) -> String {
    match (setting.find('"'), setting.rfind('"')) {
        (Some(first), Some(last)) if first < last => {
            format!("{}{}", &setting[..first], &setting[last + 1..])
        }
        _ => setting.to_owned(),
    }
}

fn read_example(text: &str) -> Vec<Described> {
    let (mut section, mut words, mut is_listing) = (String::new(), Vec::new(), false);
    let mut found = Vec::new();
    for line in text.lines() {
        let bare = line.trim_start_matches('#').trim();
        if line.is_empty() {
            words.clear();
        } else if let Some(name) = read_header(bare) {
            name.clone_into(&mut section);
            // What stands before the header of a section within a section is about its keys.
            if !line.starts_with('#') {
                words.clear();
            }
        } else if let Some(key) = read_key(bare) {
            is_listing = true;
            found.push(Described {
                setting: format!("{section}.{key}"),
                text: words.join(" "),
            });
        } else if line.starts_with('#') {
            // Words after a key are about the next ones.
            if is_listing {
                words.clear();
            }
            is_listing = false;
            words.push(bare);
        }
    }
    found
}

fn read_header(line: &str) -> Option<&str> {
    line.strip_prefix('[')?.strip_suffix(']')
}

fn read_key(line: &str) -> Option<&str> {
    let (key, _) = line.split_once(" = ")?;
    let is_name = |part: char| part.is_ascii_lowercase() || part.is_ascii_digit() || part == '_';
    (!key.is_empty() && key.chars().all(is_name)).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{ConfigSnapshot, Sources};

    #[test]
    fn every_setting_is_described_and_nothing_else_is() {
        let described = index_descriptions();
        let mut known = ConfigSnapshot::take(&Sources::default())
            .load(&[
                ("registries.\"docker.io\".mirrors", "mirror.example"),
                ("code_hosts.\"github.com\".client_id", "app"),
            ])
            .keys;
        known.sort();
        for setting in &known {
            let found = find_description(&described, setting);
            assert!(
                found.is_some_and(|one| !one.text.is_empty()),
                "{setting} is not described in wharf.example.toml"
            );
        }
        for setting in described.keys() {
            let is_known = known.iter().any(|one| erase_host(one) == *setting);
            assert!(is_known, "{setting} is described and does not exist");
        }
    }

    #[test]
    fn words_belong_to_the_keys_after_them() {
        let text = "# Above all.\n\n[one]\n# First\n# words.\n# a = 1\n# b = \"x\"\n# Second.\n# c = 2\n\n# Of hosts.\n# [two.\"h\"]\n# d = 3\n";
        let found: Vec<_> = read_example(text)
            .into_iter()
            .map(|one| (one.setting, one.text))
            .collect();
        let expected = [
            ("one.a", "First words."),
            ("one.b", "First words."),
            ("one.c", "Second."),
            ("two.\"h\".d", "Of hosts."),
        ];
        assert_eq!(
            found,
            expected.map(|(setting, text)| (setting.to_owned(), text.to_owned()))
        );
    }
}
