//! A robot as people write it: `NAMESPACE+NAME`, which is also what it logs in as.

/// A robot's login name in its two parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Login {
    pub(super) namespace: String,
    pub(super) name: String,
}

impl Login {
    /// Its place in the API.
    pub(super) fn path(&self) -> [&str; 4] {
        ["namespaces", &self.namespace, "robots", &self.name]
    }
}

impl std::fmt::Display for Login {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}+{}", self.namespace, self.name)
    }
}

/// Reads `NAMESPACE+NAME`; the failure is the sentence that clap prints.
pub(super) fn parse_login(text: &str) -> Result<Login, String> {
    match text.split_once('+') {
        Some((namespace, name)) if !namespace.is_empty() && !name.is_empty() => Ok(Login {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        }),
        _ => Err("a robot is written NAMESPACE+NAME, for example acme+ci".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_robot_is_written_as_namespace_and_name() {
        let login = parse_login("acme+ci").unwrap();
        assert_eq!(login.path(), ["namespaces", "acme", "robots", "ci"]);
        assert_eq!(login.to_string(), "acme+ci");
        for text in ["ci", "+ci", "acme+", ""] {
            assert!(parse_login(text).is_err(), "{text}");
        }
    }
}
