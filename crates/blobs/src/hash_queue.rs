//! Hashes an upload's bytes beside the task that receives them.
//!
//! Frames wait in a queue that a job on the blocking pool empties and then ends: an upload that is slow or silent holds
//! no thread. The queue is bounded in bytes; [`HashQueue::wait_for_room`] is the back pressure. One producer, which is
//! [`crate::Upload`]; every method but the job itself runs on its task.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::hasher::Hasher;

/// About eight frames of a fast connection. Smaller, and receiving waits for hashing at every hiccup; larger, and many
/// uploads at once pin memory without going faster.
const QUEUE_BYTES: usize = 2 * 1024 * 1024;

/// Waking a thread costs about as much as hashing 8 KiB. Below this the frames wait for company; it is also the most
/// that a stalled upload keeps in memory.
const JOB_BYTES: usize = 64 * 1024;

pub(crate) struct HashQueue(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    /// Signalled when room has appeared and when the job has ended.
    progress: Notify,
}

struct State {
    /// `None` while a job has it.
    hasher: Option<Hasher>,
    frames: VecDeque<Bytes>,
    /// Bytes in `frames` and in the frame being hashed.
    queued: usize,
}

impl HashQueue {
    pub(crate) fn new(hasher: Hasher) -> Self {
        Self(Arc::new(Shared {
            state: Mutex::new(State {
                hasher: Some(hasher),
                frames: VecDeque::new(),
                queued: 0,
            }),
            progress: Notify::new(),
        }))
    }

    /// Returns when a frame of this length fits. Room does not vanish again: there is one producer.
    pub(crate) async fn wait_for_room(&self, length: usize) {
        loop {
            {
                let state = self.0.state.lock();
                // A frame larger than the queue goes in alone.
                if state.queued == 0 || state.queued + length <= QUEUE_BYTES {
                    return;
                }
            }
            self.0.progress.notified().await;
        }
    }

    /// Hashes the frame here and now if nothing waits before it, else queues it.
    pub(crate) fn push_small(&self, frame: Bytes) {
        let mut state = self.0.state.lock();
        if let (true, Some(hasher)) = (state.queued == 0, state.hasher.as_mut()) {
            hasher.update(&frame);
            return;
        }
        drop(state);
        self.push(frame);
    }

    /// Queues the frame and sees to it that a job will hash it. Must run inside a runtime.
    pub(crate) fn push(&self, frame: Bytes) {
        let mut state = self.0.state.lock();
        state.queued += frame.len();
        state.frames.push_back(frame);
        if state.queued < JOB_BYTES {
            return;
        }
        if let Some(hasher) = state.hasher.take() {
            drop(state);
            let shared = Arc::clone(&self.0);
            tokio::task::spawn_blocking(move || shared.drain(hasher));
        }
    }

    /// Waits until everything pushed is hashed, then shows the hasher.
    pub(crate) async fn settle<T>(&self, look: impl FnOnce(&mut Hasher) -> T) -> T {
        loop {
            {
                let mut state = self.0.state.lock();
                let State {
                    hasher,
                    frames,
                    queued,
                } = &mut *state;
                if let Some(hasher) = hasher {
                    // Less than JOB_BYTES, or a job would have been started.
                    for frame in frames.drain(..) {
                        hasher.update(&frame);
                    }
                    *queued = 0;
                    return look(hasher);
                }
            }
            self.0.progress.notified().await;
        }
    }
}

impl Shared {
    fn drain(&self, mut hasher: Hasher) {
        let mut done = 0;
        loop {
            let mut state = self.state.lock();
            state.queued -= done;
            let Some(frame) = state.frames.pop_front() else {
                state.hasher = Some(hasher);
                drop(state);
                self.progress.notify_one();
                return;
            };
            // Waking the producer at every frame would make the two take turns.
            let has_room = done > 0 && state.queued <= QUEUE_BYTES / 2;
            drop(state);
            if has_room {
                self.progress.notify_one();
            }
            hasher.update(&frame);
            done = frame.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use wharf_oci::Algorithm;

    use super::*;

    fn hash(bytes: &[u8]) -> Vec<u8> {
        let mut hasher = Hasher::new(Algorithm::Sha256);
        hasher.update(bytes);
        hasher.save()
    }

    #[tokio::test]
    async fn frames_are_hashed_in_order_whatever_their_size() {
        let queue = HashQueue::new(Hasher::new(Algorithm::Sha256));
        let mut all = Vec::new();
        for n in 0..200_usize {
            let frame = Bytes::from(vec![n as u8; [1, 700, 65_536, 300_000][n % 4]]);
            all.extend_from_slice(&frame);
            queue.wait_for_room(frame.len()).await;
            if n % 3 == 0 {
                queue.push_small(frame);
            } else {
                queue.push(frame);
            }
        }
        assert_eq!(queue.settle(|hasher| hasher.save()).await, hash(&all));
    }

    #[tokio::test]
    async fn a_frame_larger_than_the_queue_goes_through() {
        let queue = HashQueue::new(Hasher::new(Algorithm::Sha256));
        let frame = Bytes::from(vec![7; QUEUE_BYTES * 2]);
        for _ in 0..3 {
            queue.wait_for_room(frame.len()).await;
            queue.push(frame.clone());
        }
        let all = frame.repeat(3);
        assert_eq!(queue.settle(|hasher| hasher.save()).await, hash(&all));
    }

    #[tokio::test]
    async fn an_idle_upload_holds_no_thread_and_little_memory() {
        let queue = HashQueue::new(Hasher::new(Algorithm::Sha256));
        queue.push(Bytes::from(vec![1; JOB_BYTES]));
        queue.settle(|_| ()).await;
        queue.push(Bytes::from_static(b"a little more"));
        let state = queue.0.state.lock();
        assert!(state.hasher.is_some(), "no job has the hasher");
        assert!(state.queued < JOB_BYTES);
    }
}
