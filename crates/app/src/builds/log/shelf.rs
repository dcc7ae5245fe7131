//! Books of logs that somebody reads, kept while they are asked for: pages, searches and followers of one log share one.

use super::{book::LogBook, cursor::LogCursor};
use parking_lot::{Mutex, RwLock, RwLockWriteGuard};
use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::Path,
    sync::Arc,
};
use wharf_model::BuildId;

/// Most books that are kept beside those that somebody holds; who was asked for longest ago goes first. A book holds at most
/// some 12 MB of memory and as much disk as its log; fewer books make readers of several logs read them again and again.
const MOST_BOOKS: usize = 8;

/// Who reads what is there leaves it to others who do, so that a long search keeps none of them waiting.
type Shelved = Arc<RwLock<LogBook>>;

/// A book that stays on the shelf until this is dropped. Whoever holds some bounds how many: they are not counted.
pub(crate) struct HeldBook(#[expect(dead_code, reason = "it is held")] Shelved);

/// The books.
#[derive(Default)]
pub(crate) struct LogShelf(Mutex<Vec<(BuildId, Shelved)>>);

impl LogShelf {
    /// Works with the book of a log, which has then read all that is there; `over` says that nothing more comes. `None` when
    /// there is no log. With the book, which whoever reads on keeps from being read anew. Blocks.
    pub(crate) fn read<T>(
        &self,
        folder: &Path,
        build: BuildId,
        over: bool,
        work: impl FnOnce(&LogBook) -> io::Result<T>,
    ) -> io::Result<Option<(T, HeldBook)>> {
        let Some(book) = self.find(folder, build)? else {
            return Ok(None);
        };
        let held = HeldBook(book.clone());
        // Of a log whose build is over little or nothing comes any more: that waits for no other reader.
        let is_filled = over && book.read().is_closed();
        let growing = match is_filled {
            true => book.try_write(),
            false => Some(book.write()),
        };
        let Some(mut growing) = growing else {
            let done = work(&book.read())?;
            return Ok(Some((done, held)));
        };
        let mut grown = growing.read_on();
        if over {
            grown = grown.and_then(|()| growing.close());
        }
        if let Err(error) = grown {
            // It misses lines from here on: who asks next gets another one.
            self.0.lock().retain(|(_, kept)| !Arc::ptr_eq(kept, &book));
            return Err(error);
        }
        let done = work(&RwLockWriteGuard::downgrade(growing))?;
        Ok(Some((done, held)))
    }

    fn find(&self, folder: &Path, build: BuildId) -> io::Result<Option<Shelved>> {
        let mut books = self.0.lock();
        if let Some(place) = books.iter().position(|(id, _)| *id == build) {
            let found = books.remove(place);
            let book = found.1.clone();
            books.push(found);
            return Ok(Some(book));
        }
        let Some(cursor) = LogCursor::open(folder, build, 0)? else {
            return Ok(None);
        };
        let text = create_nameless(&folder.join(format!("{build}.book")))?;
        let book = Arc::new(RwLock::new(LogBook::new(cursor, text)));
        let is_free = |(_, book): &(BuildId, Shelved)| Arc::strong_count(book) == 1;
        let mut many =
            (books.iter().filter(|kept| is_free(kept)).count() + 1).saturating_sub(MOST_BOOKS);
        books.retain(|kept| {
            let goes = many > 0 && is_free(kept);
            many -= usize::from(goes);
            !goes
        });
        books.push((build, book.clone()));
        Ok(Some(book))
    }
}

/// A file that has no name any more: what was written of a private log is gone with the process.
fn create_nameless(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    fs::remove_file(path)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::super::{
        cursor::open_path, keep::compress_log, live::LiveLogs, record::LogEntry, writer::LogWriter,
    };
    use super::*;
    use wharf_model::Timestamp;

    #[test]
    fn a_book_that_could_not_be_written_leaves_the_shelf() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let (shelf, build) = (LogShelf::default(), BuildId::new());
        let path = open_path(folder, build);
        let mut log = LogWriter::open(&path, 1 << 20, LiveLogs::default().start(build)).unwrap();
        let mut write = |text: &str| {
            let text = text.to_owned();
            log.write(Timestamp::from_seconds(1), LogEntry::Notice { text })
                .unwrap();
        };
        write("first");
        let cursor = LogCursor::open(folder, build, 0).unwrap().unwrap();
        // Opened for reading only, as a disk without room.
        let book = LogBook::new(cursor, File::open(&path).unwrap());
        let book = Arc::new(RwLock::new(book));
        shelf.0.lock().push((build, book));
        let read = || shelf.read(folder, build, false, |book| book.read_lines(None, 1, 9));
        assert!(read().is_err());
        write("second");
        let (lines, _) = read().unwrap().unwrap();
        let lines: Vec<_> = lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(lines, ["first", "second"]);
    }

    #[test]
    fn a_book_is_kept_while_its_log_grows_and_is_compressed_and_the_oldest_gives_way() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let shelf = LogShelf::default();
        let count = |build, over| {
            let read = shelf.read(folder, build, over, |book| Ok(book.count_lines()));
            read.unwrap().map(|(lines, _)| lines)
        };
        let write = |build, text: &str| {
            let written = LiveLogs::default().start(build);
            let mut log = LogWriter::open(&open_path(folder, build), 1 << 20, written).unwrap();
            let text = text.to_owned();
            log.write(Timestamp::from_seconds(1), LogEntry::Notice { text })
                .unwrap();
        };
        let first = BuildId::new();
        assert_eq!(count(first, false), None);
        write(first, "one");
        assert_eq!(count(first, false), Some(1));
        write(first, "two");
        assert_eq!(count(first, false), Some(2));
        compress_log(folder, first).unwrap();
        assert_eq!(count(first, true), Some(2));
        for _ in 0..MOST_BOOKS {
            let build = BuildId::new();
            write(build, "another");
            assert_eq!(count(build, true), Some(1));
        }
        assert_eq!(shelf.0.lock().len(), MOST_BOOKS);
        assert_eq!(count(first, true), Some(2));
        let names = fs::read_dir(folder).unwrap();
        assert_eq!(names.count(), MOST_BOOKS + 1, "no book has a name");
    }

    #[test]
    fn a_book_that_somebody_holds_is_not_read_anew_however_many_others_are() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let shelf = LogShelf::default();
        let make = || {
            let build = BuildId::new();
            let written = LiveLogs::default().start(build);
            let mut log = LogWriter::open(&open_path(folder, build), 1 << 20, written).unwrap();
            let text = "one".to_owned();
            log.write(Timestamp::from_seconds(1), LogEntry::Notice { text })
                .unwrap();
            build
        };
        let count = |build| {
            let read = shelf.read(folder, build, true, |book| Ok(book.count_lines()));
            read.unwrap()
        };
        let first = make();
        let held = count(first).unwrap();
        for _ in 0..2 * MOST_BOOKS {
            assert_eq!(count(make()).unwrap().0, 1);
        }
        assert_eq!(shelf.0.lock().len(), MOST_BOOKS + 1);
        fs::remove_file(open_path(folder, first)).unwrap();
        assert_eq!(count(first).map(|(lines, _)| lines), Some(1), "not anew");
        drop(held);
        for _ in 0..MOST_BOOKS {
            count(make());
        }
        assert_eq!(shelf.0.lock().len(), MOST_BOOKS);
        assert!(count(first).is_none());
    }
}
