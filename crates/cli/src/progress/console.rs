//! The thread that owns the terminal: takes events from the build's threads, draws, and keeps the clock.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use jiff::Timestamp;
use wharf_builder::progress::{Event, Progress};

use super::look::Size;
use super::renderer::Renderer;

/// Time between frames. Less flickers and costs CPU time that the build wants; more looks stuck.
const FRAME: Duration = Duration::from_millis(100);

enum Message {
    Event(Event),
    Say(String),
    End,
}

/// A running display of progress.
pub(crate) struct Console {
    sender: Sender<Message>,
    thread: JoinHandle<Renderer>,
}

/// What the display is connected to.
pub(crate) struct Connections {
    /// Where text goes. When writing fails, the build goes on unseen.
    pub(crate) output: Box<dyn Write + Send>,
    pub(crate) clock: fn() -> Timestamp,
    pub(crate) measure: fn() -> Size,
}

/// Hands events to the display. Clones and threads are fine.
struct EventSender(Sender<Message>);

impl Progress for EventSender {
    /// Never waits. Events after the end go nowhere.
    fn emit(&self, event: Event) {
        let _ = self.0.send(Message::Event(event));
    }
}

impl Console {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system's, when it gives no thread.
    pub(crate) fn start(renderer: Renderer, connections: Connections) -> io::Result<Self> {
        let (sender, receiver) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("progress".to_owned())
            .spawn(move || draw(renderer, connections, &receiver))?;
        Ok(Console { sender, thread })
    }

    /// What the build reports to.
    pub(crate) fn progress(&self) -> Arc<dyn Progress> {
        Arc::new(EventSender(self.sender.clone()))
    }

    /// Something that can be said while the build runs.
    pub(crate) fn speaker(&self) -> impl Fn(String) + Send + use<> {
        let sender = self.sender.clone();
        move |sentence| {
            let _ = sender.send(Message::Say(sentence));
        }
    }

    /// Draws the end and gives back what was learned.
    ///
    /// # Errors
    /// When the thread panicked.
    pub(crate) fn finish(self) -> io::Result<Renderer> {
        let _ = self.sender.send(Message::End);
        self.thread
            .join()
            .map_err(|_| io::Error::other("the display of progress panicked"))
    }
}

fn draw(
    mut renderer: Renderer,
    mut connections: Connections,
    receiver: &Receiver<Message>,
) -> Renderer {
    let mut next_frame = (connections.clock)();
    loop {
        let now = (connections.clock)();
        let wait = match next_frame.duration_since(now).try_into() {
            Ok(wait) => Duration::min(wait, FRAME),
            // It is over, or the clock was set.
            Err(_) => Duration::ZERO,
        };
        let mut text = match receiver.recv_timeout(wait) {
            Ok(Message::Event(event)) => renderer.apply(&event),
            Ok(Message::Say(sentence)) => renderer.say(&sentence),
            Err(RecvTimeoutError::Timeout) => String::new(),
            Ok(Message::End) | Err(RecvTimeoutError::Disconnected) => {
                let text = renderer.finish((connections.clock)(), (connections.measure)());
                write(&mut *connections.output, &text);
                return renderer;
            }
        };
        let now = (connections.clock)();
        if now >= next_frame || next_frame.duration_since(now).unsigned_abs() > FRAME {
            text += &renderer.tick(now, (connections.measure)());
            next_frame = now.saturating_add(FRAME).unwrap_or(now);
        }
        write(&mut *connections.output, &text);
    }
}

fn write(output: &mut dyn Write, text: &str) {
    if !text.is_empty() {
        // A reader that went away must not end the build.
        let _ = output.write_all(text.as_bytes());
        let _ = output.flush();
    }
}

#[cfg(test)]
mod tests {
    use super::super::renderer::samples::{done, log, started};
    use super::super::{Look, Mode};
    use super::*;

    #[derive(Clone, Default)]
    struct Shared(Arc<std::sync::Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("no panic").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    struct Gone;

    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }

    fn start(mode: Mode, output: Box<dyn Write + Send>) -> Console {
        let connections = Connections {
            output,
            clock: Timestamp::now,
            measure: Size::default,
        };
        Console::start(Renderer::new(mode, Look::BARE), connections).expect("a thread")
    }

    #[test]
    fn everything_that_was_emitted_is_written_before_the_end() {
        let output = Shared::default();
        let console = start(Mode::Plain, Box::new(output.clone()));
        let progress = console.progress();
        progress.emit(started(1, "one", 0));
        (console.speaker())("a sentence".to_owned());
        for line in 0..1000 {
            progress.emit(log(1, &format!("line {line}\n"), 1));
        }
        progress.emit(done(1, 2, Some("no")));
        let renderer = console.finish().expect("no panic");
        let text = String::from_utf8(output.0.lock().expect("no panic").clone()).expect("text");
        assert!(text.contains("#1 1.000 line 999\n#1 ERROR: no\n"), "{text}");
        assert!(text.contains("a sentence\n"), "{text}");
        assert!(renderer.find_failed(None).is_some());
    }

    #[test]
    fn an_output_that_went_away_does_not_matter() {
        let console = start(Mode::Tty, Box::new(Gone));
        console.progress().emit(started(1, "one", 0));
        assert!(console.finish().is_ok());
    }
}
