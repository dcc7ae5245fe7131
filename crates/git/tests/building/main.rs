//! Git against real servers on loopback, in real sandboxes: as root, and as a plain user.

mod cases;
mod kit;
mod user;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

use crate::user::{AS_USER, run_as_user};

fn main() -> ExitCode {
    wharf_sandbox::become_helper_if_asked(|_, _| Err("there are no jobs here".to_owned()));
    let words: Vec<String> = std::env::args().skip(1).collect();
    let cases = cases::all();
    if let [flag, name] = &words[..]
        && flag == AS_USER
    {
        let (_, case) = cases
            .iter()
            .find(|(own, _)| own == name)
            .expect("the case that this program started itself for");
        case();
        return ExitCode::SUCCESS;
    }
    let is_root = rustix::process::geteuid().is_root();
    let mut trials = Vec::new();
    for (name, case) in cases {
        trials.push(Trial::test(name, move || {
            case();
            Ok(())
        }));
        if is_root {
            let as_user = format!("{name} (as a plain user)");
            trials.push(Trial::test(as_user, move || {
                run_as_user(name).map_err(Into::into)
            }));
        }
    }
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials);
    user::remove();
    conclusion.exit_code()
}
