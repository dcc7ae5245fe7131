//! The audit log: written in the transaction of each change, read newest first.

use crate::{DbError, Row, ToValue, Tx, Value, params};
use wharf_model::{
    AuditAction, AuditId, Granted, NamespaceId, Timestamp,
    rights::{Administer, EditNamespace, View},
};

/// A line to be written.
#[derive(Debug, Clone)]
pub struct NewEntry<'a> {
    /// Now.
    pub at: Timestamp,
    /// The login name; empty for nobody.
    pub actor: &'a str,
    /// How it proved itself.
    pub actor_kind: &'a str,
    /// What was done.
    pub action: AuditAction,
    /// To what.
    pub target: &'a str,
    /// In which namespace.
    pub namespace: Option<NamespaceId>,
    /// The client's address.
    pub address: &'a str,
    /// The request.
    pub request: &'a str,
    /// JSON.
    pub details: &'a str,
}

/// Writes a line.
pub fn insert_entry(tx: &mut Tx<'_>, new: &NewEntry<'_>) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO audit (id, at, actor, actor_kind, action, target, namespace_id, address, request_id, details)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        params![
            AuditId::new(),
            new.at,
            new.actor,
            new.actor_kind,
            new.action.as_str(),
            new.target,
            new.namespace,
            new.address,
            new.request,
            new.details
        ],
    )
    .map(drop)
}

/// Lines that one statement writes: the most that fit into what is left, so that there are few statements to prepare.
const ROWS: [usize; 3] = [100, 10, 1];

/// Writes a line like this one for each target.
pub fn insert_entries(
    tx: &mut Tx<'_>,
    new: &NewEntry<'_>,
    targets: &[String],
) -> Result<(), DbError> {
    let (action, mut rest) = (new.action.as_str(), targets);
    while !rest.is_empty() {
        let rows = ROWS.into_iter().find(|rows| *rows <= rest.len());
        let (now, later) = rest.split_at(rows.unwrap_or(1));
        let ids: Vec<_> = now.iter().map(|_| AuditId::new()).collect();
        let mut parameters = params![
            new.at,
            new.actor,
            new.actor_kind,
            action,
            new.namespace,
            new.address,
            new.request,
            new.details
        ]
        .to_vec();
        let mut values = Vec::with_capacity(now.len());
        for (id, target) in ids.iter().zip(now) {
            let place = parameters.len() + 1;
            values.push(format!(
                "(${place}, $1, $2, $3, $4, ${}, $5, $6, $7, $8)",
                place + 1
            ));
            parameters.extend([id.to_value(), target.to_value()]);
        }
        let sql = format!(
            "INSERT INTO audit (id, at, actor, actor_kind, action, target, namespace_id, address, request_id, details)
             VALUES {}",
            values.join(", ")
        );
        tx.execute(&sql, &parameters)?;
        rest = later;
    }
    Ok(())
}

/// A line that was written.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The id.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// The login name; empty for nobody.
    pub actor: String,
    /// How it proved itself.
    pub actor_kind: String,
    /// What was done, in the word of whatever version wrote it.
    pub action: String,
    /// To what.
    pub target: String,
    /// In which namespace, while that exists.
    pub namespace: Option<String>,
    /// The client's address.
    pub address: String,
    /// The request.
    pub request: String,
    /// JSON.
    pub details: String,
}

/// How much of the log somebody may read.
#[derive(Debug, Clone)]
pub enum Readable {
    /// All of it.
    Everything(Granted<Administer>),
    /// One namespace's part.
    Namespace(Granted<EditNamespace>),
}

/// Of whose changes somebody hears that there were some.
#[derive(Debug, Clone)]
pub enum Audible {
    /// Everybody's.
    Everything(Granted<Administer>),
    /// Those in one namespace.
    Namespace(Granted<View>),
}

/// That something was changed.
#[derive(Debug, Clone)]
pub struct ChangeLine {
    /// The line's id.
    pub id: AuditId,
    /// What was done, in the word of whatever version wrote it.
    pub action: String,
    /// In which namespace.
    pub namespace: Option<NamespaceId>,
}

