//! Writes pages from a SQLite log back into the database file, as a server does now and then, and ends.
//!
//! A process of its own: SQLite maps a file of the disk into memory, and whoever looks at it when the disk is gone is
//! killed. Called by `faults` and `soak` just before they cut the power.

use rusqlite::{Connection, OpenFlags};

fn main() {
    let rows = std::env::args_os().nth(1).expect("the path of a database");
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    // Either may fail: the disk goes away meanwhile.
    if let Ok(connection) = Connection::open_with_flags(rows, flags) {
        let _ = connection.execute_batch("PRAGMA synchronous=FULL; PRAGMA wal_checkpoint(PASSIVE)");
    }
}
