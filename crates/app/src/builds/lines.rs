//! A build's log by its lines, for those who read it in a window: its sections, a range of lines, and where a word is.

use super::log::{HeldBook, LogBook, LogLine, LogSection, SectionState};
use crate::{App, Context, Error, places::Asker};
use std::io;
use wharf_db::builds::Build;
use wharf_model::builds::{BuildState, LogState};

/// Most lines of one answer. A window shows some hundred; more is a download.
const MOST_LINES: usize = 2000;

/// Longest word that is looked for, in bytes.
const MAX_TERM: usize = 200;

/// What there is of a log.
#[derive(Debug, Clone)]
pub struct LogIndex {
    /// How the build stands.
    pub state: BuildState,
    /// How many lines there are.
    pub lines: usize,
    /// Whether there are more than are counted.
    pub full: bool,
    /// Steps, and what was told between them, in the order in which they began.
    pub sections: Vec<LogSection>,
    /// The number of the section in which the build failed.
    pub failing: Option<u32>,
}

impl LogIndex {
    /// What there is of a build's log, whose sections were settled.
    pub(crate) fn of(build: &Build, sections: Vec<LogSection>, lines: usize, full: bool) -> Self {
        let failed = sections.iter();
        let failing = failed
            .filter(|section| section.state == SectionState::Failed)
            .min_by_key(|section| section.step.is_none())
            .map(|section| section.number);
        Self {
            state: build.state,
            lines,
            full,
            sections,
            failing,
        }
    }
}

/// A part of a log.
#[derive(Debug, Clone)]
pub struct LogLines {
    /// How many lines there are in the log, or in the section that was asked for.
    pub total: usize,
    /// Those that were asked for.
    pub lines: Vec<LogLine>,
}

/// Where a word is.
#[derive(Debug, Clone)]
pub struct LogHits {
    /// How many lines have it.
    pub total: usize,
    /// Number, section, and place in the section of those of this page.
    pub lines: Vec<(u32, u32, u32)>,
    /// What the next page begins after.
    pub next: Option<u32>,
}

impl App {
    /// The sections of a build's log, and how many lines it has.
    pub async fn index_build_log(
        &self,
        context: &Context,
        repository: &str,
        number: u64,
    ) -> Result<LogIndex, Error> {
        let build = self.find_readable(context, repository, number).await?;
        let asker = Asker::Request(context);
        let read = self.read_book(asker, &build, |book| Ok(read_index(book)));
        let (mut sections, lines, full) = read.await?.unwrap_or_default();
        settle(&mut sections, &build);
        Ok(LogIndex::of(&build, sections, lines, full))
    }

    /// Lines `from` to `to` of a build's log or of one of its sections, both counted from 1 and taken; at most 2,000.
    pub async fn read_log_lines(
        &self,
        context: &Context,
        repository: &str,
        number: u64,
        section: Option<u32>,
        (from, to): (usize, usize),
    ) -> Result<LogLines, Error> {
        if from == 0 {
            return Err(Error::invalid("from", "out_of_range"));
        }
        let build = self.find_readable(context, repository, number).await?;
        let to = to.min(from.saturating_add(MOST_LINES - 1));
        let read = self.read_book(Asker::Request(context), &build, move |book| {
            Ok(LogLines {
                total: count_of(book, section),
                lines: book.read_lines(section, from, to)?,
            })
        });
        let nothing = LogLines {
            total: 0,
            lines: Vec::new(),
        };
        Ok(read.await?.unwrap_or(nothing))
    }

    /// Which lines of a build's log contain `term`, in any case; at most `limit` of them, after line `after`.
    pub async fn search_log(
        &self,
        context: &Context,
        repository: &str,
        number: u64,
        term: String,
        (after, limit): (u32, usize),
    ) -> Result<LogHits, Error> {
        if term.is_empty() {
            return Err(Error::invalid("q", "empty"));
        }
        if term.len() > MAX_TERM {
            return Err(Error::invalid("q", "too_long"));
        }
        let build = self.find_readable(context, repository, number).await?;
        let read = self.read_book(Asker::Request(context), &build, move |book| {
            let found = book.search(&term)?;
            let mut later = found.iter().filter(|number| **number > after);
            let page: Vec<u32> = later.by_ref().take(limit).copied().collect();
            let next = page.last().copied().filter(|_| later.next().is_some());
            let places = page.iter().filter_map(|number| {
                let (section, position) = book.find_place(*number)?;
                Some((*number, section, position))
            });
            Ok(LogHits {
                total: found.len(),
                lines: places.collect(),
                next,
            })
        });
        let nothing = LogHits {
            total: 0,
            lines: Vec::new(),
            next: None,
        };
        Ok(read.await?.unwrap_or(nothing))
    }

    /// Works with the book of a build's log when it is the asker's turn; `None` when there is no log yet.
    async fn read_book<T: Send + 'static>(
        &self,
        asker: Asker<'_>,
        build: &Build,
        work: impl FnOnce(&LogBook) -> io::Result<T> + Send + 'static,
    ) -> Result<Option<T>, Error> {
        let read = self.read_held_book(asker, build, work).await?;
        Ok(read.map(|(done, _)| done))
    }

    /// The same, with the book, for whoever reads on and counts what it holds.
    pub(crate) async fn read_held_book<T: Send + 'static>(
        &self,
        asker: Asker<'_>,
        build: &Build,
        work: impl FnOnce(&LogBook) -> io::Result<T> + Send + 'static,
    ) -> Result<Option<(T, HeldBook)>, Error> {
        let (shelf, folder) = (self.builds.shelf.clone(), self.builds.folder.clone());
        let (id, over) = (build.id, build.state.is_over());
        let places = &self.builds.log_places;
        let read = places.run(asker, move || shelf.read(&folder, id, over, work));
        read.await?
            .map_err(|error| Error::Unavailable(error.into()))
    }

    /// Whether a build's log may still be read.
    pub(crate) fn has_log(build: &Build) -> bool {
        build.log != LogState::Expired
    }
}

fn count_of(book: &LogBook, section: Option<u32>) -> usize {
    match section {
        None => book.count_lines(),
        Some(number) => {
            let sections = book.list_sections();
            let found = sections.iter().find(|section| section.number == number);
            found.map_or(0, |section| section.lines)
        }
    }
}

pub(crate) fn read_index(book: &LogBook) -> (Vec<LogSection>, usize, bool) {
    (book.list_sections(), book.count_lines(), book.is_full())
}

/// What was going on when the build ended, ended with it.
pub(crate) fn settle(sections: &mut [LogSection], build: &Build) {
    if !build.state.is_over() {
        return;
    }
    let step_failed = sections
        .iter()
        .any(|section| section.state == SectionState::Failed);
    let last = sections.iter().rposition(|section| section.step.is_none());
    for (place, section) in sections.iter_mut().enumerate() {
        if section.state != SectionState::Running {
            continue;
        }
        section.ended_at = section.ended_at.or(build.ended_at);
        let is_last_phase = Some(place) == last;
        section.state = match build.state {
            BuildState::Succeeded => SectionState::Succeeded,
            BuildState::Failed if is_last_phase && !step_failed => SectionState::Failed,
            _ => SectionState::Stopped,
        };
    }
}
