//! `--call` and `--check`: what is asked of a Dockerfile instead of building it.

use super::OptionProblem;
use super::fields::split_fields;
use wharf_dockerfile::values::parse_flag;

/// A question about a Dockerfile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::commands::build) enum Method {
    /// What is wrong with it.
    Check,
    /// What the target can be given.
    Outline,
    /// Which targets there are.
    Targets,
}

/// The form of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::commands::build) enum CallFormat {
    Text,
    Json,
}

/// A question with the form of its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::commands::build) struct Call {
    pub(in crate::commands::build) method: Method,
    pub(in crate::commands::build) format: CallFormat,
    /// The exit code is 0 whatever the answer.
    pub(in crate::commands::build) ignores_status: bool,
}

/// `METHOD[,format=text|json][,ignorestatus=BOOL]`; `None` is a build.
pub(in crate::commands::build) fn read_call(text: &str) -> Result<Option<Call>, OptionProblem> {
    const OPTION: &str = "--call";
    let refuse = |key| OptionProblem::new(key, OPTION, text);
    let mut call = Call {
        method: Method::Check,
        format: CallFormat::Text,
        ignores_status: false,
    };
    let mut method = None;
    for field in split_fields(OPTION, text)? {
        match field.split_once('=') {
            None if method.is_some() => return Err(refuse("call")),
            None => method = Some(field),
            Some(("format", "json")) => call.format = CallFormat::Json,
            Some(("format", "text" | "")) => call.format = CallFormat::Text,
            Some(("ignorestatus", word)) => {
                call.ignores_status = parse_flag(word).ok_or_else(|| refuse("call"))?;
            }
            Some(_) => return Err(refuse("call")),
        }
    }
    call.method = match method.as_deref() {
        Some("check" | "lint") => Method::Check,
        Some("outline") => Method::Outline,
        Some("targets") => Method::Targets,
        Some("build" | "") => return Ok(None),
        _ => return Err(refuse("call")),
    };
    Ok(Some(call))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_have_formats() {
        let read = |text| read_call(text).expect(text);
        assert_eq!(read("build"), None);
        let check = Call {
            method: Method::Check,
            format: CallFormat::Text,
            ignores_status: false,
        };
        assert_eq!(read("check"), Some(check));
        assert_eq!(read("lint"), Some(check));
        assert_eq!(
            read("outline,format=json,ignorestatus=true"),
            Some(Call {
                method: Method::Outline,
                format: CallFormat::Json,
                ignores_status: true
            })
        );
        assert_eq!(
            read("targets").map(|call| call.method),
            Some(Method::Targets)
        );
    }

    #[test]
    fn unknown_methods_and_fields_are_refused() {
        for text in [
            "explode",
            "check,outline",
            "check,format=xml",
            "check,ignorestatus=maybe",
        ] {
            assert_eq!(read_call(text).expect_err(text).key(), "call", "{text}");
        }
    }
}
