//! Giving a folder of a plain user to the ids of a cell.
//!
//! The user may not do that, and neither may the cell; a process in which both the user and the cell's root have an id may.

use rustix::fs::{AtFlags, CWD, Gid, Uid};
use rustix::process::Pid;

use super::id_map::write_id_maps;
use crate::channel::Channel;
use crate::failure::{Attempt, AttemptTo, Failure, Setup};
use crate::ids::{IdPlan, IdRange};
use crate::kernel;
use crate::wire::Request;

/// Makes the cell's root the owner of its folders, where it is not yet. What is in them keeps its owner.
pub(super) fn hand_over_folders(request: &Request) -> Setup<()> {
    let IdPlan::Apart { uids, gids } = request.ids else {
        return Ok(());
    };
    for source in &request.sources {
        let action = || format!("look at {}", source.path.display());
        let stat = rustix::fs::stat(&source.path).attempt(action)?;
        if (stat.st_uid, stat.st_gid) != (uids.first, gids.first) {
            hand_over(&source.path, uids, gids)?;
        }
    }
    Ok(())
}

fn hand_over(path: &std::path::Path, uids: IdRange, gids: IdRange) -> Setup<()> {
    let (here, there) = Channel::pair().attempt_to("make a socket pair")?;
    // SAFETY: the supervisor has one thread.
    let forked = unsafe { kernel::fork_into(libc::CLONE_NEWUSER as u64) };
    let child = forked.attempt_to("make a user namespace")?;
    let Some(child) = child else {
        drop(here);
        // The first id that is not the user's own.
        let (uid, gid) = (Some(Uid::from_raw(1)), Some(Gid::from_raw(1)));
        let mapped = matches!(there.receive(), Ok(Some(_)));
        let done =
            mapped && rustix::fs::chownat(CWD, path, uid, gid, AtFlags::SYMLINK_NOFOLLOW).is_ok();
        std::process::exit(i32::from(!done));
    };
    drop(there);
    let both = IdPlan::Subordinate {
        uid: rustix::process::geteuid().as_raw(),
        gid: rustix::process::getegid().as_raw(),
        uids,
        gids,
    };
    let mapped = map_and_tell(&both, child.pid, &here);
    drop(here);
    let reaped = kernel::reap(child.pid).attempt_to("wait for a process")?;
    mapped?;
    if reaped.code == Some(0) {
        return Ok(());
    }
    Err(Failure::refused(format!(
        "{} cannot be given to the ids of builds",
        path.display()
    )))
}

fn map_and_tell(ids: &IdPlan, child: Pid, channel: &Channel) -> Setup<()> {
    write_id_maps(ids, child)?;
    channel
        .send(b"mapped", &[])
        .attempt_to("tell a process about its ids")
}
