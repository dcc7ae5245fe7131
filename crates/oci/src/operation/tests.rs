//! Request lines and what they mean.

mod any_path;
mod parameters;
mod paths;

use super::*;

const SHA256: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn parse(line: &str) -> Result<Operation, RegistryError> {
    let (method, target) = line.split_once(' ').expect("method and target");
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    };
    Operation::parse(method, path, query)
}

fn parse_ok(line: &str) -> Operation {
    parse(line).unwrap_or_else(|error| panic!("{line}: {error}"))
}

#[track_caller]
fn assert_refused(line: &str, status: u16, code: ErrorCode) {
    match parse(line) {
        Ok(operation) => panic!("{line} was taken as {operation:?}"),
        Err(error) => assert_eq!(
            (error.status(), error.code()),
            (status, code),
            "{line}: {error}"
        ),
    }
}

fn name(text: &str) -> RepositoryName {
    text.parse().expect("a name")
}
