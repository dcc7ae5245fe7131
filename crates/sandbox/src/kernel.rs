//! System calls that rustix does not have, each behind one safe function.

use std::io;
use std::net::IpAddr;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::time::Duration;

use rustix::process::Pid;

/// `struct clone_args`, version 0 (clone(2)).
#[repr(C)]
#[derive(Default)]
struct CloneArgs {
    flags: u64,
    pidfd: u64,
    child_tid: u64,
    parent_tid: u64,
    exit_signal: u64,
    stack: u64,
    stack_size: u64,
    tls: u64,
}

/// A child of this process.
pub(crate) struct Child {
    pub(crate) pid: Pid,
    pub(crate) pidfd: OwnedFd,
}

/// Forks into new namespaces. `None` in the child.
///
/// # Safety
/// The process has one thread: the child's copy of any lock that another thread holds would stay locked.
pub(crate) unsafe fn fork_into(namespaces: u64) -> io::Result<Option<Child>> {
    let mut pidfd: i32 = -1;
    let arguments = CloneArgs {
        flags: namespaces | libc::CLONE_PIDFD as u64,
        pidfd: std::ptr::from_mut(&mut pidfd) as u64,
        exit_signal: libc::SIGCHLD as u64,
        ..CloneArgs::default()
    };
    // SAFETY: the structure is of the size that is told, its pointer is valid for the call, and without CLONE_VM the child
    // gets its own copy of memory and stack.
    let pid = unsafe {
        libc::syscall(
            libc::SYS_clone3,
            &raw const arguments,
            size_of::<CloneArgs>(),
        )
    };
    match pid {
        -1 => Err(io::Error::last_os_error()),
        0 => Ok(None),
        pid => Ok(Some(Child {
            pid: Pid::from_raw(pid as i32)
                .ok_or_else(|| io::Error::from_raw_os_error(libc::ESRCH))?,
            // SAFETY: the kernel put a new descriptor of ours here.
            pidfd: unsafe { OwnedFd::from_raw_fd(pidfd) },
        })),
    }
}

/// How a child ended and what it and the children it waited for used.
pub(crate) struct Reaped {
    pub(crate) code: Option<i32>,
    pub(crate) signal: Option<i32>,
    pub(crate) cpu: Duration,
    pub(crate) peak_memory: u64,
}

