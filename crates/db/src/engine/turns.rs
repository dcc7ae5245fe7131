//! Whose turn it is at SQLite's one writer: what somebody waits for goes first, and background work goes in small pieces, each
//! once the one before it is paid for. Pure; called by the writer's thread.
//!
//! Before one group of the foreground goes at most one piece of the background.

use super::pace::{Debt, find_free};
use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// Who waits for a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// Somebody does.
    Foreground,
    /// Nobody does: it gives way.
    Background,
}

/// What is to be done next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// A group of those.
    Run(Turn),
    /// Nothing before that has passed, unless something comes; `None`: nothing at all.
    Wait(Option<Duration>),
}

/// What waits to be written.
pub(super) struct Turns<T> {
    foreground: VecDeque<T>,
    background: VecDeque<T>,
    /// Of the background.
    debt: Option<Debt>,
}

impl<T> Turns<T> {
    pub(super) fn new() -> Self {
        Self {
            foreground: VecDeque::new(),
            background: VecDeque::new(),
            debt: None,
        }
    }

    /// Puts something at the end.
    pub(super) fn add(&mut self, turn: Turn, item: T) {
        match turn {
            Turn::Foreground => self.foreground.push_back(item),
            Turn::Background => self.background.push_back(item),
        }
    }

    /// Whose turn it is, where others than the background wrote for the last time at `others_wrote`.
    pub(super) fn choose(&self, others_wrote: Option<Instant>, now: Instant) -> Next {
        let free = find_free(self.debt, others_wrote, now);
        match (self.background.is_empty(), self.foreground.is_empty(), free) {
            (false, _, None) => Next::Run(Turn::Background),
            (_, false, _) => Next::Run(Turn::Foreground),
            (false, true, Some(free)) => Next::Wait(Some(free.duration_since(now))),
            (true, true, _) => Next::Wait(None),
        }
    }

    /// The first ones, at most `limit`.
    pub(super) fn take(&mut self, turn: Turn, limit: usize) -> Vec<T> {
        let items = match turn {
            Turn::Foreground => &mut self.foreground,
            Turn::Background => &mut self.background,
        };
        items.drain(..items.len().min(limit)).collect()
    }

    /// A group was written; what it did not come to is first again.
    pub(super) fn end(&mut self, turn: Turn, left: Vec<T>, took: Duration, now: Instant) {
        let items = match turn {
            Turn::Foreground => &mut self.foreground,
            Turn::Background => &mut self.background,
        };
        for item in left.into_iter().rev() {
            items.push_front(item);
        }
        match turn {
            Turn::Background => self.debt = Some(Debt::new(took, now)),
            Turn::Foreground => {
                if let Some(debt) = &mut self.debt {
                    debt.note_others(took);
                }
            }
        }
    }

    /// All that is left, for the end of the process: nobody is to be given way to any more.
    pub(super) fn take_all(&mut self) -> Vec<T> {
        let mut all = std::mem::take(&mut self.foreground);
        all.append(&mut self.background);
        all.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOOK: Duration = Duration::from_millis(2);

    /// A writer each of whose groups takes as long as a piece of the background, on a clock of its own.
    struct Writer {
        turns: Turns<Turn>,
        now: Instant,
        done: Vec<Turn>,
    }

    impl Writer {
        /// A long line of background work.
        fn new() -> Self {
            let mut turns = Turns::new();
            (0..10_000).for_each(|_| turns.add(Turn::Background, Turn::Background));
            Self {
                turns,
                now: Instant::now(),
                done: Vec::new(),
            }
        }

        /// Does what is next, where others wrote just now, and waits for `pause` at most.
        fn step(&mut self, pause: Duration) {
            match self.turns.choose(Some(self.now), self.now) {
                Next::Run(turn) => {
                    self.done.extend(self.turns.take(turn, 1));
                    self.now += TOOK;
                    self.turns.end(turn, Vec::new(), TOOK, self.now);
                }
                Next::Wait(wait) => self.now += wait.unwrap().min(pause),
            }
        }

        /// The share of ten seconds that the background had, where others write one group after each pause.
        fn measure_share(&mut self, pause: Duration) -> f64 {
            let begun = self.now;
            let mut next = begun;
            while self.now - begun < Duration::from_secs(10) {
                if self.now >= next {
                    self.turns.add(Turn::Foreground, Turn::Foreground);
                    next = self.now + TOOK + pause;
                }
                self.step(next.saturating_duration_since(self.now));
            }
            let pieces = self.done.iter().filter(|one| **one == Turn::Background);
            TOOK.mul_f64(pieces.count() as f64).as_secs_f64() / 10.0
        }
    }

    #[test]
    fn nobody_waits_behind_more_than_one_piece_of_the_background() {
        let mut writer = Writer::new();
        writer.measure_share(Duration::ZERO);
        let two = [Turn::Background; 2];
        assert!(writer.done.windows(2).all(|pair| pair != two));
    }

    #[test]
    fn a_busy_writer_gives_the_background_a_twentieth_and_an_idle_one_more() {
        let busy = Writer::new().measure_share(Duration::ZERO);
        assert!((0.04..0.05).contains(&busy), "{busy}");
        let half_idle = Writer::new().measure_share(TOOK);
        assert!((0.07..0.12).contains(&half_idle), "{half_idle}");
        let idle = Writer::new().measure_share(TOOK * 20);
        assert!((0.13..0.18).contains(&idle), "{idle}");
    }

    #[test]
    fn the_background_goes_at_once_where_nobody_writes() {
        let mut turns = Turns::new();
        let now = Instant::now();
        assert_eq!(turns.choose(None, now), Next::Wait(None));
        turns.add(Turn::Background, 1);
        turns.add(Turn::Background, 2);
        assert_eq!(turns.choose(Some(now), now), Next::Run(Turn::Background));
        let taken = turns.take(Turn::Background, 64);
        assert_eq!(taken, [1, 2]);
        turns.end(Turn::Background, vec![2], TOOK, now);
        assert_eq!(turns.choose(None, now), Next::Run(Turn::Background));
        let waits = turns.choose(Some(now), now);
        assert!(matches!(waits, Next::Wait(Some(_))), "others write");
        turns.add(Turn::Foreground, 3);
        let next = turns.choose(Some(now), now);
        assert_eq!(next, Next::Run(Turn::Foreground));
        assert_eq!(turns.take(Turn::Background, 64), [2]);
    }

    #[test]
    fn at_the_end_everything_goes_and_what_somebody_waits_for_first() {
        let mut turns = Turns::new();
        turns.add(Turn::Background, 1);
        turns.add(Turn::Foreground, 2);
        assert_eq!(turns.take_all(), [2, 1]);
        assert_eq!(turns.choose(None, Instant::now()), Next::Wait(None));
    }
}
