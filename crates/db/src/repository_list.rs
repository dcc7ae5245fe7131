//! Lists of repositories: what somebody may see of them, searched, filtered and sorted by the database.

use crate::{
    DbError, Direction, Part, Room, SortPlace, ToValue, Tx, Value, namespaces,
    repositories::{COLUMNS, Repository, Viewer, like_pattern, read_repository, visible},
    sorted::{SortedBy, add},
};
use wharf_model::{NamespaceId, Timestamp};

/// What a list of repositories is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RepositorySort {
    /// Their names, bytewise.
    #[default]
    Name,
    /// When something was pushed last; never is before all.
    Pushed,
    /// When they were made.
    Created,
    /// Bytes of all that is in them.
    Size,
    /// How many tags they have.
    Tags,
    /// How often they were pulled from.
    Pulls,
}

const SIZE: &str = "CAST(COALESCE((SELECT SUM(b.size) FROM repository_blobs b WHERE b.repository_id = r.id), 0) AS BIGINT)";

impl RepositorySort {
    /// What a repository is sorted by; nothing for names.
    pub fn number(self, repository: &Repository) -> i64 {
        let count = |count| i64::try_from(count).unwrap_or(i64::MAX);
        match self {
            Self::Name => 0,
            Self::Pushed => repository.last_push_at.map_or(0, Timestamp::as_micros),
            Self::Created => repository.created_at.as_micros(),
            Self::Size => count(repository.size),
            Self::Tags => count(repository.tag_count),
            Self::Pulls => count(repository.pull_count),
        }
    }

    fn expression(self) -> Option<&'static str> {
        match self {
            Self::Name => None,
            Self::Pushed => Some("COALESCE(r.last_push_at, 0)"),
            Self::Created => Some("r.created_at"),
            Self::Size => Some(SIZE),
            Self::Tags => Some("r.tag_count"),
            Self::Pulls => Some("r.pull_count"),
        }
    }
}

/// Which repositories are wanted, and in which order.
#[derive(Debug, Clone, Default)]
pub struct RepositoryFilter {
    /// Only those of one namespace.
    pub namespace: Option<NamespaceId>,
    /// Only names or short descriptions that contain this text, in any case.
    pub term: String,
    /// Only those of namespaces that the viewer belongs to.
    pub only_member: bool,
    /// Only those that the user marked.
    pub only_favorites: bool,
    /// Only public ones, or only those that are not.
    pub public: Option<bool>,
    /// Whether descriptions are left out: they are empty then.
    pub brief: bool,
    /// The order.
    pub sort: RepositorySort,
    /// Its direction.
    pub direction: Direction,
    /// Where the page begins.
    pub after: Option<SortPlace>,
}

/// Repositories that the viewer may see, as many as fit with their descriptions.
pub fn list_repositories(
    tx: &mut Tx<'_>,
    viewer: Viewer<'_>,
    filter: &RepositoryFilter,
    room: Room,
) -> Result<Part<Repository>, DbError> {
    let user = match viewer {
        Viewer::Administrator(id) => Some(id),
        Viewer::Member(id, _) => id,
    };
    let user = user.map(|id| id.to_string()).unwrap_or_default();
    let mut parameters = vec![Value::Text(user.into()), 0_i64.to_value()];
    let mut condition = visible(viewer);
    if let Some(namespace) = filter.namespace {
        // Ids are our own text, never a caller's.
        condition += &format!(" AND r.namespace_id = '{namespace}'");
    }
    if let Some(public) = filter.public {
        condition += if public {
            " AND r.public"
        } else {
            " AND NOT r.public"
        };
    }
    if filter.only_member {
        let belongs = namespaces::visible(viewer);
        condition +=
            &format!(" AND r.namespace_id IN (SELECT n.id FROM namespaces n WHERE {belongs})");
    }
    if filter.only_favorites {
        condition += " AND EXISTS (SELECT 1 FROM favorites f WHERE f.repository_id = r.id AND f.user_id = $1)";
    }
    if !filter.term.is_empty() {
        let pattern = add(
            &mut parameters,
            Value::Text(like_pattern(&filter.term).into()),
        );
        condition += &format!(
            " AND (r.name LIKE {pattern} ESCAPE '!' OR LOWER(r.short_description) LIKE {pattern} ESCAPE '!')"
        );
    }
    let by = SortedBy {
        number: filter.sort.expression(),
        name: "r.name",
        direction: filter.direction,
    };
    let begun = by.condition(filter.after.as_ref(), &mut parameters);
    let order = by.order();
    // The caller's id has a place in every statement: PostgreSQL takes no parameter that is used nowhere.
    let select = |columns: &str| {
        format!(
            "SELECT {columns} FROM repositories r WHERE {condition} AND {begun} AND CAST($1 AS TEXT) IS NOT NULL
             ORDER BY {order} LIMIT $2"
        )
    };
    let size = match filter.brief {
        true => "CAST(OCTET_LENGTH(r.short_description) AS BIGINT)",
        false => "CAST(OCTET_LENGTH(r.description) AS BIGINT)",
    };
    let columns = match filter.brief {
        true => COLUMNS.replace("r.description", "''"),
        false => COLUMNS.to_owned(),
    };
    parameters[1] = Value::Int(i64::try_from(room.fetch()).unwrap_or(i64::MAX));
    let (count, more) = room.fit(tx.query(&select(size), &parameters)?)?;
    parameters[1] = Value::Int(i64::try_from(count).unwrap_or(i64::MAX));
    let rows = tx.query(&select(&columns), &parameters)?;
    let items: Result<Vec<_>, DbError> = rows.into_iter().map(read_repository).collect();
    Ok(Part {
        items: items?,
        more,
    })
}
