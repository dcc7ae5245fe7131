//! Keeping the step from writing wharf's own program file (CVE-2019-5736).
//!
//! A step can make the kernel run `/proc/self/exe`, which is the helper's program until the step's own is running. Where
//! the file's owner is root outside of the step's user namespace, nothing inside can write it. A plain user's wharf may
//! belong to that user, who is root inside: there the helper runs from a read-only mount of the file.

use std::ffi::CString;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use rustix::mount::OpenTreeFlags;

use super::{INNER_STAGE, WORD};
use crate::channel::Channel;
use crate::failure::{AttemptTo, Setup};
use crate::{kernel, memory_file};

/// Starts this program again, from a file that cannot be written, in the same process. Returns only with a failure.
pub(crate) fn protect_program(channel: &Channel) -> Setup<std::convert::Infallible> {
    let program = match open_read_only() {
        Ok(program) => program,
        // The file was replaced since the start: there is no path to mount.
        Err(_) => copy_program().attempt_to("copy wharf's own program")?,
    };
    let arguments = [c"wharf".to_owned(), text(WORD), text(INNER_STAGE)];
    let pointers: Vec<_> = arguments
        .iter()
        .map(|argument| argument.as_ptr())
        .chain([std::ptr::null()])
        .collect();
    hand_over(channel).attempt_to("hand over the helper's socket")?;
    // SAFETY: both arrays end with a null pointer and their strings outlive the call.
    unsafe {
        libc::execveat(
            program.as_raw_fd(),
            c"".as_ptr(),
            pointers.as_ptr().cast(),
            [std::ptr::null_mut()].as_ptr(),
            libc::AT_EMPTY_PATH,
        );
    }
    Err(io::Error::last_os_error()).attempt_to("run wharf's own program from a read-only mount")
}

fn text(word: &str) -> CString {
    CString::new(word).unwrap_or_default()
}

fn open_read_only() -> io::Result<OwnedFd> {
    let path = std::fs::read_link("/proc/self/exe")?;
    let mount = rustix::mount::open_tree(
        rustix::fs::CWD,
        &path,
        OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC,
    )?;
    let (cloned, own) = (
        rustix::fs::fstat(&mount)?,
        rustix::fs::stat("/proc/self/exe")?,
    );
    if (cloned.st_dev, cloned.st_ino) != (own.st_dev, own.st_ino) {
        return Err(io::Error::from_raw_os_error(libc::ENOENT));
    }
    kernel::restrict_mount(&mount, libc::MOUNT_ATTR_RDONLY)?;
    Ok(mount)
}

fn copy_program() -> io::Result<OwnedFd> {
    let mut copy = memory_file::create()?;
    io::copy(&mut File::open("/proc/self/exe")?, &mut copy)?;
    memory_file::seal(&copy)?;
    Ok(copy.into())
}

/// The socket becomes standard input, as at the first start.
fn hand_over(channel: &Channel) -> io::Result<()> {
    rustix::stdio::dup2_stdin(channel.as_fd())?;
    Ok(())
}
