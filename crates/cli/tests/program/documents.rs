//! Every command that the README and the how-tos show is one that the program understands.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The documents whose commands are looked at.
fn list_documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let how_tos = fs::read_dir(root.join("docs/how-to")).unwrap();
    let mut found: Vec<PathBuf> = how_tos.map(|entry| entry.unwrap().path()).collect();
    found.push(root.join("README.md"));
    found.push(root.join("README.zh-CN.md"));
    found.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    found
}

/// The calls of the program in a document's console blocks, without what the shell does around them.
fn list_calls(text: &str) -> Vec<String> {
    let joined = text.replace("\\\n", " ");
    let commands = joined.lines().filter_map(|line| line.strip_prefix("$ "));
    commands
        .filter_map(|line| {
            let at = line.find("wharf ")?;
            // `cd wharf && …`, `/var/lib/wharf …` and the like are no calls.
            let before = line[..at].trim_end();
            let is_call = before.is_empty() || before.ends_with(['|', ';', '(', '&']);
            is_call.then(|| line[at..].to_owned())
        })
        .map(|call| {
            let ends = [" #", " -- ", " | ", " < ", " > ", ") >", ")"];
            let end = ends
                .iter()
                .filter_map(|end| find_outside_quotes(&call, end))
                .min();
            call[..end.unwrap_or(call.len())].to_owned()
        })
        .collect()
}

fn find_outside_quotes(text: &str, wanted: &str) -> Option<usize> {
    let mut quoted = false;
    for (at, character) in text.char_indices() {
        if character == '\'' {
            quoted = !quoted;
        }
        if !quoted && text[at..].starts_with(wanted) {
            return Some(at);
        }
    }
    None
}

#[test]
fn every_command_in_the_documents_is_understood() {
    let home = crate::home::Home::new();
    let mut count = 0;
    for document in list_documents() {
        for call in list_calls(&fs::read_to_string(&document).unwrap()) {
            count += 1;
            // With `--help` behind it, a command is read and not run; what is unknown before it is still refused.
            let arguments = call.strip_prefix("wharf ").unwrap();
            let script = format!("exec \"$WHARF\" {arguments} --help");
            let outcome = Command::new("/bin/sh")
                .args(["-c", &script])
                .env_clear()
                .env("WHARF", env!("CARGO_BIN_EXE_wharf"))
                .env("HOME", home.path())
                .current_dir(home.path())
                .output()
                .unwrap();
            let stderr = String::from_utf8_lossy(&outcome.stderr);
            assert!(
                outcome.status.success(),
                "{}: {call}\n{stderr}",
                document.display()
            );
        }
    }
    assert!(count > 60, "{count} calls were found");
}
