//! Passing bytes between a socket of a step and one of the host, while the step runs.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::thread::JoinHandle;

use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;
use rustix::net::{Shutdown, SocketFlags};

/// Bytes that are passed at once.
const BUFFER: usize = 16 * 1024;

/// Connections of one step to one socket at a time. Each costs two descriptors and a thread of the caller's process;
/// programs that resolve or sign use a handful.
const MAX_CONNECTIONS: usize = 32;

/// Makes the end of a step known to the threads that serve it.
#[derive(Debug, Clone)]
pub(crate) struct Stop {
    pipe: Arc<OwnedFd>,
}

impl Stop {
    /// A stop, and what keeps it from happening.
    pub(crate) fn pair() -> io::Result<(Self, OwnedFd)> {
        let (read, write) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
        let stop = Self {
            pipe: Arc::new(read),
        };
        Ok((stop, write))
    }

    /// Waits for one of these to have something. `None` after the stop.
    pub(crate) fn wait_for(&self, fds: &[BorrowedFd<'_>]) -> io::Result<Option<Vec<bool>>> {
        let mut polled: Vec<PollFd<'_>> = fds
            .iter()
            .map(|fd| PollFd::from_borrowed_fd(*fd, PollFlags::IN))
            .collect();
        polled.push(PollFd::new(&*self.pipe, PollFlags::IN));
        loop {
            match rustix::event::poll(&mut polled, None) {
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
                Ok(_) => break,
            }
        }
        let mut ready: Vec<bool> = polled.iter().map(|fd| !fd.revents().is_empty()).collect();
        let stopped = ready.pop().unwrap_or(true);
        Ok((!stopped).then_some(ready))
    }
}

/// Threads that serve a step. Dropping it, after the stop, waits for them.
#[derive(Debug)]
pub(crate) struct Relay {
    thread: Option<JoinHandle<()>>,
}

impl Relay {
    /// Runs something until the stop.
    pub(crate) fn run(name: &str, serve: impl FnOnce() + Send + 'static) -> io::Result<Self> {
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(serve)?;
        Ok(Self {
            thread: Some(thread),
        })
    }

    /// Accepts connections and connects each with a new one of the host.
    pub(crate) fn accept(
        name: &str,
        listener: OwnedFd,
        stop: Stop,
        connect: impl Fn() -> io::Result<OwnedFd> + Send + 'static,
    ) -> io::Result<Self> {
        // A connection may be gone between the news of it and its acceptance.
        rustix::fs::fcntl_setfl(&listener, rustix::fs::OFlags::NONBLOCK)?;
        Self::run(name, move || {
            let mut connections: Vec<Self> = Vec::new();
            while let Ok(Some(_)) = stop.wait_for(&[listener.as_fd()]) {
                let Ok(theirs) = rustix::net::accept_with(&listener, SocketFlags::CLOEXEC) else {
                    continue;
                };
                connections.retain(Self::is_running);
                if connections.len() >= MAX_CONNECTIONS {
                    continue;
                }
                // A step whose agent or name server is gone sees a closed connection.
                if let Ok(ours) = connect() {
                    let stop = stop.clone();
                    let pass = move || pass_bytes(&theirs, &ours, &stop);
                    connections.extend(Self::run("step connection", pass));
                }
            }
        })
    }

    fn is_running(&self) -> bool {
        self.thread
            .as_ref()
            .is_some_and(|thread| !thread.is_finished())
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        if let Some(thread) = self.thread.take() {
            // It panicked: the step lost its connection, nothing else.
            let _ = thread.join();
        }
    }
}

/// Passes bytes both ways until both sides are done or the step ends.
fn pass_bytes(one: &OwnedFd, other: &OwnedFd, stop: &Stop) {
    let mut directions = vec![(one, other), (other, one)];
    while !directions.is_empty() {
        let sources: Vec<_> = directions.iter().map(|(from, _)| from.as_fd()).collect();
        let Ok(Some(ready)) = stop.wait_for(&sources) else {
            return;
        };
        let mut ready = ready.into_iter();
        directions.retain(|(from, to)| !ready.next().unwrap_or(false) || pass_some(from, to));
    }
}

/// False when this direction has ended.
fn pass_some(from: &OwnedFd, to: &OwnedFd) -> bool {
    let mut buffer = [0; BUFFER];
    let length = match rustix::io::read(from, &mut buffer) {
        Ok(0) | Err(_) => {
            // The other side may be closed already.
            let _ = rustix::net::shutdown(to, Shutdown::Write);
            return false;
        }
        Ok(length) => length,
    };
    let mut rest = buffer.get(..length).unwrap_or_default();
    while !rest.is_empty() {
        match rustix::net::send(to, rest, rustix::net::SendFlags::NOSIGNAL) {
            Ok(sent) => rest = rest.get(sent..).unwrap_or_default(),
            Err(_) => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::os::unix::net::{UnixListener, UnixStream};

    #[test]
    fn bytes_pass_both_ways_and_the_stop_ends_open_connections() {
        let folder = tempfile::tempdir().unwrap();
        let (inside, outside) = (folder.path().join("in"), folder.path().join("out"));
        let agent = UnixListener::bind(&outside).unwrap();
        let (stop, keep) = Stop::pair().unwrap();
        let listener = UnixListener::bind(&inside).unwrap();
        let relay = Relay::accept("test", listener.into(), stop, move || {
            Ok(UnixStream::connect(&outside)?.into())
        })
        .unwrap();
        let mut client = UnixStream::connect(&inside).unwrap();
        client.write_all(b"question").unwrap();
        let (mut served, _) = agent.accept().unwrap();
        let mut buffer = [0; 8];
        served.read_exact(&mut buffer).unwrap();
        assert_eq!(&buffer, b"question");
        served.write_all(b"answer").unwrap();
        client.read_exact(&mut buffer[..6]).unwrap();
        assert_eq!(&buffer[..6], b"answer");
        drop(keep);
        drop(relay);
        assert_eq!(client.read(&mut buffer).unwrap(), 0);
    }
}
