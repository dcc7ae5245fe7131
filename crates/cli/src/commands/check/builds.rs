//! Whether this machine could build: what a server would say once when it starts, and show with builds that wait.

use std::path::PathBuf;

use wharf_sandbox::Host;

use crate::config::Problem;

/// What keeps this machine from building, or from building well. A server starts all the same.
pub(super) fn find_build_problems(search_path: &str) -> Vec<Problem> {
    let warn = |problem: &str, hint: &str| {
        Problem::warning("config.cannot_build")
            .with("problem", problem)
            .with("hint", hint)
    };
    let mut problems = Vec::new();
    if find_git(search_path).is_none() {
        problems.push(Problem::warning("config.no_git"));
    }
    match Host::inspect() {
        Ok(host) => {
            let fatal = host.problems().into_iter().filter(|it| it.is_fatal);
            problems.extend(fatal.map(|it| warn(&it.text, &it.hint)));
        }
        Err(error) => {
            let hint = error.hint().unwrap_or_default();
            problems.push(warn(&error.to_string(), &hint));
        }
    }
    problems
}

/// The git that fetches what rules build.
pub(crate) fn find_git(search_path: &str) -> Option<PathBuf> {
    let mut places = std::env::split_paths(search_path).map(|folder| folder.join("git"));
    places.find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_without_git_is_told_so() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().display().to_string();
        let keys = |path: &str| -> Vec<_> {
            let problems = find_build_problems(path);
            problems.iter().map(|it| format!("{it:?}")).collect()
        };
        assert!(keys(&path).iter().any(|it| it.contains("config.no_git")));
        std::fs::write(folder.path().join("git"), "").expect("a file");
        assert!(!keys(&path).iter().any(|it| it.contains("config.no_git")));
    }
}
