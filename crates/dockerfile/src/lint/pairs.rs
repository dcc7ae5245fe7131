//! ENV, LABEL and ARG: the old form without `=`, and names that look like secrets.

use super::{Rule, collector::Collector, walk::Visit};
use crate::{
    instruction::{Instruction, Pair},
    quote::quote,
};

const SECRET_WORDS: [&str; 10] = [
    "apikey",
    "auth",
    "credential",
    "credentials",
    "key",
    "password",
    "pword",
    "passwd",
    "secret",
    "token",
];

/// A public key, a file's name or a version is no secret.
const HARMLESS_WORDS: [&str; 3] = ["public", "file", "version"];

pub(super) fn check_pairs(visit: &Visit<'_>, collector: &mut Collector) {
    match &visit.expanded.instruction {
        Instruction::Env(env) => {
            for pair in &env.pairs {
                check_legacy(visit, pair, collector);
                check_secret(visit, "ENV", &pair.name, collector);
            }
        }
        Instruction::Label(label) => {
            for pair in &label.pairs {
                check_legacy(visit, pair, collector);
            }
        }
        Instruction::Arg(arg) => {
            for definition in &arg.definitions {
                check_secret(visit, "ARG", &definition.name, collector);
            }
        }
        _ => {}
    }
}

fn check_legacy(visit: &Visit<'_>, pair: &Pair, collector: &mut Collector) {
    if pair.is_legacy {
        let keyword = &visit.statement.keyword;
        let message = format!(
            "\"{keyword} key=value\" should be used instead of legacy \"{keyword} key value\" format"
        );
        visit.report(Rule::LegacyKeyValueFormat, message, collector);
    }
}

fn check_secret(visit: &Visit<'_>, keyword: &str, name: &str, collector: &mut Collector) {
    if has_word(name, &SECRET_WORDS) && !has_word(name, &HARMLESS_WORDS) {
        let message = format!(
            "Do not use ARG or ENV instructions for sensitive data ({keyword} {})",
            quote(name)
        );
        visit.report(Rule::SecretsUsedInArgOrEnv, message, collector);
    }
}

/// Words are what `_` separates, in any case.
fn has_word(name: &str, words: &[&str]) -> bool {
    name.split('_')
        .any(|part| words.contains(&part.to_ascii_lowercase().as_str()))
}
