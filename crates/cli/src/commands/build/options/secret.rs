//! `--secret`: where the bytes of a secret are.

use std::collections::BTreeMap;
use std::path::PathBuf;

use wharf_builder::request::SecretSource;

use super::OptionProblem;
use super::fields::split_pairs;
use crate::config::Environment;

/// `id=ID[,src=FILE]`, `id=ID,env=NAME`, with `type=file` or `type=env` where wanted. Without a source the id names an
/// environment variable if there is one, else a file. The last of equal ids counts.
pub(in crate::commands::build) fn read_secrets(
    texts: &[String],
    environment: &Environment,
) -> Result<BTreeMap<String, SecretSource>, OptionProblem> {
    texts
        .iter()
        .map(|text| read_secret(text, environment))
        .collect()
}

fn read_secret(
    text: &str,
    environment: &Environment,
) -> Result<(String, SecretSource), OptionProblem> {
    const OPTION: &str = "--secret";
    let (mut id, mut file, mut variable, mut kind) = (None, None, None, None);
    for (key, value) in split_pairs(OPTION, text)? {
        match key.as_str() {
            "id" => id = Some(value),
            "src" | "source" => file = Some(value),
            "env" => variable = Some(value),
            "type" if value == "file" || value == "env" => kind = Some(value),
            "type" => {
                return Err(OptionProblem::new("secret_type", OPTION, text).with("type", value));
            }
            _ => {
                return Err(OptionProblem::new("field_unknown", OPTION, text)
                    .with("field", key)
                    .with("known", "id, src, env, type"));
            }
        }
    }
    let id = id
        .filter(|id| !id.is_empty())
        .ok_or_else(|| OptionProblem::new("secret_id", OPTION, text))?;
    if kind.as_deref() == Some("env") && variable.is_none() {
        variable = file.take();
    }
    let source = match (file, variable) {
        (Some(file), _) => SecretSource::File(PathBuf::from(file)),
        (None, Some(name)) => match environment.get(&name) {
            Some(value) => SecretSource::Bytes(value.clone().into_bytes()),
            None => {
                return Err(OptionProblem::new("secret_variable", OPTION, text).with("name", name));
            }
        },
        (None, None) => match environment.get(&id) {
            Some(value) if kind.as_deref() != Some("file") => {
                SecretSource::Bytes(value.clone().into_bytes())
            }
            _ => SecretSource::File(PathBuf::from(&id)),
        },
    };
    Ok((id, source))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(String, SecretSource), OptionProblem> {
        let environment = Environment::from([("TOKEN".to_owned(), "hush".to_owned())]);
        read_secret(text, &environment)
    }

    #[test]
    fn secrets_come_from_files_and_variables() {
        let file = |path: &str| SecretSource::File(PathBuf::from(path));
        let bytes = SecretSource::Bytes(b"hush".to_vec());
        for (text, id, source) in [
            ("id=a,src=/f", "a", file("/f")),
            ("id=a,source=f", "a", file("f")),
            ("type=file,id=a,src=f", "a", file("f")),
            ("id=a,env=TOKEN", "a", bytes.clone()),
            ("type=env,id=a,src=TOKEN", "a", bytes.clone()),
            ("id=TOKEN", "TOKEN", bytes.clone()),
            ("type=file,id=TOKEN", "TOKEN", file("TOKEN")),
            ("id=b", "b", file("b")),
            ("id=a,\"src=b,c\"", "a", file("b,c")),
        ] {
            assert_eq!(read(text), Ok((id.to_owned(), source)), "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused_with_the_reason() {
        for (text, key) in [
            ("src=f", "secret_id"),
            ("id=,src=f", "secret_id"),
            ("id=a,env=MISSING", "secret_variable"),
            ("id=a,foo=b", "field_unknown"),
            ("id", "field_form"),
            ("id=a,type=vault", "secret_type"),
        ] {
            assert_eq!(read(text).expect_err(text).key(), key, "{text}");
        }
    }
}
