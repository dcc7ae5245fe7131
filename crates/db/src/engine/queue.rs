//! A queue from async callers to database threads.
//!
//! Waiting threads sleep at once. The channels of the usual libraries first spin and yield for some microseconds,
//! which pays between busy threads; here most threads wait most of the time, and on two cores the spinning was a third
//! of a short read's cost.

use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

struct Shared<T> {
    state: Mutex<State<T>>,
    ready: Condvar,
}

struct State<T> {
    items: VecDeque<T>,
    closed: bool,
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // Nothing that can panic runs under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The callers' end; when the last clone is dropped the queue is closed.
pub(super) struct Sender<T>(Arc<Closer<T>>);

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

struct Closer<T>(Arc<Shared<T>>);

impl<T> Drop for Closer<T> {
    fn drop(&mut self) {
        self.0.lock().closed = true;
        self.0.ready.notify_all();
    }
}

/// A thread's end.
pub(super) struct Receiver<T>(Arc<Shared<T>>);

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

pub(super) fn make_queue<T>() -> (Sender<T>, Receiver<T>) {
    let shared = Arc::new(Shared {
        state: Mutex::new(State {
            items: VecDeque::new(),
            closed: false,
        }),
        ready: Condvar::new(),
    });
    (Sender(Arc::new(Closer(shared.clone()))), Receiver(shared))
}

impl<T> Sender<T> {
    /// Puts an item at the end and wakes one thread.
    pub(super) fn send(&self, item: T) {
        self.0.0.lock().items.push_back(item);
        self.0.0.ready.notify_one();
    }
}

impl<T> Receiver<T> {
    /// The first item, waiting for it; `None` when the queue is closed and empty.
    pub(super) fn receive(&self) -> Option<T> {
        let mut state = self.0.lock();
        loop {
            if let Some(item) = state.items.pop_front() {
                return Some(item);
            }
            if state.closed {
                return None;
            }
            state = self
                .0
                .ready
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// All items that are there, waiting for the first for at most `wait` (`None`: for ever), so that it may be none; `None`
    /// when the queue is closed and empty.
    pub(super) fn receive_all(&self, wait: Option<Duration>) -> Option<VecDeque<T>> {
        let mut state = self.0.lock();
        let until = wait.map(|wait| Instant::now() + wait);
        loop {
            if !state.items.is_empty() {
                return Some(std::mem::take(&mut state.items));
            }
            if state.closed {
                return None;
            }
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            state = match left {
                Some(Duration::ZERO) => return Some(VecDeque::new()),
                Some(left) => {
                    let waited = self.0.ready.wait_timeout(state, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                None => {
                    let waited = self.0.ready.wait(state);
                    waited.unwrap_or_else(PoisonError::into_inner)
                }
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_arrive_in_order_and_the_end_is_told_to_every_thread() {
        let (sender, receiver) = make_queue();
        let other = receiver.clone();
        let thread = std::thread::spawn(move || {
            let mut seen = Vec::new();
            while let Some(items) = other.receive_all(None) {
                seen.extend(items);
            }
            seen
        });
        (0..100).for_each(|number| sender.send(number));
        drop(sender);
        let seen = thread.join().unwrap();
        assert!(seen.is_sorted() && seen.len() == 100);
        assert_eq!(receiver.receive(), None);
    }

    #[test]
    fn who_waits_for_a_while_hears_that_nothing_came() {
        let (sender, receiver) = make_queue();
        let nothing = receiver.receive_all(Some(Duration::from_millis(1)));
        assert_eq!(nothing, Some(VecDeque::new()));
        sender.send(1);
        drop(sender);
        assert_eq!(receiver.receive_all(Some(Duration::ZERO)).unwrap(), [1]);
        assert_eq!(receiver.receive_all(Some(Duration::ZERO)), None);
    }
}
