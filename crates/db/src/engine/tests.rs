//! What both engines promise; run on SQLite here, on PostgreSQL by the integration suites.

use super::*;
use crate::params;

fn open(folder: &tempfile::TempDir) -> Db {
    Db::open(&DatabaseUrl::Sqlite(folder.path().join("wharf.db"))).unwrap()
}

async fn bump(db: &Db, fail: bool) -> Result<(), DbError> {
    db.write(Durability::Durable, move |tx| {
        tx.execute(
            "UPDATE outside_changes SET counter = counter + $1",
            params![1i64],
        )?;
        if fail {
            return Err(DbError::new(DbErrorKind::Other, "on purpose"));
        }
        Ok(())
    })
    .await
}

async fn counter(db: &Db) -> i64 {
    db.read(crate::outside::count_outside_changes)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_write_leaves_its_neighbours_in_the_group_alone() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(&folder);
    let writes: Vec<_> = (0..40)
        .map(|number| {
            let db = db.clone();
            tokio::spawn(async move { bump(&db, number % 4 == 0).await })
        })
        .collect();
    let mut failed = 0;
    for write in writes {
        failed += usize::from(write.await.unwrap().is_err());
    }
    assert_eq!(failed, 10);
    assert_eq!(counter(&db).await, 30);
}

#[tokio::test]
async fn a_panicking_write_is_rolled_back_and_the_writer_lives() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(&folder);
    let outcome: Result<(), DbError> = db
        .write(Durability::Durable, |tx| {
            tx.execute("UPDATE outside_changes SET counter = 99", &[])?;
            panic!("on purpose")
        })
        .await;
    assert!(outcome.is_err());
    bump(&db, false).await.unwrap();
    assert_eq!(counter(&db).await, 1);
}

#[tokio::test]
async fn a_locked_database_is_busy_and_nothing_is_half_done() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(&folder);
    let other = rusqlite::Connection::open(folder.path().join("wharf.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(
        bump(&db, false).await.unwrap_err().kind(),
        DbErrorKind::Busy
    );
    other.execute_batch("ROLLBACK").unwrap();
    bump(&db, false).await.unwrap();
    assert_eq!(counter(&db).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_waited_behind_another_is_not_kept_for_as_long_once_more() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(&folder);
    let other = rusqlite::Connection::open(folder.path().join("wharf.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let write = |db: Db| {
        tokio::spawn(async move {
            let begun = Instant::now();
            let kind = bump(&db, false).await.unwrap_err().kind();
            (kind, begun.elapsed())
        })
    };
    let first = write(db.clone());
    tokio::time::sleep(Duration::from_secs(1)).await;
    // They come to the database when the first gives up.
    let later = [write(db.clone()), write(db.clone())];
    for waiting in std::iter::once(first).chain(later) {
        let (kind, took) = waiting.await.unwrap();
        assert_eq!(kind, DbErrorKind::Busy);
        assert!(took >= Duration::from_secs(4), "{took:?}");
        assert!(took < Duration::from_secs(8), "{took:?}");
    }
    other.execute_batch("ROLLBACK").unwrap();
    bump(&db, false).await.unwrap();
}

#[tokio::test]
async fn look_ups_see_each_commit_and_survive_a_panic_among_them() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(&folder);
    for _ in 0..10 {
        let db = db.clone();
        let panicked = tokio::spawn(async move {
            db.look_up(|_| -> Result<(), DbError> { panic!("a reader's own fault") })
                .await
        });
        assert!(panicked.await.unwrap_err().is_panic());
    }
    for expected in 1..=3 {
        bump(&db, false).await.unwrap();
        let found = db
            .look_up(crate::outside::count_outside_changes)
            .await
            .unwrap();
        assert_eq!(found, expected);
    }
}

#[test]
fn a_newer_schema_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(&folder));
    let file = folder.path().join("wharf.db");
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection
        .pragma_update(None, "user_version", SCHEMA_VERSION + 1)
        .unwrap();
    let error = Db::open(&DatabaseUrl::Sqlite(file)).err().unwrap();
    assert_eq!(error.kind(), DbErrorKind::Schema);
}

#[test]
fn a_damaged_file_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wharf.db");
    std::fs::write(
        &file,
        "this is no database at all, and long enough to have a header".repeat(40),
    )
    .unwrap();
    let error = Db::open(&DatabaseUrl::Sqlite(file)).err().unwrap();
    assert_eq!(error.kind(), DbErrorKind::Corrupt);
    assert!(error.to_string().contains("restore"), "{error}");
}

#[test]
fn an_address_without_a_known_scheme_is_refused_without_repeating_it() {
    let error = "mysql://root:secret@db".parse::<DatabaseUrl>().unwrap_err();
    assert!(!error.to_string().contains("secret"));
    assert!("sqlite://data/wharf.db".parse::<DatabaseUrl>().is_ok());
}
