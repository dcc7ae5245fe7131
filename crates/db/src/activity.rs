//! What happened, newest first, for people: events of tags and builds, and what triggers did.
//!
//! Two lists that are read by the same filter; ids of both begin with their time, so that whoever reads them can put them
//! into one order. Who may see which namespaces is decided by the caller.

use crate::{
    DbError, Row, ToValue, Tx, Value, events::first_id_at, triggers::deliveries::Delivery,
};
use wharf_model::{EventId, NamespaceId, Timestamp};
use wharf_oci::RepositoryName;

/// Events that are looked at for one page. With more, a member of a quiet namespace waits while a busy server's events are
/// passed over; with fewer, that member's pages are empty more often.
const WINDOW: usize = 20_000;

/// Whose activity is seen.
#[derive(Debug, Clone)]
pub enum Viewer {
    /// Everybody's.
    Administrator,
    /// Of these namespaces.
    Member(Vec<NamespaceId>),
}

/// Which activity is wanted.
#[derive(Debug, Clone, Default)]
pub struct ActivityFilter {
    /// By this user, robot, or build (`build:12`).
    pub actor: Option<String>,
    /// Of the repository of this name, or of all repositories in the namespace of this name.
    pub object: Option<String>,
    /// Events of these kinds, as rows have them.
    pub kinds: Vec<&'static str>,
    /// Not before.
    pub since: Option<Timestamp>,
    /// Not after.
    pub until: Option<Timestamp>,
}

/// An event with the repository it is of.
#[derive(Debug, Clone)]
pub struct EventLine {
    /// The id.
    pub id: EventId,
    /// `tag_created`, `build.failed`, …
    pub kind: String,
    /// The repository.
    pub repository: RepositoryName,
    /// JSON.
    pub payload: String,
    /// When.
    pub at: Timestamp,
}

/// A part of the list of events.
#[derive(Debug, Clone)]
pub struct EventPart {
    /// Newest first.
    pub lines: Vec<EventLine>,
    /// The id down to which everything was looked at, where there is more below.
    pub looked_to: Option<String>,
}

/// Conditions and their values, in the order of their numbers.
#[derive(Default)]
struct Wanted {
    conditions: Vec<String>,
    values: Vec<Value<'static>>,
}

impl Wanted {
    /// `condition` has `{}` where the value's number stands.
    fn require(&mut self, condition: &str, value: &impl ToValue) {
        self.values.push(value.to_value().into_owned());
        let place = format!("${}", self.values.len());
        self.conditions.push(condition.replace("{}", &place));
    }

    fn require_viewer(&mut self, viewer: &Viewer, column: &str) {
        if let Viewer::Member(namespaces) = viewer {
            self.conditions.push(is_one_of(column, namespaces));
        }
    }

    /// Ids begin with their millisecond.
    fn require_times(&mut self, filter: &ActivityFilter, column: &str) {
        if let Some(since) = filter.since {
            self.require(&format!("{column} >= {{}}"), &first_id_at(since));
        }
        if let Some(until) = filter.until {
            let after = Timestamp::from_micros(until.as_micros().saturating_add(1000));
            self.require(&format!("{column} < {{}}"), &first_id_at(after));
        }
    }

    fn text(&self) -> String {
        match self.conditions.is_empty() {
            true => "1 = 1".to_owned(),
            false => self.conditions.join(" AND "),
        }
    }
}

fn is_one_of(column: &str, namespaces: &[NamespaceId]) -> String {
    // Ids are our own text, never a caller's.
    let ids: Vec<_> = namespaces.iter().map(|id| format!("'{id}'")).collect();
    match ids.is_empty() {
        true => "1 = 0".to_owned(),
        false => format!("{column} IN ({})", ids.join(",")),
    }
}