/// The newest lines from `from` on, of what is heard; at most `limit`.
pub fn list_changes(
    tx: &mut Tx<'_>,
    heard: &[Audible],
    from: Timestamp,
    limit: usize,
) -> Result<Vec<ChangeLine>, DbError> {
    // Ids are our own text, never a caller's.
    let mut namespaces = Vec::with_capacity(heard.len());
    let mut is_all = false;
    for heard in heard {
        match heard {
            Audible::Everything(_) => is_all = true,
            Audible::Namespace(granted) => {
                namespaces.push(format!("'{}'", granted.subject().namespace));
            }
        }
    }
    let which = match (is_all, namespaces.is_empty()) {
        (true, _) => "1 = 1".to_owned(),
        (false, true) => return Ok(Vec::new()),
        (false, false) => format!("namespace_id IN ({})", namespaces.join(",")),
    };
    let rows = tx.query(
        &format!(
            "SELECT id, action, namespace_id FROM audit WHERE at >= $1 AND {which} ORDER BY at DESC, id DESC LIMIT $2"
        ),
        params![from, limit],
    )?;
    rows.into_iter()
        .map(|mut row| {
            Ok(ChangeLine {
                id: row.take(0)?,
                action: row.take(1)?,
                namespace: row.take(2)?,
            })
        })
        .collect()
}

/// Which lines are wanted.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// This line alone.
    pub id: Option<AuditId>,
    /// By whom, exactly.
    pub actor: Option<String>,
    /// What was done, exactly.
    pub action: Option<AuditAction>,
    /// To what, exactly.
    pub target: Option<String>,
    /// Not before.
    pub since: Option<Timestamp>,
    /// Not after.
    pub until: Option<Timestamp>,
}

/// Lines before `before`, newest first; without it, from the newest on.
pub fn list_entries(
    tx: &mut Tx<'_>,
    readable: &Readable,
    filter: &AuditFilter,
    before: Option<(Timestamp, AuditId)>,
    limit: usize,
) -> Result<Vec<Entry>, DbError> {
    let namespace = match readable {
        Readable::Everything(_) => None,
        Readable::Namespace(granted) => Some(granted.subject().namespace),
    };
    let mut conditions = vec!["1 = 1".to_owned()];
    let mut parameters: Vec<Value<'_>> = Vec::new();
    let mut require = |condition: &str, value: Value<'static>| {
        parameters.push(value);
        conditions.push(format!("{condition} ${}", parameters.len()));
    };
    if let Some(namespace) = namespace {
        require("a.namespace_id =", own(&namespace));
    }
    if let Some(id) = filter.id {
        require("a.id =", own(&id));
    }
    for (column, wanted) in [("a.actor =", &filter.actor), ("a.target =", &filter.target)] {
        if let Some(wanted) = wanted {
            require(column, own(wanted));
        }
    }
    if let Some(action) = filter.action {
        require("a.action =", own(&action.as_str()));
    }
    if let Some(since) = filter.since {
        require("a.at >=", own(&since));
    }
    if let Some(until) = filter.until {
        require("a.at <=", own(&until));
    }
    if let Some((at, id)) = before {
        parameters.extend([own(&at), own(&id)]);
        let last = parameters.len();
        conditions.push(format!("(a.at, a.id) < (${}, ${last})", last - 1));
    }
    parameters.push(own(&limit));
    let rows = tx.query(
        &format!(
            "SELECT a.id, a.at, a.actor, a.actor_kind, a.action, a.target, n.name, a.address, a.request_id, a.details
             FROM audit a LEFT JOIN namespaces n ON n.id = a.namespace_id
             WHERE {} ORDER BY a.at DESC, a.id DESC LIMIT ${}",
            conditions.join(" AND "),
            parameters.len()
        ),
        &parameters,
    )?;
    rows.into_iter().map(read_entry).collect()
}

/// A value that owns its text.
fn own(value: &impl ToValue) -> Value<'static> {
    value.to_value().into_owned()
}

fn read_entry(mut row: Row) -> Result<Entry, DbError> {
    Ok(Entry {
        id: row.take(0)?,
        at: row.take(1)?,
        actor: row.take(2)?,
        actor_kind: row.take(3)?,
        action: row.take(4)?,
        target: row.take(5)?,
        namespace: row.take(6)?,
        address: row.take(7)?,
        request: row.take(8)?,
        details: row.take(9)?,
    })
}
