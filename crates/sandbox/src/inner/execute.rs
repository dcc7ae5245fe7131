//! The last moment before the step's command: its environment, and the search for its program.

use std::ffi::CString;
use std::io;

use super::account::Account;
use crate::failure::{Failure, Setup};
use crate::wire::StepPlan;

/// What the reference sets where the image does not.
pub(super) const DEFAULT_PATH: &str =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// All strings of execve(2), made before the process has given up everything.
pub(super) struct Command {
    name: String,
    candidates: Vec<CString>,
    argv: Vec<CString>,
    env: Vec<CString>,
}

impl Command {
    pub(super) fn prepare(step: &StepPlan, account: &Account) -> Setup<Self> {
        let name = step
            .argv
            .first()
            .cloned()
            .ok_or(Failure::refused("the step has no command"))?;
        let mut env = step.env.clone();
        let mut add_missing = |key: &str, value: &str| {
            if !env.iter().any(|(name, _)| name == key) {
                env.push((key.to_owned(), value.to_owned()));
            }
        };
        add_missing("PATH", DEFAULT_PATH);
        add_missing("HOME", &account.home);
        let path = env
            .iter()
            .rev()
            .find_map(|(name, value)| (name == "PATH").then_some(value.as_str()))
            .unwrap_or_default();
        Ok(Self {
            candidates: find_candidates(&name, path)?,
            argv: step
                .argv
                .iter()
                .map(|word| text(word))
                .collect::<Setup<_>>()?,
            env: env
                .iter()
                .map(|(name, value)| text(&format!("{name}={value}")))
                .collect::<Setup<_>>()?,
            name,
        })
    }

    /// Becomes the command. Returns only if there is none that can be run.
    pub(super) fn execute(&self) -> Failure {
        forget_signals();
        let (argv, env) = (pointers(&self.argv), pointers(&self.env));
        let mut denied = None;
        for candidate in &self.candidates {
            // SAFETY: all arrays end with a null pointer, and their strings outlive the call.
            unsafe { libc::execve(candidate.as_ptr(), argv.as_ptr(), env.as_ptr()) };
            let error = io::Error::last_os_error();
            match error.raw_os_error() {
                Some(libc::ENOENT | libc::ENOTDIR) => {}
                Some(libc::EACCES) => denied = Some(libc::EACCES),
                errno => {
                    return Failure::ProgramUnusable {
                        program: self.name.clone(),
                        errno: errno.unwrap_or(libc::EIO),
                    };
                }
            }
        }
        let program = self.name.clone();
        match denied {
            Some(errno) => Failure::ProgramUnusable { program, errno },
            None => Failure::ProgramMissing { program },
        }
    }
}

/// Gives every signal its default action and blocks none: both outlive execve(2). This program ignores SIGPIPE, as Rust's
/// programs do, and its caller may ignore more; in a step, `yes | head` would go on for ever.
pub(super) fn forget_signals() {
    // The kernel's own struct with nothing in it: SIG_DFL, no flags, no mask. libc would leave out the two signals that its
    // threads use, which a caller may ignore too.
    let default = [0_u64; 4];
    for signal in 1..=64 {
        // SAFETY: the kernel reads at most 32 bytes from `default` and writes nothing. No handler is installed, so nothing of
        // this process relies on one. Signals that cannot be changed are refused, which is no harm.
        unsafe {
            libc::syscall(
                libc::SYS_rt_sigaction,
                signal,
                default.as_ptr(),
                std::ptr::null_mut::<u64>(),
                8,
            )
        };
    }
    // SAFETY: a zeroed set is a place for sigemptyset to write to, and outlives both calls.
    unsafe {
        let mut none: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const none, std::ptr::null_mut());
    }
}

/// The search of execvp(3), in the step's own PATH and root.
fn find_candidates(name: &str, path: &str) -> Setup<Vec<CString>> {
    if name.contains('/') {
        return Ok(vec![text(name)?]);
    }
    path.split(':')
        .map(|folder| match folder {
            "" => text(&format!("./{name}")),
            folder => text(&format!("{}/{name}", folder.trim_end_matches('/'))),
        })
        .collect()
}

fn text(word: &str) -> Setup<CString> {
    CString::new(word).map_err(|_| {
        Failure::refused("a word of the command or its environment has a zero byte in it")
    })
}

fn pointers(words: &[CString]) -> Vec<*const libc::c_char> {
    words
        .iter()
        .map(|word| word.as_ptr())
        .chain([std::ptr::null()])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_with_a_slash_is_not_searched() {
        assert_eq!(find_candidates("./x", "/bin").unwrap(), [c"./x".to_owned()]);
    }

    #[test]
    fn an_empty_part_of_the_path_is_the_working_directory() {
        let found = find_candidates("x", "/bin/:").unwrap();
        assert_eq!(found, [c"/bin/x".to_owned(), c"./x".to_owned()]);
    }
}
