//! The query of a request: values are decoded only when an operation asks for them, so that parameters nobody
//! knows (`ns`, a proxy's own) can never make a request fail.

use crate::{ErrorCode, RegistryError, percent::decode_percent};
use std::borrow::Cow;

/// The undecoded query of one request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Query<'a>(pub(crate) Option<&'a str>);

impl<'a> Query<'a> {
    /// The one value of a parameter; an empty value counts as absent, as in Docker's registry.
    ///
    /// # Errors
    /// Status 400 with the given code when the parameter is repeated, badly encoded or holds a control character: such a
    /// value can name nothing, and some databases refuse the text itself.
    pub(crate) fn find_value(
        self,
        key: &'static str,
        code: ErrorCode,
    ) -> Result<Option<Cow<'a, str>>, RegistryError> {
        let mut values = self.list_values(key, code);
        let Some(value) = values.next().transpose()? else {
            return Ok(None);
        };
        if values.next().is_some() {
            return Err(refuse(key, code, "is given more than once"));
        }
        Ok(Some(value).filter(|value| !value.is_empty()))
    }

    /// Every value of a parameter that may be repeated, in the order given.
    pub(crate) fn list_values(
        self,
        key: &'static str,
        code: ErrorCode,
    ) -> impl Iterator<Item = Result<Cow<'a, str>, RegistryError>> {
        self.0
            .unwrap_or_default()
            .split('&')
            .filter_map(move |pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                (name == key).then_some(value)
            })
            .map(move |value| match decode_percent(value) {
                Some(value) if !value.chars().any(char::is_control) => Ok(value),
                Some(_) => Err(refuse(key, code, "holds a control character")),
                None => Err(refuse(key, code, "is badly encoded")),
            })
    }
}

fn refuse(key: &str, code: ErrorCode, why: &str) -> RegistryError {
    RegistryError::new(code, format!("the query parameter {key} {why}")).with_status(400)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(query: &str) -> Result<Option<String>, ErrorCode> {
        Query(Some(query))
            .find_value("n", ErrorCode::PaginationNumberInvalid)
            .map(|value| value.map(Cow::into_owned))
            .map_err(|error| error.code())
    }

    #[test]
    fn one_value_is_found_wherever_it_stands() {
        for (query, expected) in [
            ("n=5", Some("5")),
            ("a=1&n=5&b=2", Some("5")),
            ("nn=1&n=2", Some("2")),
            ("n=a%3Db", Some("a=b")),
            ("n=a=b", Some("a=b")),
            ("n=", None),
            ("n", None),
            ("", None),
            ("&&", None),
            ("N=5", None),
            ("ns=%zz&n=7", Some("7")),
        ] {
            assert_eq!(find(query), Ok(expected.map(str::to_owned)), "{query:?}");
        }
    }

    #[test]
    fn repeated_broken_and_control_values_are_refused() {
        for query in ["n=1&n=2", "n=&n=2", "n=%", "n=%ff", "n=%00", "n=1%0a"] {
            assert_eq!(
                find(query),
                Err(ErrorCode::PaginationNumberInvalid),
                "{query:?}"
            );
        }
    }
}