/// Events before `before` (an id as text), newest first, at most `limit`.
pub fn list_events(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    filter: &ActivityFilter,
    before: Option<&str>,
    limit: usize,
) -> Result<EventPart, DbError> {
    if filter.kinds.is_empty() {
        return Ok(EventPart {
            lines: Vec::new(),
            looked_to: None,
        });
    }
    let mut wanted = Wanted::default();
    if let Some(before) = before {
        wanted.require("e.id < {}", &before);
    }
    wanted.require_times(filter, "e.id");
    if let Some(object) = filter.object.as_deref().filter(|name| name.contains('/')) {
        // The viewer too, before the window: how many events a repository has is for those who may see it.
        let seen = match viewer {
            Viewer::Administrator => String::new(),
            Viewer::Member(namespaces) => format!(" AND {}", is_one_of("namespace_id", namespaces)),
        };
        let sql = "e.repository_id = (SELECT id FROM repositories WHERE name = {}";
        wanted.require(&format!("{sql}{seen})"), &object);
    }
    let end = find_end_of_window(tx, &wanted)?;
    if let Some(end) = &end {
        wanted.require("e.id >= {}", end);
    }
    if let Some(namespace) = filter.object.as_deref().filter(|name| !name.contains('/')) {
        let sql = "r.namespace_id = (SELECT id FROM namespaces WHERE name = {})";
        wanted.require(sql, &namespace);
    }
    wanted.require_viewer(viewer, "r.namespace_id");
    let kinds: Vec<_> = filter
        .kinds
        .iter()
        .map(|kind| format!("'{kind}'"))
        .collect();
    wanted
        .conditions
        .push(format!("e.kind IN ({})", kinds.join(",")));
    if let Some(actor) = &filter.actor {
        require_actor(&mut wanted, actor);
    }
    wanted.values.push(limit.to_value().into_owned());
    let rows = tx.query(
        &format!(
            "SELECT e.id, e.kind, r.name, e.payload, e.at FROM events e JOIN repositories r ON r.id = e.repository_id
             WHERE {} ORDER BY e.id DESC LIMIT ${}",
            wanted.text(),
            wanted.values.len()
        ),
        &wanted.values,
    )?;
    let lines: Vec<_> = rows.into_iter().map(read_line).collect::<Result<_, _>>()?;
    let looked_to = match lines.last() {
        Some(last) if lines.len() == limit => Some(last.id.to_string()),
        _ => end,
    };
    Ok(EventPart { lines, looked_to })
}

/// The last event of the window, when there are more events than that.
fn find_end_of_window(tx: &mut Tx<'_>, wanted: &Wanted) -> Result<Option<String>, DbError> {
    let row = tx.query_first(
        &format!(
            "SELECT e.id FROM events e WHERE {} ORDER BY e.id DESC LIMIT 1 OFFSET {WINDOW}",
            wanted.text()
        ),
        &wanted.values,
    )?;
    row.map(|mut row| row.take(0)).transpose()
}

/// Events of tags name who moved them; those of builds are their build's.
fn require_actor(wanted: &mut Wanted, actor: &str) {
    let text = serde_json::Value::from(actor).to_string();
    let by = like(&format!("\"actor\":{text}"));
    let number = actor.strip_prefix("build:");
    let number = number.and_then(|number| number.parse::<u64>().ok());
    let Some(number) = number else {
        return wanted.require("e.payload LIKE {} ESCAPE '!'", &by);
    };
    wanted.values.push(by.to_value().into_owned());
    let first = wanted.values.len();
    let of_build = like(&format!("\"number\":{number},"));
    wanted.values.push(of_build.to_value().into_owned());
    wanted.conditions.push(format!(
        "(e.payload LIKE ${first} ESCAPE '!' OR e.kind LIKE 'build.%' AND e.payload LIKE ${} ESCAPE '!')",
        first + 1
    ));
}

/// A pattern that is met by texts with `part` in them.
fn like(part: &str) -> String {
    let escaped: String = part
        .chars()
        .flat_map(|character| {
            let special = matches!(character, '%' | '_' | '!').then_some('!');
            special.into_iter().chain([character])
        })
        .collect();
    format!("%{escaped}%")
}

fn read_line(mut row: Row) -> Result<EventLine, DbError> {
    Ok(EventLine {
        id: row.take(0)?,
        kind: row.take(1)?,
        repository: row.take(2)?,
        payload: row.take(3)?,
        at: row.take(4)?,
    })
}

/// Deliveries of triggers before `before` (an id as text), newest first, at most `limit`.
pub fn list_deliveries(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    filter: &ActivityFilter,
    before: Option<&str>,
    limit: usize,
) -> Result<Vec<Delivery>, DbError> {
    let mut wanted = Wanted::default();
    if let Some(before) = before {
        wanted.require("d.id < {}", &before);
    }
    wanted.require_times(filter, "d.id");
    wanted.require_viewer(viewer, "d.namespace_id");
    if let Some(object) = &filter.object {
        wanted.require(
            match object.contains('/') {
                true => "d.repository = {}",
                false => "d.namespace_id = (SELECT id FROM namespaces WHERE name = {})",
            },
            object,
        );
    }
    if let Some(actor) = &filter.actor {
        wanted.require("d.actor = {}", actor);
    }
    crate::triggers::deliveries::list_where(tx, &wanted.text(), &wanted.values, limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_signs_of_patterns_meets_only_itself() {
        assert_eq!(like("a_b%c!"), "%a!_b!%c!!%");
    }
}
