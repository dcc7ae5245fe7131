//! Skipping a test visibly: the reason is written down, and a run that forbids skips fails instead.

use std::{
    fs::OpenOptions,
    io::{self, Write},
};

/// Ends the calling test early, saying why. Expands to `return`, so it stands in the test function itself.
///
/// The reason is appended to the file named by `WHARF_TEST_SKIP_FILE` and written to stdout past the test harness's
/// capture. With `WHARF_TEST_FORBID_SKIPS=1` the test fails instead.
#[macro_export]
macro_rules! skip {
    ($($reason:tt)*) => {{
        $crate::skip::record_skip(&format!($($reason)*));
        return;
    }};
}

/// Writes down that the running test is skipped; panics where skips are forbidden. Used through [`skip!`](crate::skip!).
pub fn record_skip(reason: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    let forbidden = std::env::var_os("WHARF_TEST_FORBID_SKIPS").is_some_and(|value| value == "1");
    assert!(
        !forbidden,
        "skips are forbidden here, but {test} cannot run: {reason}"
    );

    let line = format!("skipped {test}: {reason}\n");
    // Not `print!`: the harness swallows that for tests that pass.
    let mut stdout = io::stdout();
    stdout
        .write_all(line.as_bytes())
        .and_then(|()| stdout.flush())
        .expect("stdout takes the reason for a skip");
    if let Some(path) = std::env::var_os("WHARF_TEST_SKIP_FILE") {
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .and_then(|mut file| file.write_all(line.as_bytes()))
            .unwrap_or_else(|error| panic!("cannot note a skip in {path:?}: {error}"));
    }
}
