//! `--chown=user[:group]`.

/// Whom copied files belong to. Names are looked up in the image that is being built, which is the builder's affair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    pub user: OwnerId,
    /// None when only a user was given: then it is the user's own group.
    pub group: Option<OwnerId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnerId {
    Number(u32),
    Name(String),
}

impl Owner {
    /// None for an empty text, which changes no owner.
    pub fn parse(text: &str) -> Option<Owner> {
        if text.is_empty() {
            return None;
        }
        let (user, group) = match text.split_once(':') {
            Some((user, group)) => (user, Some(group)),
            None => (text, None),
        };
        Some(Owner {
            user: OwnerId::parse(user),
            group: group.map(OwnerId::parse),
        })
    }
}

impl OwnerId {
    fn parse(text: &str) -> OwnerId {
        match text.parse() {
            Ok(number) if !text.starts_with('+') => OwnerId::Number(number),
            _ => OwnerId::Name(text.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_ids_and_the_rest_are_names() {
        let name = |text: &str| OwnerId::Name(text.to_owned());
        for (text, user, group) in [
            ("1000", OwnerId::Number(1000), None),
            ("me:10", name("me"), Some(OwnerId::Number(10))),
            ("0:wheel", OwnerId::Number(0), Some(name("wheel"))),
            ("4294967296", name("4294967296"), None),
        ] {
            assert_eq!(Owner::parse(text), Some(Owner { user, group }), "{text}");
        }
        assert_eq!(Owner::parse(""), None);
    }
}
