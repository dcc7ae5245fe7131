//! The log that a stream tells: lines behind the last that was told, and sections as they change.

use super::{
    follow::Stream,
    news::{News, Told},
};
use crate::{
    Error,
    builds::{HeldBook, LogIndex, LogSection, SectionState, read_index, settle},
    places::{Asker, Place},
};
use tokio::sync::watch;
use wharf_db::builds;
use wharf_model::BuildId;

/// Most lines of one message.
const MOST_LINES: usize = 500;

/// A log that is followed.
pub(super) struct FollowedLog {
    pub(super) build: BuildId,
    pub(super) line: u32,
    pub(super) written: Option<watch::Receiver<u64>>,
    /// Its book, so that others' reading does not have it read anew, and the place for that.
    pub(super) held: Option<(HeldBook, Place)>,
    pub(super) sections: Vec<(usize, SectionState, bool)>,
    pub(super) over: bool,
}

impl Stream {
    pub(super) async fn find_lines(
        &mut self,
        place: usize,
        told: &mut Vec<Told>,
    ) -> Result<(), Error> {
        let topic = self.topics[place].topic.clone();
        let Some(log) = &mut self.topics[place].log else {
            return Ok(());
        };
        // Before the look at the state: more may be written while nobody listens yet.
        if log.written.is_none() {
            log.written = self.app.builds.logs.listen(log.build);
        }
        let (id, from) = (log.build, log.line as usize + 1);
        let found = self.app.db.look_up(move |tx| builds::find_build(tx, id));
        let build = found.await.map_err(Error::from)?.ok_or(Error::NotFound)?;
        let asker = Asker::Look(&self.place);
        let read = self.app.read_held_book(asker, &build, move |book| {
            let lines = book.read_lines(None, from, from + MOST_LINES - 1)?;
            Ok((read_index(book), lines))
        });
        let read = match read.await {
            // Other streams of the same holder have their turn; the next look asks again.
            Err(Error::Crowded) => return Ok(()),
            read => read?,
        };
        let Some((((mut sections, count, full), lines), book)) = read else {
            log.over = build.state.is_over();
            if log.over {
                told.push(Told {
                    topic: topic.to_string(),
                    news: News::LogEnd(build.state),
                });
            }
            return Ok(());
        };
        let topic = topic.to_string();
        if log.held.is_none() {
            let place = self.app.builds.hold_beside(&self.place);
            log.held = place.map(|place| (book, place));
        }
        log.line += lines.len() as u32;
        let is_whole = log.line as usize >= count;
        settle(&mut sections, &build);
        let shape = read_shape(&sections);
        if shape != log.sections {
            log.sections = shape;
            let topic = topic.clone();
            let news = News::Sections(LogIndex::of(&build, sections, count, full));
            told.push(Told { topic, news });
        }
        if !lines.is_empty() {
            let topic = topic.clone();
            let news = News::Lines(lines);
            told.push(Told { topic, news });
        }
        if build.state.is_over() && is_whole {
            log.over = true;
            log.held = None;
            let news = News::LogEnd(build.state);
            told.push(Told { topic, news });
        }
        Ok(())
    }
}

/// What of sections is told at once when it changes; the number of their lines is not.
fn read_shape(sections: &[LogSection]) -> Vec<(usize, SectionState, bool)> {
    let sections = sections.iter();
    sections
        .map(|section| (section.number as usize, section.state, section.cached))
        .collect()
}
