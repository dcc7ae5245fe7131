//! The catalogue itself: two embedded TOML files, parsed once, and the filling in of `{parameters}`.
//!
//! Keys are written dotted (`error.not_found = "…"`), so that one search finds the sentence and everything that says
//! it. Called by the rest of this crate and, through [`render`], by everything that speaks to people.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::Language;

type Messages = BTreeMap<String, String>;

static ENGLISH: LazyLock<Messages> = LazyLock::new(|| parse(include_str!("../catalogue/en.toml")));
static CHINESE: LazyLock<Messages> = LazyLock::new(|| parse(include_str!("../catalogue/zh.toml")));

fn messages_of(language: Language) -> &'static Messages {
    match language {
        Language::En => &ENGLISH,
        Language::Zh => &CHINESE,
    }
}

/// The sentence of `key` in `language`, with each `{name}` replaced by its parameter.
///
/// Never fails: an unknown key is answered with the key, and a placeholder without a parameter stays as it is, so
/// that a mistake is visible without taking the program down. Parameter values are inserted as they are and never
/// searched for placeholders again.
pub fn render(language: Language, key: &str, parameters: &[(&str, &str)]) -> Cow<'static, str> {
    let Some(template) = messages_of(language).get(key) else {
        return Cow::Owned(key.to_owned());
    };
    if !template.contains('{') {
        return Cow::Borrowed(template);
    }
    Cow::Owned(fill(template, parameters))
}

/// Whether the catalogue has a sentence under `key`.
pub fn has_message(key: &str) -> bool {
    ENGLISH.contains_key(key)
}

/// Every key of the catalogue, sorted; for tests that compare the catalogue with what the code says.
pub fn list_keys() -> impl Iterator<Item = &'static str> {
    ENGLISH.keys().map(String::as_str)
}

fn fill(template: &str, parameters: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        text.push_str(&rest[..open]);
        rest = &rest[open..];
        let Some(close) = rest.find('}') else {
            break;
        };
        let name = &rest[1..close];
        match parameters.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => text.push_str(value),
            None => text.push_str(&rest[..=close]),
        }
        rest = &rest[close + 1..];
    }
    text.push_str(rest);
    text
}

fn parse(source: &str) -> Messages {
    // The files are part of the program and a test parses both: a panic here cannot reach a user.
    let table: toml::Table = source
        .parse()
        .expect("the embedded catalogue is valid TOML");
    let mut messages = Messages::new();
    flatten("", &table, &mut messages);
    messages
}

fn flatten(prefix: &str, table: &toml::Table, messages: &mut Messages) {
    for (name, value) in table {
        let key = if prefix.is_empty() {
            name.clone()
        } else {
            format!("{prefix}.{name}")
        };
        match value {
            toml::Value::Table(inner) => flatten(&key, inner, messages),
            toml::Value::String(text) => {
                messages.insert(key, text.clone());
            }
            other => panic!("catalogue key {key} holds a {}", other.type_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn placeholders_of(text: &str) -> BTreeSet<&str> {
        text.split('{')
            .skip(1)
            .filter_map(|part| part.split_once('}').map(|(name, _)| name))
            .collect()
    }

    #[test]
    fn both_languages_have_the_same_keys() {
        // Chinese has one form for any number.
        let is_plural = |key: &str| key.starts_with("console.") && key.ends_with("_one");
        let english: BTreeSet<_> = ENGLISH.keys().filter(|key| !is_plural(key)).collect();
        let chinese: BTreeSet<_> = CHINESE.keys().collect();
        let missing: Vec<_> = english.symmetric_difference(&chinese).collect();
        assert!(missing.is_empty(), "only in one language: {missing:?}");
        assert!(english.len() > 50, "the catalogue was read whole");
    }

    #[test]
    fn a_message_names_the_same_parameters_in_both_languages() {
        for (key, english) in ENGLISH.iter() {
            // One of something: Chinese has its only form, which names the number.
            let other = key.strip_suffix("_one").map(|stem| format!("{stem}_other"));
            let chinese = CHINESE
                .get(key)
                .or_else(|| CHINESE.get(other.as_ref()?))
                .unwrap();
            assert_eq!(placeholders_of(english), placeholders_of(chinese), "{key}");
        }
    }

    #[test]
    fn no_message_is_empty_or_padded() {
        for (key, text) in ENGLISH.iter().chain(CHINESE.iter()) {
            assert!(!text.is_empty() && text.trim() == text, "{key}: {text:?}");
        }
    }

    #[test]
    fn the_chinese_file_is_written_in_chinese() {
        let untranslated: Vec<_> = CHINESE
            .iter()
            .filter(|(_, text)| text.is_ascii())
            // A label of one word may be a name, such as Webhook.
            .filter(|(key, text)| !key.starts_with("console.") || text.contains(' '))
            .filter(|(key, text)| ENGLISH.get(*key) == Some(text))
            .map(|(key, _)| key)
            .collect();
        assert!(untranslated.is_empty(), "{untranslated:?}");
    }

    #[test]
    fn parameters_are_filled_in_once_and_unknown_ones_stay() {
        let filled = fill("{a} and {b}, {c} {", &[("a", "{b}"), ("b", "2")]);
        assert_eq!(filled, "{b} and 2, {c} {");
    }

    #[test]
    fn an_unknown_key_is_answered_with_itself() {
        assert_eq!(render(Language::Zh, "no.such_key", &[]), "no.such_key");
    }
}
