//! Small files and sockets in memory, each mounted by itself.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;

use rustix::fs::{AtFlags, CWD, Gid, Mode, OFlags, Uid};
use rustix::mount::OpenTreeFlags;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};

use crate::failure::{AttemptTo, Setup};

/// Who owns a file inside, and who may touch it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owner {
    pub(super) mode: u32,
    pub(super) uid: u32,
    pub(super) gid: u32,
}

/// What everybody may read and only root write.
pub(super) const PUBLIC: Owner = Owner {
    mode: 0o644,
    uid: 0,
    gid: 0,
};

/// Hands out names in the staging folder's `f/`.
#[derive(Default)]
pub(super) struct SmallFiles {
    count: usize,
}

impl SmallFiles {
    fn next_name(&mut self) -> String {
        self.count += 1;
        format!("/f/{}", self.count)
    }

    /// A mount of one new file.
    pub(super) fn make_file(&mut self, content: &mut dyn io::Read, owner: Owner) -> Setup<OwnedFd> {
        let name = self.next_name();
        let mut make = || -> io::Result<OwnedFd> {
            // Nobody else is in here; the mode is set last, exactly, whatever the umask.
            let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC;
            let file = rustix::fs::open(&name, flags, Mode::from_raw_mode(0o600))?;
            let mut file = File::from(file);
            io::copy(content, &mut file)?;
            give(&name, owner)?;
            take_mount(&name)
        };
        make().attempt_to("make a file in memory")
    }

    /// A mount of one new listening socket, and the socket.
    pub(super) fn make_socket(&mut self, owner: Owner) -> Setup<(OwnedFd, OwnedFd)> {
        let name = self.next_name();
        let make = || -> io::Result<(OwnedFd, OwnedFd)> {
            let socket = rustix::net::socket_with(
                AddressFamily::UNIX,
                SocketType::STREAM,
                SocketFlags::CLOEXEC,
                None,
            )?;
            rustix::net::bind(&socket, &SocketAddrUnix::new(&name)?)?;
            rustix::net::listen(&socket, 16)?;
            give(&name, owner)?;
            Ok((take_mount(&name)?, socket))
        };
        make().attempt_to("make a socket in memory")
    }
}

fn give(name: &str, owner: Owner) -> io::Result<()> {
    let (uid, gid) = (Uid::from_raw(owner.uid), Gid::from_raw(owner.gid));
    rustix::fs::chownat(CWD, name, Some(uid), Some(gid), AtFlags::empty())?;
    Ok(rustix::fs::chmod(name, Mode::from_raw_mode(owner.mode))?)
}

fn take_mount(name: &str) -> io::Result<OwnedFd> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
    Ok(rustix::mount::open_tree(CWD, name, flags)?)
}
