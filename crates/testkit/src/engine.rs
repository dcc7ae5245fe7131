//! The database engines that every suite runs on.

mod cluster;

use std::sync::atomic::{AtomicU32, Ordering};

use cluster::find_cluster;

static NEXT: AtomicU32 = AtomicU32::new(1);

/// Which database a server uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// The embedded default: a file in the data folder.
    Sqlite,
    /// A PostgreSQL: the one at `WHARF_TEST_POSTGRES_URL`, else one started for this test process.
    Postgres,
}

impl Engine {
    /// The engine named by `WHARF_TEST_ENGINE`; SQLite when it names none.
    pub fn from_env() -> Self {
        match std::env::var("WHARF_TEST_ENGINE").as_deref() {
            Err(_) | Ok("" | "sqlite") => Self::Sqlite,
            Ok("postgres") => Self::Postgres,
            Ok(other) => panic!("WHARF_TEST_ENGINE is sqlite or postgres, not `{other}`"),
        }
    }

    /// Makes an empty database and answers its URL; none for the file that a server makes by itself.
    pub fn create_database(self) -> Option<String> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => {
                let number = NEXT.fetch_add(1, Ordering::Relaxed);
                let name = format!("wharf_test_{}_{number}", std::process::id());
                Some(find_cluster().create_database(&name))
            }
        }
    }
}
