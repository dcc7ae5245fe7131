//! What commits say of themselves, without any of their files.

use crate::error::Result;
use crate::found::Head;
use crate::git::{Git, shell};
use crate::names::ObjectId;
use crate::record::cut_message;
use crate::run::Run;
use crate::settings::Access;

/// Fetches what `$1`, `$2` and so on name, without history and files, and tells of each commit. Where a server does not
/// know how to leave files out, they come along and are looked at by nobody.
const TELL: &str = r#"
set -eu
git fetch --quiet --no-tags --no-recurse-submodules --filter=tree:0 --depth=1 -- origin "$@"
unset GIT_CONFIG_COUNT
git for-each-ref --format='%(refname)' refs/wharf | while read -r name; do
    git log -1 --no-show-signature --encoding=UTF-8 --format='%H%x00%an%x00%B%x00' "$name" --
done
"#;

/// Bytes for one commit: messages are cut far below that.
const BYTES_PER_NOTE: usize = 256 << 10;

/// Who made a commit, and what was said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The commit.
    pub commit: ObjectId,
    /// The author's name.
    pub author: String,
    /// The message, its subject first.
    pub message: String,
}

impl Git {
    /// What is said about the commits that some refs point to now, which may be others than when they were listed. The
    /// order is nobody's.
    ///
    /// # Errors
    /// What the remote or the way there refused, also when one of the refs is gone.
    pub async fn read_notes(&self, access: &Access, heads: &[Head]) -> Result<Vec<Note>> {
        let Some(first) = heads.first() else {
            return Ok(Vec::new());
        };
        let room = self.make_room(first.object.format()).await?;
        let specs: Vec<_> = heads
            .iter()
            .enumerate()
            .map(|(number, head)| format!("+{}:refs/wharf/{number}", head.name))
            .collect();
        let limits = self.settings.limits;
        let told = Run {
            access,
            argv: shell(TELL, specs.iter().map(String::as_str)),
            limits,
            timeout: limits.list_timeout,
            most_output: heads.len().saturating_mul(BYTES_PER_NOTE),
        }
        .finish(&self.settings, &room)
        .await?;
        match told.failure {
            Some(failure) => Err(failure),
            None => Ok(parse_notes(&told.output)),
        }
    }
}

/// Three fields a commit, each with a zero byte behind it, and a line end.
fn parse_notes(output: &[u8]) -> Vec<Note> {
    let fields: Vec<_> = output.split(|byte| *byte == 0).collect();
    let notes = fields.chunks_exact(3).filter_map(|fields| {
        let [commit, author, message] = fields else {
            return None;
        };
        let commit = String::from_utf8_lossy(commit);
        Some(Note {
            commit: commit.trim_start().parse().ok()?,
            author: cut_message(&String::from_utf8_lossy(author)),
            message: cut_message(&String::from_utf8_lossy(message)),
        })
    });
    notes.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_commit_is_told_of_whatever_its_message_holds() {
        let (one, two) = ("1".repeat(40), "2".repeat(40));
        let output = format!("{one}\0Ada\0First\n\nwith lines\n\0\n{two}\0\0\0\n");
        let notes = parse_notes(output.as_bytes());
        assert_eq!(notes.len(), 2);
        assert_eq!(notes[0].message, "First\n\nwith lines");
        assert_eq!(notes[1].commit.as_str(), two);
        assert_eq!(notes[1].author, "");
        assert_eq!(parse_notes(b"not a commit\0x\0y\0\n"), []);
        assert_eq!(parse_notes(b""), []);
    }
}
