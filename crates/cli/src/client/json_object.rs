//! A JSON object that is edited in place: members that are not touched keep their order and their exact text.
//!
//! For files that belong to other programs too. Deeper levels are objects of the same kind, read on demand.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// An object's members in order; their values are the text they were written as.
#[derive(Debug, Default)]
pub(super) struct JsonObject {
    members: Vec<(String, Box<RawValue>)>,
}

impl JsonObject {
    /// Reads an object; text without anything in it is an empty one.
    pub(super) fn parse(text: &str) -> Result<Self, serde_json::Error> {
        if text.trim().is_empty() {
            return Ok(JsonObject::default());
        }
        serde_json::from_str(text)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(|(name, _)| name.as_str())
    }

    pub(super) fn get<'a, T: serde::Deserialize<'a>>(&'a self, name: &str) -> Option<T> {
        let (_, value) = self.members.iter().find(|(known, _)| known == name)?;
        serde_json::from_str(value.get()).ok()
    }

    /// The object under `name`; an absent one is empty.
    pub(super) fn get_object(&self, name: &str) -> Result<JsonObject, serde_json::Error> {
        match self.members.iter().find(|(known, _)| known == name) {
            Some((_, value)) => serde_json::from_str(value.get()),
            None => Ok(JsonObject::default()),
        }
    }

    /// Replaces or appends a string member.
    pub(super) fn set_string(&mut self, name: &str, value: &str) {
        self.set(name, serde_json::Value::from(value).to_string());
    }

    /// Replaces or appends an object member that stands `depth` levels below the file's top.
    pub(super) fn set_object(&mut self, name: &str, value: &JsonObject, depth: usize) {
        self.set(name, value.render(depth));
    }

    /// Removes a member; whether there was one.
    pub(super) fn remove(&mut self, name: &str) -> bool {
        let before = self.members.len();
        self.members.retain(|(known, _)| known != name);
        self.members.len() < before
    }

    /// The object's text, its members indented by one tab more than `depth`, as docker writes its file.
    pub(super) fn render(&self, depth: usize) -> String {
        if self.members.is_empty() {
            return "{}".to_owned();
        }
        let indent = "\t".repeat(depth + 1);
        let lines: Vec<String> = self
            .members
            .iter()
            .map(|(name, value)| {
                format!(
                    "{indent}{}: {}",
                    serde_json::Value::from(name.as_str()),
                    value.get()
                )
            })
            .collect();
        format!("{{\n{}\n{}}}", lines.join(",\n"), "\t".repeat(depth))
    }

    fn set(&mut self, name: &str, text: String) {
        let value = RawValue::from_string(text).expect("rendered JSON is JSON");
        match self.members.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value,
            None => self.members.push((name.to_owned(), value)),
        }
    }
}

impl<'de> Deserialize<'de> for JsonObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = JsonObject;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<JsonObject, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(JsonObject { members })
            }
        }

        deserializer.deserialize_map(Members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn untouched_members_keep_order_and_text() {
        let text = "{\n\t\"z\": {\"b\":1,  \"a\": 1.50},\n\t\"a\": \"x\"\n}";
        let mut object = JsonObject::parse(text).unwrap();
        assert_eq!(object.render(0), text);
        object.set_string("new", "1 \"quoted\"");
        object.remove("a");
        assert_eq!(
            object.render(0),
            "{\n\t\"z\": {\"b\":1,  \"a\": 1.50},\n\t\"new\": \"1 \\\"quoted\\\"\"\n}"
        );
    }

    #[test]
    fn an_empty_file_is_an_empty_object_and_a_list_is_an_error() {
        assert!(JsonObject::parse(" \n").unwrap().is_empty());
        assert!(JsonObject::parse("[]").is_err());
        assert!(JsonObject::parse("{").is_err());
    }
}
