//! `--build-arg` and `--label`: names with values.

use std::collections::BTreeMap;

use super::OptionProblem;
use crate::config::Environment;

/// `NAME=VALUE`, or `NAME` alone for the value that the environment has; a name that it does not have is left out, as
/// docker leaves it out. The last of equal names counts.
pub(in crate::commands::build) fn read_build_args(
    texts: &[String],
    environment: &Environment,
) -> Result<BTreeMap<String, String>, OptionProblem> {
    let mut arguments = BTreeMap::new();
    for text in texts {
        let (name, value) = split("--build-arg", text)?;
        match value.or_else(|| environment.get(name).cloned()) {
            Some(value) => arguments.insert(name.to_owned(), value),
            None => arguments.remove(name),
        };
    }
    Ok(arguments)
}

/// `NAME=VALUE`, or `NAME` alone for an empty value.
pub(in crate::commands::build) fn read_labels(
    texts: &[String],
) -> Result<BTreeMap<String, String>, OptionProblem> {
    texts
        .iter()
        .map(|text| {
            let (name, value) = split("--label", text)?;
            Ok((name.to_owned(), value.unwrap_or_default()))
        })
        .collect()
}

fn split<'a>(option: &str, text: &'a str) -> Result<(&'a str, Option<String>), OptionProblem> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(value.to_owned())),
        None => (text, None),
    };
    match name.is_empty() {
        true => Err(OptionProblem::new("no_name", option, text)),
        false => Ok((name, value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(list: &[&str]) -> Vec<String> {
        list.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn an_argument_without_a_value_takes_it_from_the_environment() {
        let environment = Environment::from([("FROM_ENV".to_owned(), "here".to_owned())]);
        let list = texts(&["A=1", "B=x=y", "EMPTY=", "FROM_ENV", "NOWHERE", "A=2"]);
        let found = read_build_args(&list, &environment).expect("arguments");
        let found: Vec<_> = found.iter().map(|(n, v)| format!("{n}={v}")).collect();
        assert_eq!(found, ["A=2", "B=x=y", "EMPTY=", "FROM_ENV=here"]);
    }

    #[test]
    fn a_label_without_a_value_is_empty() {
        let found = read_labels(&texts(&["a", "b=c"])).expect("labels");
        assert_eq!((found["a"].as_str(), found["b"].as_str()), ("", "c"));
    }

    #[test]
    fn a_value_without_a_name_is_refused() {
        assert_eq!(
            read_labels(&texts(&["=b"])).expect_err("no name").key(),
            "no_name"
        );
        let environment = Environment::new();
        assert!(read_build_args(&texts(&[""]), &environment).is_err());
    }
}
