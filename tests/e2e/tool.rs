//! What ends a test early: a program that is missing, or a right.

pub(crate) use wharf_testkit::tools::{find_tool, is_root, join_search_path};

/// The path of a program, or the end of the calling test with the reason why.
macro_rules! need_tool {
    ($name:literal) => {
        match $crate::tool::find_tool($name) {
            Some(program) => program,
            None => wharf_testkit::skip!("{} is not installed (make test-deps)", $name),
        }
    };
}
pub(crate) use need_tool;

/// Ends the calling test unless it runs as root, which daemons and mounts need.
macro_rules! need_root {
    ($what:literal) => {
        if !$crate::tool::is_root() {
            wharf_testkit::skip!("{} needs root", $what);
        }
    };
}
pub(crate) use need_root;
