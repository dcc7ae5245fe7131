//! One round of power loss, and what is looked at before the server comes back.

use std::{fs, path::Path, process::Command, thread, time::Duration};

use rusqlite::Connection;
use wharf_testkit::Server;

use crate::{
    disk::Disk,
    storm::{Dice, Excuse, Storm},
};

/// A server does not end with the disk it loses; for up to this long it goes on without one.
const AFTERLIFE_MILLISECONDS: u64 = 30;

/// A process starts and opens a database in about half of this.
const HEAD_START_MICROSECONDS: u64 = 20_000;

/// Lets the storm work until the pushers got `answers` answers, cuts the power, and mounts what is left. In every other
/// round a checkpoint of the database is under way, which the program `checkpoint` does.
pub fn lose_power(
    server: &mut Server,
    disk: &mut Disk,
    storm: &mut Storm,
    answers: u64,
    dice: &mut Dice,
    checkpoint: &Path,
) {
    let with_checkpoint = dice.roll(2) == 0;
    let head_start = Duration::from_micros(dice.roll(HEAD_START_MICROSECONDS));
    let afterlife = Duration::from_millis(dice.roll(AFTERLIFE_MILLISECONDS));
    let rows = server.data_dir().join("wharf.db");
    let fault = storm.fault();
    storm.rage(server, answers, Excuse::Failing, |server| {
        let started = with_checkpoint.then(|| {
            let started = Command::new(checkpoint).arg(rows).spawn();
            started.expect("the program for checkpoints")
        });
        // Anywhere within the checkpoint is the point.
        thread::sleep(head_start);
        fault.allow(Excuse::Dark);
        disk.cut_power();
        thread::sleep(afterlife);
        server.kill();
        if let Some(mut started) = started {
            // Done, failed or killed by its disk; what matters is that it holds that no longer.
            started.wait().expect("a child can be waited for");
        }
    });
    disk.unmount();
    disk.mount();
}

/// Panics unless SQLite finds the database whole. Works on a copy: recovery is left to the server.
pub fn check_rows(rows: &Path) {
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("copy.db");
    fs::copy(rows, &copy).expect("a copy of the database");
    let log = rows.with_extension("db-wal");
    if log.exists() {
        fs::copy(log, folder.path().join("copy.db-wal")).expect("a copy of its log");
    }
    let connection = Connection::open(&copy).expect("a database");
    let found: String = connection
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .expect("a check");
    assert_eq!(found, "ok");
}
