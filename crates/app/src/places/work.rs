//! Heavy work on threads of its own: a few pieces at once, a bounded number that waits, and of that few by one holder.

use super::tally::{Bounds, Place, Tally};
use crate::{Context, Error};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Pieces that are worked on together. Each takes a processor for as long as it takes.
const AT_ONCE: usize = 2;

/// Of those, pieces of what is open. With as many as there are, whoever keeps much open has requests wait for all of it.
const OPEN_AT_ONCE: usize = 1;

/// Pieces of what one holder has open that are worked on or wait for their turn. With more, one who keeps much open is before
/// others again and again; with fewer, nothing of it would be read while a piece ends.
const OPEN: Bounds = Bounds {
    each: 2,
    robots: 2,
    network: 2,
    anonymous: 16,
    all: usize::MAX,
};

/// Pieces of requests that are worked on or wait. With more of one holder, whoever sends many keeps others waiting; with
/// fewer, a page that asks for a few things at once is refused.
const WAITING: Bounds = Bounds {
    each: 4,
    robots: 4,
    network: 4,
    anonymous: 16,
    all: 32,
};

/// For whom work is done.
#[derive(Clone, Copy)]
pub(crate) enum Asker<'a> {
    /// A request, which is refused rather than kept waiting behind many.
    Request(&'a Context),
    /// Something that is open and was counted when it was opened, with its place: it waits for its turn.
    Open(&'a Place),
    /// The same, where it is asked again soon: it is refused while its holder waits for enough.
    Look(&'a Place),
}

/// Places for one kind of heavy work.
pub(crate) struct WorkPlaces {
    waiting: Tally,
    open: Tally,
    busy: Arc<Semaphore>,
    busy_open: Arc<Semaphore>,
}

impl Default for WorkPlaces {
    fn default() -> Self {
        Self {
            waiting: Tally::new(WAITING),
            open: Tally::new(OPEN),
            busy: Arc::new(Semaphore::new(AT_ONCE)),
            busy_open: Arc::new(Semaphore::new(OPEN_AT_ONCE)),
        }
    }
}

impl WorkPlaces {
    /// Does `work`, which blocks, when it is its turn. Who stops waiting leaves nothing behind; work that began goes on to
    /// its end and keeps its place until then.
    ///
    /// # Errors
    /// [`Error::Crowded`] when the asker, or everybody together, has as much under way as is let in.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        asker: Asker<'_>,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let waiting = match asker {
            Asker::Request(context) => self.waiting.enter(context).ok_or(Error::Crowded)?,
            Asker::Open(own) => self.open.wait_beside(own).await,
            Asker::Look(own) => self.open.enter_beside(own).ok_or(Error::Crowded)?,
        };
        let open_turn = match asker {
            Asker::Request(_) => None,
            Asker::Open(_) | Asker::Look(_) => {
                let turn = self.busy_open.clone().acquire_owned().await;
                Some(turn.map_err(Error::internal)?)
            }
        };
        let turn = self.busy.clone().acquire_owned().await;
        let place = (waiting, open_turn, turn.map_err(Error::internal)?);
        let done = tokio::task::spawn_blocking(move || {
            let _place = place;
            work()
        });
        done.await.map_err(Error::internal)
    }
}

#[cfg(test)]
mod tests {
    use super::super::person;
    use super::*;
    use std::sync::mpsc;
    use std::time::Duration;

    #[tokio::test]
    async fn few_are_at_work_few_of_one_wait_and_who_left_is_not_worked_for() {
        let places = Arc::new(WorkPlaces::default());
        let (one, other) = (person(), person());
        let (begun, begins) = mpsc::channel();
        let mut gates = Vec::new();
        let mut start = |context: &Context| {
            let (open, gate) = mpsc::channel::<()>();
            gates.push(open);
            let (places, context, begun) = (places.clone(), context.clone(), begun.clone());
            tokio::spawn(async move {
                let work = move || {
                    begun.send(()).unwrap();
                    let _ = gate.recv();
                };
                places.run(Asker::Request(&context), work).await
            })
        };
        let mut under_way: Vec<_> = (0..4).map(|_| start(&one)).collect();
        while places.busy.available_permits() > 0 || places.waiting.enter(&one).is_some() {
            tokio::task::yield_now().await;
        }
        assert!(matches!(start(&one).await.unwrap(), Err(Error::Crowded)));
        let later = start(&other);
        for _ in 0..2 {
            let begins = begins.recv_timeout(Duration::from_secs(10));
            begins.unwrap();
        }
        assert!(begins.try_recv().is_err(), "two at once");
        // Both that wait leave: their places are free, and nothing of theirs is done.
        for left in under_way.drain(2..) {
            left.abort();
            let _ = left.await;
        }
        assert!(places.waiting.enter(&one).is_some());
        drop(gates);
        for done in under_way {
            done.await.unwrap().unwrap();
        }
        later.await.unwrap().unwrap();
        assert_eq!(begins.try_iter().count(), 1, "of the other");
    }

    #[tokio::test]
    async fn what_somebody_has_open_leaves_room_for_requests_and_for_what_others_have_open() {
        let places = Arc::new(WorkPlaces::default());
        let streams = Tally::new(WAITING);
        let own = Arc::new(streams.enter(&person()).unwrap());
        let (open, gate) = mpsc::channel::<()>();
        let (begun, begins) = mpsc::channel();
        let (first, beside) = (places.clone(), own.clone());
        let first = tokio::spawn(async move {
            let work = move || {
                begun.send(()).unwrap();
                let _ = gate.recv();
            };
            first.run(Asker::Open(&beside), work).await
        });
        while begins.try_recv().is_err() {
            tokio::task::yield_now().await;
        }
        let (second, beside) = (places.clone(), own.clone());
        let second = tokio::spawn(async move { second.run(Asker::Look(&beside), || ()).await });
        while places.open.enter_beside(&own).is_some() {
            tokio::task::yield_now().await;
        }
        let third = places.run(Asker::Look(&own), || ()).await;
        assert!(matches!(third, Err(Error::Crowded)));
        assert!(!second.is_finished(), "one at a time");
        let context = person();
        let request = places.run(Asker::Request(&context), || ());
        request.await.unwrap();
        let other = streams.enter(&person()).unwrap();
        assert!(places.open.enter_beside(&other).is_some());
        drop(open);
        first.await.unwrap().unwrap();
        second.await.unwrap().unwrap();
    }
}
