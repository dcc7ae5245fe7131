//! Lists in an order that the reader chose: by a number and within it by name, or by name alone.
//!
//! Pages begin after a place, never at a count: what comes and goes meanwhile neither repeats nor hides a row. Called by what
//! lists such rows.

use crate::Value;

/// Which way a list goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// The least first.
    #[default]
    Up,
    /// The most first.
    Down,
}

/// The last row of the page before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortPlace {
    /// What the list is sorted by; not looked at in a list by name.
    pub number: i64,
    /// The row's name, which no other has.
    pub name: String,
}

/// An order as SQL. The texts are our own.
pub(crate) struct SortedBy {
    /// The expression of the number; none for a list by name. Never null.
    pub(crate) number: Option<&'static str>,
    /// The name's column.
    pub(crate) name: &'static str,
    pub(crate) direction: Direction,
}

impl SortedBy {
    /// The condition that leaves out what came before, whose parameters are added to `parameters`.
    pub(crate) fn condition(
        &self,
        after: Option<&SortPlace>,
        parameters: &mut Vec<Value<'static>>,
    ) -> String {
        let Some(place) = after else {
            return "1 = 1".into();
        };
        let sign = match self.direction {
            Direction::Up => '>',
            Direction::Down => '<',
        };
        let name = self.name;
        // One comparison of rows: both engines read an index over both columns from there on.
        match self.number {
            Some(number) => {
                let first = add(parameters, Value::Int(place.number));
                let second = add(parameters, Value::Text(place.name.clone().into()));
                format!("({number}, {name}) {sign} ({first}, {second})")
            }
            None => {
                let only = add(parameters, Value::Text(place.name.clone().into()));
                format!("{name} {sign} {only}")
            }
        }
    }

    /// What stands behind ORDER BY.
    pub(crate) fn order(&self) -> String {
        let way = match self.direction {
            Direction::Up => "ASC",
            Direction::Down => "DESC",
        };
        match self.number {
            Some(number) => format!("{number} {way}, {} {way}", self.name),
            None => format!("{} {way}", self.name),
        }
    }
}

/// Adds a parameter; answers its place in the statement.
pub(crate) fn add(parameters: &mut Vec<Value<'static>>, value: Value<'static>) -> String {
    parameters.push(value);
    format!("${}", parameters.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_begins_after_a_place_in_the_direction_of_the_list() {
        let place = SortPlace {
            number: 7,
            name: "v1".into(),
        };
        let mut parameters = vec![Value::Null];
        let by = SortedBy {
            number: Some("t.set_at"),
            name: "t.name",
            direction: Direction::Down,
        };
        assert_eq!(
            by.condition(Some(&place), &mut parameters),
            "(t.set_at, t.name) < ($2, $3)"
        );
        assert_eq!(by.order(), "t.set_at DESC, t.name DESC");
        assert_eq!(by.condition(None, &mut parameters), "1 = 1");
        let by_name = SortedBy {
            number: None,
            direction: Direction::Up,
            ..by
        };
        assert_eq!(
            by_name.condition(Some(&place), &mut parameters),
            "t.name > $4"
        );
        assert_eq!(parameters.len(), 4);
    }
}
