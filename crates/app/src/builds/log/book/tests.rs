//! Tests of books.

use super::super::{live::LiveLogs, writer::LogWriter};
use super::*;
use std::{fs::OpenOptions, path::Path};
use wharf_model::BuildId;

fn writer(path: &Path) -> LogWriter {
    LogWriter::open(path, 1 << 30, LiveLogs::default().start(BuildId::new())).unwrap()
}

fn open_book(path: &Path) -> LogBook {
    let cursor = LogCursor::open_file(path, 0).unwrap().unwrap();
    LogBook::new(cursor, tempfile::tempfile().unwrap())
}

fn output(step: u32, text: &str) -> LogEntry {
    LogEntry::Output {
        step,
        stream: "stdout".into(),
        text: text.into(),
    }
}

fn step(step: u32, name: &str) -> LogEntry {
    let name = name.into();
    LogEntry::Step { step, name }
}

const AT: Timestamp = Timestamp::from_seconds(1);

#[test]
fn lines_of_steps_that_run_side_by_side_are_counted_when_they_end_and_stay_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.log");
    let mut log = writer(&path);
    let mut book = open_book(&path);
    for entry in [
        LogEntry::Attempt { attempt: 1 },
        LogEntry::Phase {
            phase: "building".into(),
        },
        step(1, "[1/2] RUN a"),
        step(2, "[2/2] RUN b"),
        output(1, "one begins"),
        output(2, "two\r\nthree\n"),
    ] {
        log.write(AT, entry).unwrap();
    }
    book.read_on().unwrap();
    let all = |book: &LogBook| -> Vec<(u32, u32, String)> {
        let lines = book.read_lines(None, 1, 99).unwrap().into_iter();
        lines
            .map(|line| (line.section, line.position, line.text))
            .collect()
    };
    assert_eq!(all(&book), [(3, 1, "two".into()), (3, 2, "three".into())]);
    for entry in [
        output(1, " and ends\nand more"),
        LogEntry::Cached { step: 2 },
        LogEntry::Done {
            step: 2,
            error: None,
        },
        LogEntry::Done {
            step: 1,
            error: Some("exit code 1".into()),
        },
    ] {
        log.write(AT, entry).unwrap();
    }
    book.read_on().unwrap();
    assert_eq!(
        all(&book)[2..],
        [
            (2, 1, "one begins and ends".into()),
            (2, 2, "and more".into()),
            (2, 3, "ERROR: exit code 1".into())
        ]
    );
    let sections = book.list_sections();
    let shown: Vec<_> = sections
        .iter()
        .map(|it| {
            (
                it.title.as_str(),
                it.state,
                it.cached,
                it.lines,
                it.last_line,
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("building", SectionState::Running, false, 0, None),
            ("[1/2] RUN a", SectionState::Failed, false, 3, Some(5)),
            ("[2/2] RUN b", SectionState::Succeeded, true, 2, Some(2)),
        ]
    );
    let own = book.read_lines(Some(2), 2, 3).unwrap();
    assert_eq!((own.len(), own[0].number, own[0].position), (2, 4, 2));
    assert!(book.read_lines(Some(9), 1, 3).unwrap().is_empty());
    assert_eq!(book.find_place(5), Some((2, 3)));
    assert_eq!(book.find_place(6), None);
    assert_eq!(book.find_place(0), None);
}

#[test]
fn a_book_that_reads_on_has_the_same_lines_as_one_that_begins_later() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.log");
    let mut log = writer(&path);
    log.write(AT, step(1, "RUN a")).unwrap();
    let mut early = open_book(&path);
    for number in 0..300 {
        log.write(AT, output(1, &format!("{number}ü\nrest of ")))
            .unwrap();
        early.read_on().unwrap();
    }
    let mut late = open_book(&path);
    late.read_on().unwrap();
    for book in [&mut early, &mut late] {
        book.close().unwrap();
    }
    let all = |book: &LogBook| book.read_lines(None, 1, 1000).unwrap();
    assert_eq!(all(&early), all(&late));
    assert_eq!(
        (early.count_lines(), all(&late)[300].text.as_str()),
        (301, "rest of ")
    );
    assert!(!early.is_full());
}

#[test]
fn words_are_found_in_what_a_person_sees() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.log");
    let mut log = writer(&path);
    log.write(AT, step(1, "RUN a")).unwrap();
    let text = "npm \u{1b}[31mER\u{1b}[0mR! code\nfine\nÄrger\n\u{1b}]8;;http://err\u{7}link\n";
    log.write(AT, output(1, text)).unwrap();
    let mut book = open_book(&path);
    book.read_on().unwrap();
    assert_eq!(book.search("err").unwrap(), [1]);
    assert_eq!(book.search("ärger").unwrap(), [3]);
    assert_eq!(book.search("LINK").unwrap(), [4]);
    assert_eq!(book.search("[31m").unwrap(), [0; 0]);
}

#[test]
fn a_line_without_end_is_cut_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.log");
    let mut log = writer(&path);
    log.write(AT, step(1, "RUN a")).unwrap();
    let long = "ü".repeat(3 * MAX_LINE / 2 + 1);
    log.write(AT, output(1, &long)).unwrap();
    let mut book = open_book(&path);
    book.read_on().unwrap();
    book.close().unwrap();
    let lines = book.read_lines(None, 1, 99).unwrap();
    assert!(lines.iter().all(|line| line.text.len() <= MAX_LINE) && lines.len() == 4);
    let joined: String = lines.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(joined, long);
}

#[test]
fn a_book_that_could_not_be_written_is_of_no_use_and_says_nothing_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.log");
    let text = folder.path().join("text");
    let mut log = writer(&path);
    log.write(AT, step(1, "RUN a")).unwrap();
    log.write(AT, output(1, "first\n")).unwrap();
    std::fs::write(&text, "").unwrap();
    let unwritable = OpenOptions::new().read(true).open(&text).unwrap();
    let cursor = LogCursor::open_file(&path, 0).unwrap().unwrap();
    let mut book = LogBook::new(cursor, unwritable);
    book.read_on().unwrap_err();
    // There is room again, and the log grew.
    book.text = OpenOptions::new()
        .read(true)
        .write(true)
        .open(&text)
        .unwrap();
    log.write(AT, output(1, "second\n")).unwrap();
    book.read_on().unwrap_err();
    book.close().unwrap_err();
    assert!(
        book.read_lines(None, 1, 9).is_err(),
        "no piece of another line"
    );
}

/// Not a bound of time, which machines differ in: a log of this length is read once and then answered from its book.
#[test]
fn two_hundred_thousand_lines_are_read_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.log");
    let mut log = writer(&path);
    log.write(AT, step(1, "RUN a")).unwrap();
    for block in 0..200 {
        let lines: String = (0..1000)
            .map(|line| {
                format!(
                    "{}: compiling something of some length\n",
                    block * 1000 + line
                )
            })
            .collect();
        log.write(AT, output(1, &lines)).unwrap();
    }
    let mut book = open_book(&path);
    book.read_on().unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(book.count_lines(), 200_000);
    let lines = book.read_lines(Some(1), 199_999, 200_010).unwrap();
    assert_eq!((lines.len(), lines[1].number), (2, 200_000));
    assert!(lines[1].text.starts_with("199999: "));
    assert_eq!(book.search("199999: comp").unwrap(), [200_000]);
    assert_eq!(book.search("compiling").unwrap().len(), 200_000);
}
