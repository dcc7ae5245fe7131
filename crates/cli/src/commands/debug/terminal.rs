//! A person's terminal tied to a pseudo terminal (pty(7)): keys in, output out, the size kept the same.
//!
//! The person's terminal is raw meanwhile, so that Ctrl-C and the like go to the shell, and as before when this is dropped.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::thread::JoinHandle;

use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr, tcsetwinsize};

/// Both sides of a new pseudo terminal, of the size of the person's.
pub(super) struct Pair {
    pub(super) outer: File,
    pub(super) inner: OwnedFd,
}

/// The person's terminal while it is raw.
pub(super) struct Raw {
    before: Termios,
}

impl Pair {
    pub(super) fn open() -> io::Result<Self> {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let outer = openpt(flags)?;
        grantpt(&outer)?;
        unlockpt(&outer)?;
        // By descriptor and not by name: a name means something else where /dev/pts is another one.
        let inner = ioctl_tiocgptpeer(&outer, flags)?;
        copy_size(&outer);
        Ok(Pair {
            outer: outer.into(),
            inner,
        })
    }
}

/// Tells the shell how large the person's window is. A terminal that does not tell its size leaves the other's.
pub(super) fn copy_size(outer: impl AsFd) {
    if let Ok(size) = tcgetwinsize(io::stdin()) {
        let _ = tcsetwinsize(outer, size);
    }
}

impl Raw {
    pub(super) fn enter() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(io::stdin(), OptionalActions::Flush, &raw)?;
        Ok(Raw { before })
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // A terminal that is gone needs no mode.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.before);
    }
}

/// Copies keys to the shell until either side is gone. The thread waits for a key even after the shell's end, so nobody
/// waits for it.
pub(super) fn forward_keys(mut outer: File) {
    std::thread::spawn(move || {
        let mut keys = [0; 4096];
        let mut stdin = io::stdin().lock();
        while let Ok(count @ 1..) = stdin.read(&mut keys) {
            if outer.write_all(&keys[..count]).is_err() {
                break;
            }
        }
    });
}

/// Copies output until its end, which for a pseudo terminal is the error EIO.
pub(super) fn forward_output(
    mut from: impl Read + Send + 'static,
    mut to: impl Write + Send + 'static,
) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let mut bytes = [0; 16 << 10];
        while let Ok(count @ 1..) = from.read(&mut bytes) {
            // A reader that has gone away is not the command's affair.
            if to
                .write_all(&bytes[..count])
                .and_then(|()| to.flush())
                .is_err()
            {
                break;
            }
        }
    })
}
