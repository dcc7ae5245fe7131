//! Skipping a test visibly, in the way of all suites here: the reason is written down, and a run that forbids skips
//! (`WHARF_TEST_FORBID_SKIPS=1`) fails instead.

use std::fs::OpenOptions;
use std::io::Write;

/// Writes down that the running test cannot run; panics where skips are forbidden.
pub(crate) fn record_skip(reason: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    let forbidden = std::env::var_os("WHARF_TEST_FORBID_SKIPS").is_some_and(|value| value == "1");
    assert!(
        !forbidden,
        "skips are forbidden here, but {test} cannot run: {reason}"
    );
    let line = format!("skipped {test}: {reason}\n");
    // Not `print!`: the harness swallows that for tests that pass.
    let mut stdout = std::io::stdout();
    stdout
        .write_all(line.as_bytes())
        .expect("stdout takes the reason for a skip");
    if let Some(path) = std::env::var_os("WHARF_TEST_SKIP_FILE") {
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .expect("the file of skips");
        file.write_all(line.as_bytes()).expect("the skip is noted");
    }
}
