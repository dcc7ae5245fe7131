//! Files that exist in memory only: how requests, replies and secrets cross to the helper.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use rustix::fs::{MemfdFlags, SealFlags};

/// A new empty file. It has no name, closes on exec, and is gone with its last descriptor.
pub(crate) fn create() -> io::Result<File> {
    let fd = rustix::fs::memfd_create("wharf", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
    Ok(File::from(fd))
}

/// A file that holds these bytes and cannot change any more.
pub(crate) fn hold(bytes: &[u8]) -> io::Result<File> {
    let mut file = create()?;
    file.write_all(bytes)?;
    // Whoever gets it reads from the beginning.
    file.seek(SeekFrom::Start(0))?;
    seal(&file)?;
    Ok(file)
}

/// From now on nobody can change the file, whatever descriptor they have.
pub(crate) fn seal(file: &File) -> io::Result<()> {
    let all = SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL;
    Ok(rustix::fs::fcntl_add_seals(file, all)?)
}

/// All bytes of a file that another process wrote.
pub(crate) fn read_all(file: &mut File, limit: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(0))?;
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::from_raw_os_error(libc::EFBIG));
    }
    Ok(bytes)
}