/// Waits for the child's end and removes it from the process table.
pub(crate) fn reap(pid: Pid) -> io::Result<Reaped> {
    let mut status = 0;
    // SAFETY: all zeroes is a valid rusage.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    loop {
        // SAFETY: both pointers are valid for the call.
        let waited = unsafe {
            libc::wait4(
                pid.as_raw_nonzero().get(),
                &raw mut status,
                0,
                &raw mut usage,
            )
        };
        if waited >= 0 {
            break;
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
    let time = |value: libc::timeval| {
        Duration::from_secs(value.tv_sec as u64) + Duration::from_micros(value.tv_usec as u64)
    };
    Ok(Reaped {
        code: libc::WIFEXITED(status).then(|| libc::WEXITSTATUS(status)),
        signal: libc::WIFSIGNALED(status).then(|| libc::WTERMSIG(status)),
        cpu: time(usage.ru_utime) + time(usage.ru_stime),
        peak_memory: usage.ru_maxrss as u64 * 1024,
    })
}

/// Lets the kernel kill a child when this process ends, however it does (`PTRACE_O_EXITKILL`, ptrace(2)). A signal from the
/// parent's death does not do that: the kernel forgets it when the child changes its credentials.
///
/// From now on every signal stops the child until it is passed on by [`wait_for_end`].
pub(crate) fn tie_child(pid: Pid) -> io::Result<()> {
    trace(
        libc::PTRACE_SEIZE,
        pid,
        libc::PTRACE_O_EXITKILL as libc::c_long,
    )
}

fn trace(request: libc::c_uint, pid: Pid, data: libc::c_long) -> io::Result<()> {
    let pid = pid.as_raw_nonzero().get();
    // SAFETY: none of the requests made here reads or writes memory of this process.
    let result = unsafe { libc::ptrace(request, pid, 0_usize, data) };
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Whether a child has ended, and waits for that if it is to. A tied child that met a signal goes on with it.
///
/// # Errors
/// The kernel's; there is no such child.
pub(crate) fn wait_for_end(pid: Pid, is_patient: bool) -> io::Result<bool> {
    const EVENT: i32 = 16;
    let flags = match is_patient {
        true => libc::__WALL,
        false => libc::__WALL | libc::WNOHANG,
    };
    loop {
        let mut status = 0;
        // SAFETY: the pointer is valid for the call.
        let waited = unsafe { libc::waitpid(pid.as_raw_nonzero().get(), &raw mut status, flags) };
        match waited {
            0 => return Ok(false),
            -1 => {
                let error = io::Error::last_os_error();
                if error.kind() != io::ErrorKind::Interrupted {
                    return Err(error);
                }
            }
            _ if libc::WIFSTOPPED(status) => {
                let signal = libc::WSTOPSIG(status);
                // It may be gone by now; the next round tells.
                let _ = match status >> EVENT {
                    0 => trace(libc::PTRACE_CONT, pid, signal.into()),
                    // Stopped by job control: it goes on when somebody continues it.
                    _ if signal != libc::SIGTRAP => trace(libc::PTRACE_LISTEN, pid, 0),
                    _ => trace(libc::PTRACE_CONT, pid, 0),
                };
            }
            _ => return Ok(true),
        }
    }
}

/// A set of signals.
#[derive(Clone, Copy)]
pub(crate) struct Signals(libc::sigset_t);

impl Signals {
    pub(crate) fn of(numbers: &[i32]) -> Self {
        // SAFETY: all zeroes is a valid set, and the calls write only to it.
        unsafe {
            let mut set = std::mem::zeroed();
            libc::sigemptyset(&raw mut set);
            for number in numbers {
                libc::sigaddset(&raw mut set, *number);
            }
            Self(set)
        }
    }

    /// Holds exactly these signals back from this thread and what it starts. Safe between fork and exec.
    pub(crate) fn block(&self) -> io::Result<()> {
        // SAFETY: the set is valid for the call.
        let result = unsafe {
            libc::sigprocmask(libc::SIG_SETMASK, &raw const self.0, std::ptr::null_mut())
        };
        if result < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(())
    }

    /// Waits for one of them, which has to be held back.
    pub(crate) fn wait(&self) -> io::Result<i32> {
        loop {
            // SAFETY: the set is valid for the call.
            let signal = unsafe { libc::sigwaitinfo(&raw const self.0, std::ptr::null_mut()) };
            if signal > 0 {
                return Ok(signal);
            }
            let error = io::Error::last_os_error();
            if error.kind() != io::ErrorKind::Interrupted {
                return Err(error);
            }
        }
    }
}

/// `struct mount_attr` (mount_setattr(2)).
#[repr(C)]
#[derive(Default)]
struct MountAttributes {
    set: u64,
    clear: u64,
    propagation: u64,
    user_namespace: u64,
}

fn set_mount_attributes(
    mount: impl AsFd,
    attributes: &MountAttributes,
    flags: i32,
) -> io::Result<()> {
    // SAFETY: the structure is of the size that is told, and both pointers are valid for the call.
    let result = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            mount.as_fd().as_raw_fd(),
            c"".as_ptr(),
            libc::AT_EMPTY_PATH | flags,
            std::ptr::from_ref(attributes),
            size_of::<MountAttributes>(),
        )
    };
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Makes a detached mount show ids as the user namespace has them (`MOUNT_ATTR_IDMAP`).
pub(crate) fn map_mount_ids(mount: impl AsFd, user_namespace: impl AsFd) -> io::Result<()> {
    let attributes = MountAttributes {
        set: libc::MOUNT_ATTR_IDMAP,
        user_namespace: user_namespace.as_fd().as_raw_fd() as u64,
        ..MountAttributes::default()
    };
    set_mount_attributes(mount, &attributes, 0)
}

/// Adds `MOUNT_ATTR_*` flags to a mount.
pub(crate) fn restrict_mount(mount: impl AsFd, flags: u64) -> io::Result<()> {
    let attributes = MountAttributes {
        set: flags,
        ..MountAttributes::default()
    };
    set_mount_attributes(mount, &attributes, 0)
}

/// Adds `MOUNT_ATTR_*` flags to a mount and all mounts within it.
pub(crate) fn restrict_mounts_below(mount: impl AsFd, flags: u64) -> io::Result<()> {
    let attributes = MountAttributes {
        set: flags,
        ..MountAttributes::default()
    };
    set_mount_attributes(mount, &attributes, libc::AT_RECURSIVE)
}

/// Installs a filter for this thread and what it starts (seccomp(2)).
///
/// Without `no_new_privs`, which needs CAP_SYS_ADMIN in the user namespace: programs like sudo stay usable.
pub(crate) fn install_filter(program: &[libc::sock_filter]) -> io::Result<()> {
    let program = libc::sock_fprog {
        len: program.len() as u16,
        filter: program.as_ptr().cast_mut(),
    };
    // SAFETY: the program is valid for the call; the kernel copies and checks it.
    let result = unsafe {
        libc::syscall(
            libc::SYS_seccomp,
            libc::SECCOMP_SET_MODE_FILTER,
            0,
            &raw const program,
        )
    };
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Marks every descriptor from `first` on as closing on exec, or closes them at once.
pub(crate) fn close_from(first: u32, on_exec: bool) -> io::Result<()> {
    let flags = if on_exec {
        libc::CLOSE_RANGE_CLOEXEC
    } else {
        0
    };
    // SAFETY: takes numbers only. Whoever owns a descriptor in the range is not used afterwards: callers are at the start
    // of a process or before its exec.
    let result = unsafe { libc::syscall(libc::SYS_close_range, first, u32::MAX, flags) };
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// All addresses of this network namespace's interfaces.
pub(crate) fn list_own_addresses() -> Vec<IpAddr> {
    let mut first = std::ptr::null_mut();
    // SAFETY: the pointer is valid for the call.
    if unsafe { libc::getifaddrs(&raw mut first) } != 0 {
        return Vec::new();
    }
    let mut addresses = Vec::new();
    let mut next = first;
    // SAFETY: the list is ours until it is freed, and each of its pointers is null or valid.
    while let Some(entry) = unsafe { next.as_ref() } {
        next = entry.ifa_next;
        // SAFETY: as above; the family tells which structure it is.
        addresses.extend(unsafe { read_address(entry.ifa_addr) });
    }
    // SAFETY: the list came from getifaddrs and nothing points into it any more.
    unsafe { libc::freeifaddrs(first) };
    addresses
}

/// # Safety
/// The pointer is null, or to a socket address that is as long as its family says.
unsafe fn read_address(address: *const libc::sockaddr) -> Option<IpAddr> {
    // SAFETY: the caller's promise.
    let family = i32::from(unsafe { address.as_ref() }?.sa_family);
    match family {
        libc::AF_INET => {
            // SAFETY: the family says that it is this structure; it may lie anywhere.
            let address = unsafe { address.cast::<libc::sockaddr_in>().read_unaligned() };
            Some(IpAddr::from(address.sin_addr.s_addr.to_ne_bytes()))
        }
        libc::AF_INET6 => {
            // SAFETY: as above.
            let address = unsafe { address.cast::<libc::sockaddr_in6>().read_unaligned() };
            Some(IpAddr::from(address.sin6_addr.s6_addr))
        }
        _ => None,
    }
}
