//! Names that people choose, and what a password must be.

use std::{fmt, str::FromStr, sync::Arc};

/// Why a name is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Too short or too long.
    #[error("a name has {min} to {max} characters")]
    Length {
        /// Fewest characters.
        min: usize,
        /// Most characters.
        max: usize,
    },
    /// A character or its place is not allowed.
    #[error(
        "a name has lower-case letters and digits, with single `.`, `_`, `__` or `-` between them"
    )]
    Shape,
}

/// Longest name of a user, namespace or robot: leaves a repository name of 255 room for several segments.
const NAME_MAX: usize = 64;

/// The grammar of one path segment of a repository name (distribution-spec, "Pulling manifests").
fn check_segment(text: &str, min: usize) -> Result<(), NameError> {
    if text.len() < min || text.len() > NAME_MAX {
        return Err(NameError::Length { min, max: NAME_MAX });
    }
    let bytes = text.as_bytes();
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    if !plain(bytes[0]) || !plain(bytes[bytes.len() - 1]) {
        return Err(NameError::Shape);
    }
    let mut rest = bytes;
    while !rest.is_empty() {
        let word = rest.iter().take_while(|byte| plain(**byte)).count();
        rest = &rest[word..];
        let gap = rest.iter().take_while(|byte| !plain(**byte)).count();
        let (separator, after) = rest.split_at(gap);
        let legal = matches!(separator, b"" | b"." | b"_" | b"__")
            || separator.iter().all(|byte| *byte == b'-');
        if !legal {
            return Err(NameError::Shape);
        }
        rest = after;
    }
    Ok(())
}

macro_rules! name {
    ($($(#[$doc:meta])* $name:ident $min:literal),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The name as given.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;
            fn from_str(text: &str) -> Result<Self, NameError> {
                check_segment(text, $min).map(|()| Self(text.into()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &self.0)
            }
        }
    )+};
}

name!(
    /// A person's name: also the name of the namespace that is theirs from the start.
    Username 2,
    /// A namespace's name: the first segment of its repositories' names.
    NamespaceName 1,
    /// A robot's name within its namespace; it logs in as `NAMESPACE+NAME`.
    RobotName 1,
);

/// Shortest and longest password, in bytes: shorter ones are guessed, longer ones only cost hashing time.
pub const PASSWORD_LENGTH: std::ops::RangeInclusive<usize> = 8..=256;

/// Why a password is refused when it is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Outside [`PASSWORD_LENGTH`].
    #[error("a password has 8 to 256 characters")]
    Length,
    /// The user's own name, or one character repeated.
    #[error("this password is too easy to guess")]
    Guessable,
}

/// Refuses what is guessed first; no rules about kinds of characters (NIST SP 800-63B, 5.1.1.2).
pub fn check_password(username: &Username, password: &str) -> Result<(), PasswordError> {
    if !PASSWORD_LENGTH.contains(&password.len()) {
        return Err(PasswordError::Length);
    }
    let mut characters = password.chars();
    let first = characters.next();
    if password.eq_ignore_ascii_case(username.as_str())
        || characters.all(|other| Some(other) == first)
        || matches!(
            password.to_ascii_lowercase().as_str(),
            "password"
                | "password1"
                | "12345678"
                | "123456789"
                | "1234567890"
                | "qwertyuiop"
                | "harbor12345"
        )
    {
        return Err(PasswordError::Guessable);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_follows_the_grammar_of_a_path_segment() {
        for good in ["ab", "a.b", "a_b", "a__b", "a---b", "0x", "team-1"] {
            assert!(good.parse::<Username>().is_ok(), "{good}");
        }
        for bad in [
            "", "a", "A1", "-a", "a-", "a..b", "a___b", "a._b", "a b", "a$b", "a+b", "ü2",
        ] {
            assert!(bad.parse::<Username>().is_err(), "{bad}");
        }
        assert!("x".repeat(65).parse::<NamespaceName>().is_err());
    }

    #[test]
    fn a_password_that_is_guessed_first_is_refused() {
        let alice: Username = "alice-liddell".parse().unwrap();
        assert_eq!(check_password(&alice, "short"), Err(PasswordError::Length));
        assert_eq!(
            check_password(&alice, "aaaaaaaaaa"),
            Err(PasswordError::Guessable)
        );
        assert_eq!(
            check_password(&alice, "Alice-Liddell"),
            Err(PasswordError::Guessable)
        );
        assert_eq!(check_password(&alice, "correct horse"), Ok(()));
    }
}
