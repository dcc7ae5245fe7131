//! Paths in an image, as text: no symbolic link is known here.

/// The shortest equal path: no empty, `.` or inner `..` parts, no slash at the end (Go `path.Clean`).
pub fn clean_path(path: &str) -> String {
    let is_rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(last) if *last != ".." => {
                    parts.pop();
                }
                _ if is_rooted => {}
                _ => parts.push(".."),
            },
            _ => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (is_rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

/// Both, cleaned; an empty one does not count (Go `path.Join`).
pub fn join_paths(base: &str, path: &str) -> String {
    match (base, path) {
        ("", "") => String::new(),
        ("", path) => clean_path(path),
        (base, "") => clean_path(base),
        (base, path) => clean_path(&format!("{base}/{path}")),
    }
}

pub fn is_absolute_path(path: &str) -> bool {
    path.starts_with('/')
}

/// The working directory after `WORKDIR path`. An absolute path is taken as written; a relative one is joined.
pub fn resolve_workdir(current: &str, path: &str) -> String {
    let current = join_paths("/", current);
    match path {
        "" => current,
        path if is_absolute_path(path) => path.to_owned(),
        path => join_paths(&current, path),
    }
}

/// Where COPY and ADD copy to. A slash, or `/.`, at the end is kept: it says that the destination is a directory.
pub fn resolve_destination(workdir: &str, destination: &str) -> String {
    let written = match destination {
        "" | "." => "./",
        other => other,
    };
    let mut resolved = resolve_workdir(workdir, written);
    if written.ends_with('/') {
        if !resolved.ends_with('/') {
            resolved.push('/');
        }
    } else if written.ends_with("/.") && !resolved.ends_with("/.") {
        resolved.push_str(if resolved == "/" { "." } else { "/." });
    }
    resolved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned_as_go_cleans_them() {
        for (path, expected) in [
            ("", "."),
            ("a/../b", "b"),
            ("/../a/./b//c/", "/a/b/c"),
            ("../a", "../a"),
            ("a/../../b", "../b"),
            ("/", "/"),
            ("//a", "/a"),
        ] {
            assert_eq!(clean_path(path), expected, "{path}");
        }
    }

    #[test]
    fn a_relative_workdir_follows_the_current_one() {
        for (current, path, expected) in [
            ("", "a", "/a"),
            ("/a", "b", "/a/b"),
            ("/a", "../b", "/b"),
            ("/a", "/b/../c/", "/b/../c/"),
            ("/a", "", "/a"),
            ("a", ".", "/a"),
        ] {
            assert_eq!(resolve_workdir(current, path), expected);
        }
    }

    #[test]
    fn a_destination_keeps_its_slash() {
        for (workdir, path, expected) in [
            ("/w", ".", "/w/"),
            ("/w", "", "/w/"),
            ("/w", "a", "/w/a"),
            ("/w", "a/", "/w/a/"),
            ("/w", "a/.", "/w/a/."),
            ("", "./", "/"),
            ("/w", "/a/", "/a/"),
            ("/", "/", "/"),
            ("/", "x/..", "/"),
        ] {
            assert_eq!(resolve_destination(workdir, path), expected, "{path}");
        }
    }
}
