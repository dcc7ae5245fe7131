//! One value as it was written, and the few shapes a setting can ask it for.
//!
//! A value from the file has a TOML type; one from the environment or a flag is a word that takes the type the
//! setting asks for. Lists are written with commas there.

use toml::de::DeValue;

use super::problem::Complaint;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RawValue {
    /// From the environment or a flag: its type is what the setting needs.
    Word(String),
    Text(String),
    Integer(i64),
    Boolean(bool),
    List(Vec<RawValue>),
    /// A TOML type that no setting has (a float, a date, a table), by its name.
    Other(&'static str),
}

impl RawValue {
    pub(crate) fn from_toml(value: &DeValue<'_>) -> Self {
        match value {
            DeValue::String(text) => RawValue::Text(text.clone().into_owned()),
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .map_or(RawValue::Other("integer"), RawValue::Integer),
            DeValue::Boolean(value) => RawValue::Boolean(*value),
            DeValue::Array(items) => RawValue::List(
                items
                    .iter()
                    .map(|item| RawValue::from_toml(item.get_ref()))
                    .collect(),
            ),
            DeValue::Float(_) => RawValue::Other("float"),
            DeValue::Datetime(_) => RawValue::Other("datetime"),
            DeValue::Table(_) => RawValue::Other("table"),
        }
    }

    /// Text that is not empty.
    pub(crate) fn as_text(&self) -> Result<&str, Complaint> {
        match self {
            RawValue::Word(text) | RawValue::Text(text) if text.trim().is_empty() => {
                Err(Complaint::new("config.empty"))
            }
            RawValue::Word(text) | RawValue::Text(text) => Ok(text),
            other => Err(other.complain_about_type("string", "\"…\"")),
        }
    }

    pub(crate) fn as_boolean(&self) -> Result<bool, Complaint> {
        match self {
            RawValue::Boolean(value) => Ok(*value),
            RawValue::Word(word) if word == "true" => Ok(true),
            RawValue::Word(word) if word == "false" => Ok(false),
            other => Err(other.complain_about_type("boolean", "true, false")),
        }
    }

    /// A whole number within `range`.
    pub(crate) fn as_count(&self, range: std::ops::RangeInclusive<u64>) -> Result<u64, Complaint> {
        let number = match self {
            RawValue::Integer(number) => i128::from(*number),
            RawValue::Word(word) => word
                .trim()
                .parse()
                .map_err(|_| self.complain_about_type("integer", "60"))?,
            other => return Err(other.complain_about_type("integer", "60")),
        };
        u64::try_from(number)
            .ok()
            .filter(|number| range.contains(number))
            .ok_or_else(|| {
                Complaint::new("config.out_of_range")
                    .with("value", number.to_string())
                    .with("minimum", range.start().to_string())
                    .with("maximum", range.end().to_string())
            })
    }

    /// A list of texts; from the environment, words between commas.
    pub(crate) fn as_list(&self) -> Result<Vec<String>, Complaint> {
        match self {
            RawValue::List(items) => items
                .iter()
                .map(|item| item.as_text().map(str::to_owned))
                .collect(),
            RawValue::Word(words) => Ok(words
                .split(',')
                .map(str::trim)
                .filter(|word| !word.is_empty())
                .map(str::to_owned)
                .collect()),
            other => Err(other.complain_about_type("list", "[\"…\", \"…\"]")),
        }
    }

    fn complain_about_type(&self, wanted: &'static str, example: &'static str) -> Complaint {
        Complaint::new("config.wrong_type")
            .with("found", self.describe())
            .with("wanted", wanted)
            .with("example", example)
    }

    fn describe(&self) -> String {
        match self {
            RawValue::Word(text) => format!("\"{text}\""),
            RawValue::Text(text) => format!("string \"{text}\""),
            RawValue::Integer(number) => format!("integer {number}"),
            RawValue::Boolean(value) => format!("boolean {value}"),
            RawValue::List(_) => "list".to_owned(),
            RawValue::Other(name) => (*name).to_owned(),
        }
    }
}
