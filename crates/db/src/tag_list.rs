//! Lists of a repository's tags: searched, filtered and sorted by the database, so that ten thousand are no different from ten.

use crate::{
    DbError, Direction, Part, Room, SortPlace, ToValue, Tx, Value, params,
    repositories::like_pattern,
    sorted::{SortedBy, add},
    tags::{COLUMNS, TagPage, read_page, select},
};
use wharf_model::{Granted, rights::Pull};

/// What a list of tags is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TagSort {
    /// Their names, bytewise.
    #[default]
    Name,
    /// When they were let name what they name.
    Pushed,
    /// The size of what they name.
    Size,
    /// How often that was pulled.
    Pulls,
}

impl TagSort {
    /// What a tag is sorted by; nothing for names.
    pub fn number(self, tag: &TagPage) -> i64 {
        match self {
            Self::Name => 0,
            Self::Pushed => tag.pushed_at.as_micros(),
            Self::Size => i64::try_from(tag.size).unwrap_or(i64::MAX),
            Self::Pulls => i64::try_from(tag.pull_count).unwrap_or(i64::MAX),
        }
    }

    fn expression(self) -> Option<&'static str> {
        match self {
            Self::Name => None,
            Self::Pushed => Some("t.set_at"),
            Self::Size => Some("r.total_size"),
            Self::Pulls => Some("r.pull_count"),
        }
    }
}

/// Which tags are wanted, and in which order.
#[derive(Debug, Clone, Default)]
pub struct TagFilter {
    /// Only names that contain this, in any case.
    pub term: String,
    /// Only images of this `os/architecture`, and indexes that have one.
    pub platform: Option<String>,
    /// The order.
    pub sort: TagSort,
    /// Its direction.
    pub direction: Direction,
    /// Where the page begins.
    pub after: Option<SortPlace>,
}

impl TagFilter {
    /// The condition, whose parameters are added.
    fn condition(&self, parameters: &mut Vec<Value<'static>>) -> String {
        let mut condition = String::from("1 = 1");
        if !self.term.is_empty() {
            let pattern = add(parameters, Value::Text(like_pattern(&self.term).into()));
            condition += &format!(" AND LOWER(t.name) LIKE {pattern} ESCAPE '!'");
        }
        if let Some(platform) = &self.platform {
            // The list is JSON that we wrote: a whole item has its quotes around it.
            let quoted = serde_json::Value::from(platform.as_str()).to_string();
            let pattern = add(parameters, Value::Text(like_pattern(&quoted).into()));
            condition += &format!(" AND LOWER(r.platforms) LIKE {pattern} ESCAPE '!'");
        }
        condition
    }
}

/// Tags with what they name, as many as fit.
pub fn list_tags(
    tx: &mut Tx<'_>,
    granted: &Granted<Pull>,
    filter: &TagFilter,
    room: Room,
) -> Result<Part<TagPage>, DbError> {
    let by = SortedBy {
        number: filter.sort.expression(),
        name: "t.name",
        direction: filter.direction,
    };
    let repository = Value::Text(granted.repository().to_string().into());
    let mut parameters = vec![repository, 0_i64.to_value()];
    let chosen = filter.condition(&mut parameters);
    let begun = by.condition(filter.after.as_ref(), &mut parameters);
    let order = by.order();
    let condition = format!("{chosen} AND {begun} ORDER BY {order} LIMIT $2");
    parameters[1] = Value::Int(i64::try_from(room.fetch()).unwrap_or(i64::MAX));
    let sizes = tx.query(
        &select("CAST(OCTET_LENGTH(r.platforms) AS BIGINT)", &condition),
        &parameters,
    )?;
    let (count, more) = room.fit(sizes)?;
    parameters[1] = Value::Int(i64::try_from(count).unwrap_or(i64::MAX));
    let rows = tx.query(&select(COLUMNS, &condition), &parameters)?;
    let items: Result<Vec<_>, DbError> = rows.into_iter().map(read_page).collect();
    Ok(Part {
        items: items?,
        more,
    })
}

/// How many tags a repository has, and how many of them are what is wanted.
pub fn count_tags(
    tx: &mut Tx<'_>,
    granted: &Granted<Pull>,
    filter: &TagFilter,
) -> Result<(u64, u64), DbError> {
    let repository = granted.repository();
    let row = tx.query_first(
        "SELECT tag_count FROM repositories WHERE id = $1",
        params![repository],
    )?;
    let total: u64 = row.map_or(Ok(0), |mut row| row.take(0))?;
    if filter.term.is_empty() && filter.platform.is_none() {
        return Ok((total, total));
    }
    let mut parameters = vec![Value::Text(repository.to_string().into())];
    let chosen = filter.condition(&mut parameters);
    let count = "CAST(COUNT(*) AS BIGINT)";
    let sql = match filter.platform {
        Some(_) => select(count, &chosen),
        None => format!("SELECT {count} FROM tags t WHERE t.repository_id = $1 AND {chosen}"),
    };
    let row = tx.query_first(&sql, &parameters)?;
    Ok((total, row.map_or(Ok(0), |mut row| row.take(0))?))
}

/// Most different lists of platforms that are looked at: real repositories have a handful.
const MOST_LISTS: usize = 200;

/// The lists of platforms that occur among a repository's tags, as JSON.
pub fn list_platforms(tx: &mut Tx<'_>, granted: &Granted<Pull>) -> Result<Vec<String>, DbError> {
    let rows = tx.query(
        "SELECT DISTINCT r.platforms FROM repository_manifests r WHERE r.repository_id = $1
            AND EXISTS (SELECT 1 FROM tags t WHERE t.repository_id = r.repository_id AND t.digest = r.digest)
         LIMIT $2",
        params![granted.repository(), MOST_LISTS],
    )?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}
