//! System calls that fail, or kill their process, at a chosen moment.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

/// A tracer attached to a running process. Dropping it detaches.
pub struct Tracer {
    child: Child,
}

impl Tracer {
    /// The calls by which a push changes what is on disk, by what they do.
    pub const FILE_CHANGES: [&str; 3] = [
        "fsync,fdatasync",
        "rename,renameat,renameat2",
        "pwrite64,pwritev,pwritev2",
    ];

    /// Attaches to all threads of a process, those to come included, with this expression of `strace -e`
    /// (`inject=fsync:error=EIO:when=1`; calls are counted per thread). Answers the reason where that is not possible.
    pub fn attach(pid: u32, expression: &str) -> Result<Self, String> {
        Self::start(&["-f", "-p", &pid.to_string()], expression)
    }

    /// Attaches to the one thread of a process that has this name.
    pub fn attach_thread(pid: u32, name: &str, expression: &str) -> Result<Self, String> {
        let thread = find_thread(pid, name);
        Self::start(&["-p", &thread], expression)
    }

    fn start(whom: &[&str], expression: &str) -> Result<Self, String> {
        let mut child = Command::new("strace")
            .args(["-o", "/dev/null", "-e", expression])
            .args(whom)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|_| "strace is not installed (make test-deps)")?;
        let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
        let tracer = Self { child };
        let mut said = String::new();
        for line in lines.by_ref() {
            let line = line.expect("text");
            if line.contains("attached") {
                // Its later messages are read so that it never waits for a reader.
                std::thread::spawn(move || lines.for_each(drop));
                return Ok(tracer);
            }
            said.push_str(&line);
        }
        Err(format!("cannot trace a process here: {said}"))
    }
}

impl Drop for Tracer {
    fn drop(&mut self) {
        let pid = libc::pid_t::try_from(self.child.id()).expect("a process id");
        // SAFETY: kill takes two numbers; the child is not yet waited for, so its id is not anyone else's.
        // Asked, not killed: it detaches in order, and the traced process goes on.
        unsafe { libc::kill(pid, libc::SIGINT) };
        // It may have ended with the process that it traced.
        let _ = self.child.wait();
    }
}

fn find_thread(pid: u32, name: &str) -> String {
    let folder = format!("/proc/{pid}/task");
    let threads = std::fs::read_dir(&folder).expect("a running process has threads");
    let thread = threads.flatten().find(|thread| {
        let found = std::fs::read_to_string(thread.path().join("comm"));
        found.is_ok_and(|found| found.trim() == name)
    });
    let thread = thread.unwrap_or_else(|| panic!("process {pid} has no thread `{name}`"));
    thread.file_name().into_string().expect("a number")
}
