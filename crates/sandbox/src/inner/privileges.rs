//! What a step's processes may do: Docker's capabilities, its filter of system calls, its ids.

use rustix::thread::{CapabilitySet, CapabilitySets, Gid, Uid};

use super::account::Account;
use crate::failure::{AttemptTo, Setup};
use crate::{kernel, seccomp};

/// Docker's default set (moby's `caps` package), good within the step's user namespace only.
const DEFAULT: CapabilitySet = CapabilitySet::CHOWN
    .union(CapabilitySet::DAC_OVERRIDE)
    .union(CapabilitySet::FOWNER)
    .union(CapabilitySet::FSETID)
    .union(CapabilitySet::KILL)
    .union(CapabilitySet::SETGID)
    .union(CapabilitySet::SETUID)
    .union(CapabilitySet::SETPCAP)
    .union(CapabilitySet::NET_BIND_SERVICE)
    .union(CapabilitySet::NET_RAW)
    .union(CapabilitySet::SYS_CHROOT)
    .union(CapabilitySet::MKNOD)
    .union(CapabilitySet::AUDIT_WRITE)
    .union(CapabilitySet::SETFCAP);

/// What a file job needs to write any owner, mode, attribute and whiteout.
pub(super) const FILE_JOB: CapabilitySet = CapabilitySet::CHOWN
    .union(CapabilitySet::DAC_OVERRIDE)
    .union(CapabilitySet::FOWNER)
    .union(CapabilitySet::FSETID)
    .union(CapabilitySet::MKNOD)
    .union(CapabilitySet::SETFCAP);

/// How a step's process is restricted for good.
pub(super) struct Restrictions<'a> {
    pub(super) account: &'a Account,
    pub(super) keep_all_capabilities: bool,
    pub(super) filter: Option<&'a [libc::sock_filter]>,
    /// Without a user namespace a setuid program would be the host's root.
    pub(super) no_new_privileges: bool,
}

/// Gives up everything that the step does not get. What follows is its command.
pub(super) fn drop_privileges(to: &Restrictions<'_>) -> Setup<()> {
    if to.no_new_privileges {
        rustix::thread::set_no_new_privs(true).attempt_to("forbid new privileges")?;
    }
    if !to.keep_all_capabilities {
        limit_bounding_set(DEFAULT)?;
    }
    // While this process still has CAP_SYS_ADMIN, which a filter without `no_new_privs` needs.
    if let Some(filter) = to.filter {
        kernel::install_filter(filter).attempt_to("install the filter of system calls")?;
    }
    become_account(to.account)?;
    if to.account.uid == 0 && !to.keep_all_capabilities {
        keep_capabilities(DEFAULT)?;
    }
    Ok(())
}

fn become_account(account: &Account) -> Setup<()> {
    let groups: Vec<Gid> = account.groups.iter().copied().map(Gid::from_raw).collect();
    rustix::thread::set_thread_groups(&groups).attempt_to("set the step's groups")?;
    let gid = Some(Gid::from_raw(account.gid));
    rustix::thread::set_thread_res_gid(gid, gid, gid).attempt_to("set the step's group")?;
    let uid = Some(Uid::from_raw(account.uid));
    rustix::thread::set_thread_res_uid(uid, uid, uid).attempt_to("set the step's user")
}

/// Nothing that this process executes can have more.
pub(super) fn limit_bounding_set(keep: CapabilitySet) -> Setup<()> {
    for capability in CapabilitySet::all().difference(keep).iter() {
        match rustix::thread::remove_capability_from_bounding_set(capability) {
            // An older kernel does not know the newest capabilities.
            Ok(()) | Err(rustix::io::Errno::INVAL) => {}
            Err(error) => return Err(error).attempt_to("limit capabilities"),
        }
    }
    Ok(())
}

pub(super) fn keep_capabilities(keep: CapabilitySet) -> Setup<()> {
    let sets = CapabilitySets {
        effective: keep,
        permitted: keep,
        inheritable: CapabilitySet::empty(),
    };
    rustix::thread::set_capabilities(None, sets).attempt_to("give up capabilities")
}

/// The filter of a file job: it never needs a socket, a mount, another program or another process.
pub(super) fn restrict_file_job() -> Setup<()> {
    limit_bounding_set(FILE_JOB)?;
    keep_capabilities(FILE_JOB)?;
    rustix::thread::set_no_new_privs(true).attempt_to("forbid new privileges")?;
    kernel::install_filter(&seccomp::compile(seccomp::Profile::FileJob))
        .attempt_to("install the filter of system calls")
}
