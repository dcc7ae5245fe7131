//! The output of a server, kept in memory and searchable while it grows.

use std::{
    io::{BufRead, BufReader, Read},
    sync::{Arc, Condvar, Mutex, MutexGuard},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// How much of a log a failing test shows.
const TAIL_LINES: usize = 60;

/// Longer than any line takes that a healthy server is about to write.
const LINE_TIMEOUT: Duration = Duration::from_secs(10);

/// Everything that one or more runs wrote to stdout and stderr. Cloning shares it.
#[derive(Clone, Default)]
pub(crate) struct Log {
    inner: Arc<(Mutex<String>, Condvar)>,
}

impl Log {
    /// Keeps reading `stream` until it ends, which the answered thread's end tells; `on_line` sees every line first.
    pub(crate) fn follow(
        &self,
        stream: impl Read + Send + 'static,
        mut on_line: impl FnMut(&str) + Send + 'static,
    ) -> JoinHandle<()> {
        let log = self.clone();
        thread::spawn(move || {
            let mut reader = BufReader::new(stream);
            let mut line = Vec::new();
            // Bytes, not text: what a hostile client makes the server log need not be UTF-8.
            while reader
                .read_until(b'\n', &mut line)
                .is_ok_and(|read| read > 0)
            {
                let text = String::from_utf8_lossy(&line);
                on_line(text.trim_end());
                log.lock().push_str(&text);
                log.inner.1.notify_all();
                line.clear();
            }
        })
    }

    /// All of it.
    pub(crate) fn text(&self) -> String {
        self.lock().clone()
    }

    /// The last lines, under a heading.
    pub(crate) fn tail(&self) -> String {
        let text = self.lock();
        let lines: Vec<&str> = text.lines().collect();
        let first = lines.len().saturating_sub(TAIL_LINES);
        format!(
            "--- end of the server's log ---\n{}",
            lines[first..].join("\n")
        )
    }

    /// Waits until some output holds `text`.
    pub(crate) fn wait_for(&self, text: &str) {
        let deadline = Instant::now() + LINE_TIMEOUT;
        let mut log = self.lock();
        while !log.contains(text) {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero(),
                "`{text}` never appeared in the log:\n{}",
                *log
            );
            log = self
                .inner
                .1
                .wait_timeout(log, left)
                .unwrap_or_else(|poisoned| poisoned.into_inner())
                .0;
        }
    }

    fn lock(&self) -> MutexGuard<'_, String> {
        self.inner
            .0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}
