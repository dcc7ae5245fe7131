//! How each instruction's arguments are cut into words.

use super::{command::is_blank, json, tree::Arguments, words::split_words};
use crate::Problem;

/// Words of an unknown instruction are not kept: it is going to be refused by its name.
pub(super) fn parse_arguments(
    keyword: &str,
    rest: &str,
    escape: char,
) -> Result<Arguments, Problem> {
    let words = match keyword.to_ascii_lowercase().as_str() {
        "add" | "copy" | "volume" => return parse_list(rest, split_blanks),
        "cmd" | "entrypoint" | "run" | "shell" => return parse_list(rest, whole),
        "healthcheck" => return parse_healthcheck(rest),
        "env" => parse_pairs("ENV", rest, escape)?,
        "label" => parse_pairs("LABEL", rest, escape)?,
        "arg" => split_words(rest, escape),
        "expose" | "from" => split_blanks(rest),
        "maintainer" | "stopsignal" | "user" | "workdir" => whole(rest),
        _ => vec![String::new()],
    };
    Ok(Arguments::Words(words))
}

/// A JSON array of strings, or what `otherwise` makes of the text: an array that is no JSON at all is shell text.
fn parse_list(rest: &str, otherwise: fn(&str) -> Vec<String>) -> Result<Arguments, Problem> {
    Ok(match json::parse_strings(rest)? {
        Some(words) => Arguments::Json(words),
        None => Arguments::Words(otherwise(rest)),
    })
}

fn parse_healthcheck(rest: &str) -> Result<Arguments, Problem> {
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    let (kind, command) = rest.split_at(end);
    if kind.is_empty() {
        return Ok(Arguments::Words(Vec::new()));
    }
    let mut words = vec![kind.to_owned()];
    Ok(match parse_list(command.trim_start(), whole)? {
        Arguments::Json(command) => {
            words.extend(command);
            Arguments::Json(words)
        }
        Arguments::Words(command) => {
            words.extend(command);
            Arguments::Words(words)
        }
        trigger @ Arguments::Trigger(_) => trigger,
    })
}

/// Threes of name, value and separator. The first word decides: with `=` in it every word is a pair, without it the
/// rest of the line is the one value.
fn parse_pairs(keyword: &'static str, rest: &str, escape: char) -> Result<Vec<String>, Problem> {
    let words = split_words(rest, escape);
    let Some(first) = words.first() else {
        return Ok(Vec::new());
    };
    if !first.contains('=') {
        let end = rest
            .find(is_blank)
            .ok_or(Problem::NameWithoutValue { keyword })?;
        let value = rest[end..].trim_start_matches(is_blank);
        return Ok(vec![
            rest[..end].to_owned(),
            value.to_owned(),
            String::new(),
        ]);
    }
    let mut pairs = Vec::with_capacity(words.len() * 3);
    for word in words {
        let Some((name, value)) = word.split_once('=') else {
            return Err(Problem::MissingEquals { word });
        };
        pairs.extend([name.to_owned(), value.to_owned(), "=".to_owned()]);
    }
    Ok(pairs)
}

fn whole(rest: &str) -> Vec<String> {
    match rest {
        "" => Vec::new(),
        _ => vec![rest.to_owned()],
    }
}

fn split_blanks(rest: &str) -> Vec<String> {
    rest.split(is_blank)
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(keyword: &str, rest: &str) -> Vec<String> {
        match parse_arguments(keyword, rest, '\\') {
            Ok(Arguments::Words(words)) => words,
            other => panic!("{keyword} {rest}: {other:?}"),
        }
    }

    #[test]
    fn the_first_word_decides_how_pairs_are_read() {
        assert_eq!(words("ENV", "a b=c  d"), ["a", "b=c  d", ""]);
        assert_eq!(
            words("label", r#"a=b "c d"='e f'"#),
            ["a", "b", "=", r#""c d""#, "'e f'", "="]
        );
        assert_eq!(
            parse_arguments("env", "a", '\\'),
            Err(Problem::NameWithoutValue { keyword: "ENV" })
        );
        let missing = Problem::MissingEquals { word: "c".into() };
        assert_eq!(parse_arguments("env", "a=b c", '\\'), Err(missing));
    }

    #[test]
    fn an_array_is_exec_form_and_anything_else_is_shell_form() {
        let json = |rest| parse_arguments("RUN", rest, '\\');
        let strings = |list: &[&str]| list.iter().map(|item| (*item).to_owned()).collect();
        assert_eq!(
            json(r#"["a", "b"]"#),
            Ok(Arguments::Json(strings(&["a", "b"])))
        );
        assert_eq!(json("[a]"), Ok(Arguments::Words(strings(&["[a]"]))));
        assert_eq!(json("[1]"), Err(Problem::NotStringArray));
        assert_eq!(words("copy", "a  b\tc"), ["a", "b", "c"]);
    }

    #[test]
    fn a_health_check_has_a_kind_before_its_command() {
        assert_eq!(words("HEALTHCHECK", "CMD  curl  x"), ["CMD", "curl  x"]);
        assert_eq!(words("HEALTHCHECK", "NONE"), ["NONE"]);
        assert_eq!(words("HEALTHCHECK", ""), [""; 0]);
    }
}
