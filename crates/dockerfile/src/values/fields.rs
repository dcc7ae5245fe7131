//! The comma-separated fields of `--mount` and `--device`.

use crate::Problem;

/// One line of comma-separated values: a field in double quotes may hold commas, and quotes written twice (RFC 4180).
pub fn split_fields(text: &str) -> Result<Vec<String>, Problem> {
    let misplaced = || Problem::Fields {
        text: text.to_owned(),
    };
    let mut fields = Vec::new();
    let mut rest = text;
    loop {
        if let Some(quoted) = rest.strip_prefix('"') {
            let (field, after) = take_quoted(quoted).ok_or_else(misplaced)?;
            fields.push(field);
            match after.strip_prefix(',') {
                Some(next) => rest = next,
                None if after.is_empty() => return Ok(fields),
                None => return Err(misplaced()),
            }
            continue;
        }
        let end = rest.find(',').unwrap_or(rest.len());
        let field = &rest[..end];
        if field.contains('"') {
            return Err(misplaced());
        }
        fields.push(field.to_owned());
        match rest[end..].strip_prefix(',') {
            Some(next) => rest = next,
            None => return Ok(fields),
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

/// A truth value as Go's `strconv.ParseBool` takes it.
pub fn parse_flag(value: &str) -> Option<bool> {
    match value {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
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
            ("a,", vec!["a", ""]),
            (r#""a,b",c"#, vec!["a,b", "c"]),
            (r#""a ""b""""#, vec!["a \"b\""]),
        ] {
            assert_eq!(split_fields(text).expect(text), expected);
        }
        for text in [r#"a="b""#, r#""a"#, r#""a"b,c"#] {
            assert!(split_fields(text).is_err(), "{text}");
        }
    }
}
