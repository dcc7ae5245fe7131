//! Names that people choose: which are no names, and which are nobody's.

use crate::Error;
use wharf_model::{NameError, NamespaceName, RobotName, Username};

/// Names that nobody may take, because they stand for something else: the built-in namespace, the actors of the audit
/// log that are no accounts, and first segments of this server's own paths. No name gives a privilege either way.
const RESERVED: [&str; 7] = ["anonymous", "api", "auth", "library", "system", "v1", "v2"];

/// Refuses a new user's or namespace's name that is reserved.
pub(crate) fn check_reserved(field: &'static str, name: &str) -> Result<(), Error> {
    if RESERVED.contains(&name) {
        return Err(Error::invalid(field, "reserved"));
    }
    Ok(())
}

/// A new user's name.
pub(super) fn parse_username(text: &str) -> Result<Username, Error> {
    text.parse()
        .map_err(|error| refuse("username", text, error))
}

/// A new namespace's name.
pub(crate) fn parse_namespace_name(text: &str) -> Result<NamespaceName, Error> {
    text.parse().map_err(|error| refuse("name", text, error))
}

/// A new robot's name.
pub(super) fn parse_robot_name(text: &str) -> Result<RobotName, Error> {
    text.parse().map_err(|error| refuse("name", text, error))
}

fn refuse(field: &'static str, text: &str, error: NameError) -> Error {
    let reason = match error {
        NameError::Length { .. } if text.is_empty() => "empty",
        NameError::Length { min, .. } if text.len() < min => "too_short",
        NameError::Length { .. } => "too_long",
        NameError::Shape => "invalid_characters",
    };
    Error::invalid(field, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(text: &str) -> Option<&'static str> {
        match parse_username(text) {
            Err(Error::Invalid { reason, .. }) => Some(reason),
            _ => None,
        }
    }

    #[test]
    fn a_refused_name_says_why() {
        assert_eq!(reason(""), Some("empty"));
        assert_eq!(reason("a"), Some("too_short"));
        assert_eq!(reason(&"a".repeat(65)), Some("too_long"));
        assert_eq!(reason("Alice"), Some("invalid_characters"));
        assert_eq!(reason("alice"), None);
    }

    #[test]
    fn names_that_stand_for_something_else_are_nobodys() {
        assert!(check_reserved("name", "library").is_err());
        assert!(check_reserved("name", "libraries").is_ok());
    }
}
