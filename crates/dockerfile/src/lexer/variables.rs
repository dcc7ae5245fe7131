//! Where the values of variables come from.

use std::collections::{BTreeMap, HashMap};

/// Named values. A build's variables change from instruction to instruction, so the lexer is given them each time.
pub trait Variables {
    /// None when the variable is not set, which differs from set and empty.
    fn get(&self, name: &str) -> Option<&str>;

    /// All names that are set, for suggestions.
    fn names(&self) -> Vec<&str>;
}

/// No variable is set.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoVariables;

impl Variables for NoVariables {
    fn get(&self, _name: &str) -> Option<&str> {
        None
    }

    fn names(&self) -> Vec<&str> {
        Vec::new()
    }
}

impl Variables for BTreeMap<String, String> {
    fn get(&self, name: &str) -> Option<&str> {
        BTreeMap::get(self, name).map(String::as_str)
    }

    fn names(&self) -> Vec<&str> {
        self.keys().map(String::as_str).collect()
    }
}

/// Variables in the order they were first set, as image configs and processes hold them. Setting and getting take the
/// same time however many there are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EnvList {
    entries: Vec<(String, String)>,
    places: HashMap<String, usize>,
}

impl EnvList {
    pub fn new() -> EnvList {
        EnvList::default()
    }

    /// A variable that is set already keeps its place.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        let (name, value) = (name.into(), value.into());
        if let Some(place) = self.places.get(&name) {
            self.entries[*place].1 = value;
            return;
        }
        self.places.insert(name.clone(), self.entries.len());
        self.entries.push((name, value));
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let entries = self.entries.iter();
        entries.map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for EnvList {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(entries: I) -> EnvList {
        let mut list = EnvList::new();
        for (name, value) in entries {
            list.set(name, value);
        }
        list
    }
}

impl Variables for EnvList {
    fn get(&self, name: &str) -> Option<&str> {
        let place = self.places.get(name)?;
        Some(&self.entries[*place].1)
    }

    fn names(&self) -> Vec<&str> {
        self.iter().map(|(name, _)| name).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_keeps_the_order_in_which_names_came() {
        let mut list: EnvList = [("b", "1"), ("a", "2")].into_iter().collect();
        list.set("b", "3");
        list.set("c", "");
        let entries: Vec<_> = list.iter().collect();
        assert_eq!(entries, [("b", "3"), ("a", "2"), ("c", "")]);
        assert_eq!((list.get("c"), list.get("d")), (Some(""), None));
    }
}
