//! Comma-separated fields as docker's clients take them (RFC 4180, one record), and the words for yes and no.

use super::OptionProblem;

/// The fields of one value: in double quotes a field may hold commas, and quotes written twice.
pub(super) fn split_fields(option: &str, text: &str) -> Result<Vec<String>, OptionProblem> {
    let misplaced = || OptionProblem::new("quotes", option, text);
    let mut fields = Vec::new();
    let mut rest = text;
    loop {
        let after = match rest.strip_prefix('"') {
            Some(quoted) => {
                let (field, after) = take_quoted(quoted).ok_or_else(misplaced)?;
                fields.push(field);
                after
            }
            None => {
                let end = rest.find(',').unwrap_or(rest.len());
                let (field, after) = rest.split_at(end);
                if field.contains('"') {
                    return Err(misplaced());
                }
                fields.push(field.to_owned());
                after
            }
        };
        match after.strip_prefix(',') {
            Some(next) => rest = next,
            None if after.is_empty() => return Ok(fields),
            None => return Err(misplaced()),
        }
    }
}

/// The field, and what follows its closing quote.
fn take_quoted(text: &str) -> Option<(String, &str)> {
    let mut field = String::new();
    let mut rest = text;
    loop {
        let (part, after) = rest.split_once('"')?;
        field.push_str(part);
        match after.strip_prefix('"') {
            Some(next) => {
                field.push('"');
                rest = next;
            }
            None => return Some((field, after)),
        }
    }
}

/// The fields as `key=value`, keys in lower case and trimmed.
pub(super) fn split_pairs(
    option: &str,
    text: &str,
) -> Result<Vec<(String, String)>, OptionProblem> {
    split_fields(option, text)?
        .into_iter()
        .map(|field| match field.split_once('=') {
            Some((key, value)) => Ok((key.trim().to_ascii_lowercase(), value.to_owned())),
            None => Err(OptionProblem::new("field_form", option, text).with("field", field)),
        })
        .collect()
}

/// Yes or no, in Go's words (`strconv.ParseBool`).
pub(in crate::commands::build) fn read_switch(word: &str) -> Option<bool> {
    match word {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_part_at_commas_outside_quotes() {
        for (text, expected) in [
            ("a=b,c", vec!["a=b", "c"]),
            ("", vec![""]),
            (r#""a,b",c"#, vec!["a,b", "c"]),
            (r#""a ""b""""#, vec!["a \"b\""]),
        ] {
            assert_eq!(
                split_fields("-o", text),
                Ok(expected.into_iter().map(str::to_owned).collect())
            );
        }
        for text in [r#"a="b""#, r#""a"#, r#""a"b,c"#] {
            assert_eq!(split_fields("-o", text).expect_err(text).key(), "quotes");
        }
    }

    #[test]
    fn a_field_without_a_value_is_named() {
        let pairs = split_pairs("-o", "Type=a,\"dest=b,c\"").expect("pairs");
        assert_eq!(
            pairs,
            [
                ("type".to_owned(), "a".to_owned()),
                ("dest".to_owned(), "b,c".to_owned())
            ]
        );
        assert_eq!(
            split_pairs("-o", "type=a,b").expect_err("no value").key(),
            "field_form"
        );
    }
}
