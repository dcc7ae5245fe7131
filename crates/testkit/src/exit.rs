//! What must not outlive the test process: child processes and temporary folders of servers that all tests share.
//!
//! A `static` is never dropped, so children are started to die with this process, and folders are removed by an exit
//! handler, which first ends those children that have to tidy up. A test process that is killed leaves its folders in the system's temporary directory, nothing else.

use std::{
    io,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command},
    sync::{Mutex, OnceLock, mpsc},
    thread,
    time::{Duration, Instant},
};

type Launch = (Command, mpsc::Sender<io::Result<Child>>);

static LAUNCHER: OnceLock<Mutex<mpsc::Sender<Launch>>> = OnceLock::new();
static FOLDERS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
static DAEMONS: Mutex<Vec<Child>> = Mutex::new(Vec::new());
static SERVERS: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// For how long a program that is asked to end may tidy up; dockerd takes a second.
const FAREWELL: Duration = Duration::from_secs(15);

/// Starts `command` so that the kernel sends it `signal` when this process ends, however it ends.
///
/// The kernel watches the *thread* that started the child, and a test's thread ends with its test; so one thread that
/// lives as long as the process starts them all.
pub(crate) fn launch(mut command: Command, signal: libc::c_int) -> io::Result<Child> {
    // SAFETY: prctl is async-signal-safe and touches nothing but the child's own process attributes.
    unsafe {
        command.pre_exec(move || {
            if libc::prctl(libc::PR_SET_PDEATHSIG, signal) == 0 {
                Ok(())
            } else {
                Err(io::Error::last_os_error())
            }
        });
    }
    let launcher = LAUNCHER.get_or_init(|| {
        let (sender, receiver) = mpsc::channel::<Launch>();
        thread::Builder::new()
            .name("launcher".into())
            .spawn(move || {
                for (mut command, reply) in receiver {
                    // The caller waits for this answer; it can only be gone together with the process.
                    let _ = reply.send(command.spawn());
                }
            })
            .expect("a thread that starts child processes");
        Mutex::new(sender)
    });
    let (reply, answer) = mpsc::channel();
    launcher
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
        .send((command, reply))
        .expect("the launcher thread lives as long as the process");
    answer.recv().expect("the launcher thread answers")
}

/// Asks `child` to end when the process exits, and waits for it, before folders are removed: it may hold mounts in them.
pub(crate) fn end_at_exit(child: Child) {
    let mut daemons = DAEMONS
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    daemons.push(child);
}

/// Kills a child of this process when it exits, before folders are removed: one that still works would make some again.
/// Nobody may wait for the child before.
pub(crate) fn kill_at_exit(pid: u32) {
    let mut servers = SERVERS
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    servers.push(pid);
}

/// Removes `folder` when the process exits, unless it is gone by then.
pub(crate) fn remove_at_exit(folder: &Path) {
    let mut folders = FOLDERS
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    if folders.is_empty() {
        // SAFETY: the handler is a plain function that lives as long as the program and does not unwind.
        unsafe { libc::atexit(remove_folders) };
    }
    folders.push(folder.to_owned());
}

extern "C" fn remove_folders() {
    if let Ok(servers) = SERVERS.lock() {
        servers.iter().copied().for_each(kill_server);
    }
    if let Ok(mut daemons) = DAEMONS.lock() {
        daemons.iter_mut().for_each(end_daemon);
    }
    if let Ok(folders) = FOLDERS.lock() {
        for folder in folders.iter() {
            // Nobody is left to tell; a folder that its test removed already is the usual case.
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

fn kill_server(pid: u32) {
    let pid = libc::pid_t::try_from(pid).expect("a process id");
    // SAFETY: numbers and no pointer; nobody waited for the child, so its id is nobody else's until this does.
    unsafe {
        libc::kill(pid, libc::SIGKILL);
        libc::waitpid(pid, std::ptr::null_mut(), 0);
    }
}

fn end_daemon(child: &mut Child) {
    let pid = libc::pid_t::try_from(child.id()).expect("a process id");
    // SAFETY: kill takes two numbers; the child is not yet waited for, so its id is nobody else's.
    unsafe { libc::kill(pid, libc::SIGTERM) };
    let asked = Instant::now();
    while asked.elapsed() < FAREWELL && matches!(child.try_wait(), Ok(None)) {
        thread::sleep(Duration::from_millis(10));
    }
    // Nobody is left to tell that it would not end.
    let _ = child.kill();
    let _ = child.wait();
}
