//! The exec form of arguments: a JSON array of strings.

use crate::Problem;
use serde_json::Value;

/// The strings, or none when the text is no JSON array. An array with anything but strings in it is an error rather
/// than a shell command: nobody means that.
pub(super) fn parse_strings(text: &str) -> Result<Option<Vec<String>>, Problem> {
    let text = text.trim();
    if !text.starts_with('[') {
        return Ok(None);
    }
    let Ok(values) = serde_json::from_str::<Vec<Value>>(text) else {
        return Ok(None);
    };
    let strings = values.into_iter().map(|value| match value {
        Value::String(string) => Ok(string),
        _ => Err(Problem::NotStringArray),
    });
    strings.collect::<Result<_, _>>().map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_arrays_of_strings_are_taken() {
        for (text, expected) in [
            ("[]", Ok(Some(vec![]))),
            (r#" [ "a" , "b" ] "#, Ok(Some(vec!["a", "b"]))),
            (
                r#"["\" \\ \/ \b \f \n \r \t \u0000"]"#,
                Ok(Some(vec!["\" \\ / \u{8} \u{c} \n \r \t \u{0}"])),
            ),
            ("a", Ok(None)),
            ("['a']", Ok(None)),
            (r#"["a"] b"#, Ok(None)),
            (r#"["a",1]"#, Err(Problem::NotStringArray)),
            (r#"["a",["b"]]"#, Err(Problem::NotStringArray)),
            ("[null]", Err(Problem::NotStringArray)),
        ] {
            let found = parse_strings(text);
            let expected = expected
                .map(|list| list.map(|items| items.into_iter().map(str::to_owned).collect()));
            assert_eq!(found, expected, "{text}");
        }
    }
}
