//! A small harness: runs each case in each mode that it is for, and reports in the words of the usual one.
//!
//! A case for a plain user runs in this program started again as that user.

use std::panic::AssertUnwindSafe;
use std::process::Command;

use crate::account::PlainUser;
use crate::audit::{Audit, inherit_orphans};
use crate::bench::Bench;
use crate::outside::Outside;

/// A test.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) as_root: bool,
    pub(crate) as_user: bool,
    pub(crate) run: fn(&Bench),
}

/// Tells a second process of this program which case to run.
const AS_USER: &str = "--as-user";

/// A case that cannot run here panics with this.
pub(crate) struct Skipped(pub(crate) String);

/// Ends the running case, visibly.
pub(crate) fn skip(reason: impl Into<String>) -> ! {
    std::panic::resume_unwind(Box::new(Skipped(reason.into())))
}

pub(crate) fn run(cases: &[Case]) -> ! {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, name, home] = &arguments[..]
        && flag == AS_USER
    {
        let case = cases.iter().find(|case| case.name == name);
        let case = case.expect("the case that this program started itself for");
        inherit_orphans();
        std::process::exit(i32::from(judge(case, home.as_ref()).is_err()));
    }
    let is_exact = arguments.iter().any(|argument| argument == "--exact");
    let names: Vec<&str> = arguments
        .iter()
        .filter(|argument| !argument.starts_with('-'))
        .map(|argument| without_mode(argument))
        .collect();
    if arguments.iter().any(|argument| argument == "--list") {
        cases
            .iter()
            .for_each(|case| println!("{}: test", case.name));
        std::process::exit(0);
    }
    let chosen: Vec<&Case> = cases
        .iter()
        .filter(|case| {
            let is_meant = |name: &&str| match is_exact {
                true => case.name == *name,
                false => case.name.contains(*name),
            };
            names.is_empty() || names.iter().any(is_meant)
        })
        .collect();
    let (mut passed, mut failures) = (0_usize, Vec::new());
    let mut count = |name: &str, mode: &str, result: Result<(), ()>| {
        let word = if result.is_ok() { "ok" } else { "FAILED" };
        println!("test {name} ({mode}) ... {word}");
        match result {
            Ok(()) => passed += 1,
            Err(()) => failures.push(format!("{name} ({mode})")),
        }
    };
    let is_root = rustix::process::geteuid().is_root();
    let needs_user = chosen.iter().any(|case| case.as_user);
    let audit = Audit::begin("worker");
    let user = (is_root && needs_user).then(|| PlainUser::make(audit.folder()));
    let needs_outside = chosen
        .iter()
        .any(|case| case.name.starts_with("c17") || case.name.starts_with("c18"));
    let outside = (is_root && needs_outside).then(Outside::make);
    if let Some(Err(reason)) = &outside {
        println!("there is no outside: {reason}");
    }
    for case in chosen {
        if case.as_root {
            let result = if is_root {
                judge(case, audit.folder())
            } else {
                note_skip(case.name, "root is needed")
            };
            count(case.name, "root", result);
        }
        if case.as_user {
            let result = match &user {
                Some(Ok(user)) => run_as_user(case, user),
                Some(Err(reason)) => note_skip(case.name, reason),
                None => judge(case, audit.folder()),
            };
            count(case.name, "user", result);
        }
    }
    let accounts: Vec<String> = user
        .iter()
        .flatten()
        .map(|user| user.name.clone())
        .collect();
    let left = audit.finish(&accounts, || drop((user, outside)));
    left.iter().for_each(|what| println!("left behind: {what}"));
    // Whoever starts what failed once more takes the names from here; what is left behind belongs to no case.
    if !failures.is_empty() {
        println!("\nfailures:");
        failures.iter().for_each(|name| println!("    {name}"));
    }
    let failed = failures.len() + usize::from(!left.is_empty());
    let word = if failed == 0 { "ok" } else { "FAILED" };
    println!("\ntest result: {word}. {passed} passed; {failed} failed; 0 ignored");
    std::process::exit(i32::from(failed > 0))
}

/// The name of a case alone, of one that [`run`] has listed as failed.
fn without_mode(name: &str) -> &str {
    let bare = |mode| name.strip_suffix(mode);
    bare(" (root)").or_else(|| bare(" (user)")).unwrap_or(name)
}

fn judge(case: &Case, parent: &std::path::Path) -> Result<(), ()> {
    let run = || (case.run)(&Bench::make(parent));
    match std::panic::catch_unwind(AssertUnwindSafe(run)) {
        Ok(()) => Ok(()),
        Err(panic) => match panic.downcast_ref::<Skipped>() {
            Some(Skipped(reason)) => note_skip(case.name, reason),
            None => Err(()),
        },
    }
}

fn run_as_user(case: &Case, user: &PlainUser) -> Result<(), ()> {
    let status = Command::new("setpriv")
        .args([
            "--reuid",
            &user.name,
            "--regid",
            &user.name,
            "--init-groups",
            "--inh-caps=-all",
        ])
        .arg(user.program())
        .args([AS_USER, case.name])
        .arg(user.home())
        .status()
        .expect("setpriv runs");
    if status.success() { Ok(()) } else { Err(()) }
}

/// As `wharf-testkit` does it, which this crate does not depend on because it brings the whole server.
fn note_skip(name: &str, reason: &str) -> Result<(), ()> {
    println!("skipped {name}: {reason}");
    if std::env::var_os("WHARF_TEST_FORBID_SKIPS").is_some_and(|value| value == "1") {
        println!("skips are forbidden here");
        return Err(());
    }
    if let Some(path) = std::env::var_os("WHARF_TEST_SKIP_FILE") {
        use std::io::Write;
        let mut file = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .expect("the file of skips opens");
        writeln!(file, "skipped {name}: {reason}").expect("the file of skips takes a line");
    }
    Ok(())
}
