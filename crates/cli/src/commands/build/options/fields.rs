//! Comma-separated fields as docker's clients take them (RFC 4180, one record).

use wharf_dockerfile::values;

use super::OptionProblem;

/// The fields of one value, as a Dockerfile's `--mount` has them too.
pub(super) fn split_fields(option: &str, text: &str) -> Result<Vec<String>, OptionProblem> {
    values::split_fields(text).map_err(|_| OptionProblem::new("quotes", option, text))
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
