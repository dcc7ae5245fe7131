//! One request answered by `git http-backend` (git-http-backend(1), RFC 3875).

use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
    thread,
};

use super::http::{GitRequest, Reply};

/// Answers from the bare repositories in `folder`. `user` is who pushes; without one nobody may.
pub(crate) fn answer_by_git(request: &GitRequest, folder: &Path, user: Option<&str>) -> Reply {
    let mut command = Command::new("git");
    command
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", folder)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        // A test's repositories may belong to another user than the one that runs the test.
        .env("GIT_CONFIG_COUNT", "1")
        .env("GIT_CONFIG_KEY_0", "safe.directory")
        .env("GIT_CONFIG_VALUE_0", "*")
        .env("PATH_INFO", &request.path)
        .env("QUERY_STRING", &request.query)
        .env("REQUEST_METHOD", &request.method)
        .env("REMOTE_ADDR", "127.0.0.1")
        .env("CONTENT_LENGTH", request.body.len().to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit());
    for (variable, header) in [
        ("CONTENT_TYPE", "content-type"),
        ("HTTP_CONTENT_ENCODING", "content-encoding"),
        ("GIT_PROTOCOL", "git-protocol"),
    ] {
        command.env(variable, request.header(header).unwrap_or_default());
    }
    if let Some(user) = user {
        command.env("REMOTE_USER", user);
    }
    let mut child = command.spawn().expect("git http-backend starts");
    let mut input = child.stdin.take().expect("a pipe");
    let body = request.body.clone();
    // It may answer before it has read everything.
    let writer = thread::spawn(move || input.write_all(&body));
    let output = child.wait_with_output().expect("git http-backend ends");
    let _ = writer.join();
    read_cgi(&output.stdout)
}

fn read_cgi(output: &[u8]) -> Reply {
    let Some(split) = output.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Reply::new(500, "git http-backend answered nothing");
    };
    let mut reply = Reply {
        status: 200,
        headers: Vec::new(),
        body: output[split + 4..].to_vec(),
    };
    for line in String::from_utf8_lossy(&output[..split]).lines() {
        match line.split_once(": ") {
            Some(("Status", value)) => {
                let digits = value.split(' ').next().unwrap_or_default();
                reply.status = digits.parse().expect("a status is a number");
            }
            Some((name, value)) => reply = reply.with(name, value),
            None => {}
        }
    }
    reply
}
