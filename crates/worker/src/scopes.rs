//! Folders of cache scopes: each is the only one that the cells of its builds see, so that a worker that was taken over
//! changes nothing that another tenant's build, or one of another class of trust, stands on.
//!
//! When a scope was used and how much it takes is noted beside the folders, where no worker can write.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use parking_lot::Mutex;

/// Notes about scopes, among their folders. No scope's folder begins with a dot.
const NOTES: &str = ".scopes";

/// The folder of all scopes.
#[derive(Debug)]
pub(crate) struct Scopes {
    root: PathBuf,
    running: Mutex<HashMap<String, Running>>,
}

/// Who is in a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Running {
    Builds(u32),
    /// It is going away: nobody comes in any more.
    Removal,
}

/// What is known of a scope from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ScopeUse {
    pub(crate) scope: String,
    pub(crate) used: SystemTime,
    /// What it took when it was measured; `None` since a build was in it.
    pub(crate) bytes: Option<u64>,
}

/// Somebody builds in a scope, until this is dropped.
#[derive(Debug)]
pub(crate) struct Entered {
    scopes: Arc<Scopes>,
    scope: String,
    removes: bool,
}

impl Scopes {
    /// Makes the folder.
    pub(crate) fn open(root: PathBuf) -> io::Result<Self> {
        make_folder(&root.join(NOTES))?;
        Ok(Self {
            root,
            running: Mutex::default(),
        })
    }

    pub(crate) fn folder(&self, scope: &str) -> PathBuf {
        self.root.join(name_folder(scope))
    }

    fn note(&self, scope: &str) -> PathBuf {
        self.root.join(NOTES).join(name_folder(scope))
    }

    /// Enters a scope for a build, making its folder. What it takes is unknown from now on.
    ///
    /// # Errors
    /// The system's; the scope is going away.
    pub(crate) fn enter(self: &Arc<Self>, scope: &str) -> io::Result<Entered> {
        let mut running = self.running.lock();
        let count = match running.get(scope) {
            Some(Running::Removal) => return Err(io::ErrorKind::ResourceBusy.into()),
            Some(Running::Builds(count)) => *count,
            None => 0,
        };
        make_folder(&self.folder(scope))?;
        fs::write(self.note(scope), "")?;
        running.insert(scope.to_owned(), Running::Builds(count + 1));
        Ok(self.entered(scope, false))
    }

    /// Enters a scope to remove it, unless somebody is in it.
    pub(crate) fn enter_alone(self: &Arc<Self>, scope: &str) -> Option<Entered> {
        let mut running = self.running.lock();
        if running.contains_key(scope) {
            return None;
        }
        running.insert(scope.to_owned(), Running::Removal);
        Some(self.entered(scope, true))
    }

    fn entered(self: &Arc<Self>, scope: &str, removes: bool) -> Entered {
        Entered {
            scopes: Arc::clone(self),
            scope: scope.to_owned(),
            removes,
        }
    }

    /// Whether somebody builds in a scope.
    pub(crate) fn is_in_use(&self, scope: &str) -> bool {
        self.running.lock().contains_key(scope)
    }

    /// Notes what a scope takes. When a build came meanwhile, that is not known.
    pub(crate) fn note_size(&self, scope: &str, bytes: u64) -> io::Result<()> {
        let running = self.running.lock();
        if running.contains_key(scope) {
            return Ok(());
        }
        let path = self.note(scope);
        let used = fs::metadata(&path).and_then(|note| note.modified());
        fs::write(&path, bytes.to_string())?;
        // The note's time is when the scope was used.
        let used = used.unwrap_or(SystemTime::UNIX_EPOCH);
        fs::File::options()
            .write(true)
            .open(&path)?
            .set_modified(used)
    }

    /// All scopes. A folder that no scope has is one too, of which nobody knows anything.
    pub(crate) fn list(&self) -> io::Result<Vec<ScopeUse>> {
        let mut listed = Vec::new();
        for entry in fs::read_dir(&self.root)? {
            let entry = entry?;
            let name = entry.file_name();
            let scope = name
                .to_str()
                .filter(|name| !name.starts_with('.'))
                .and_then(read_folder);
            let Some(scope) = scope.filter(|_| entry.file_type().is_ok_and(|it| it.is_dir()))
            else {
                continue;
            };
            let note = self.note(&scope);
            let used = fs::metadata(&note).and_then(|note| note.modified());
            listed.push(ScopeUse {
                used: used.unwrap_or(SystemTime::UNIX_EPOCH),
                bytes: fs::read_to_string(&note)
                    .ok()
                    .and_then(|text| text.parse().ok()),
                scope,
            });
        }
        listed.sort_by(|one, other| (one.used, &one.scope).cmp(&(other.used, &other.scope)));
        Ok(listed)
    }

    /// Forgets a scope whose folder is empty.
    pub(crate) fn forget(&self, scope: &str) -> io::Result<()> {
        fs::remove_dir(self.folder(scope))?;
        match fs::remove_file(self.note(scope)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        let mut running = self.scopes.running.lock();
        match running.get(&self.scope) {
            Some(Running::Builds(count)) if *count > 1 => {
                let count = count - 1;
                running.insert(self.scope.clone(), Running::Builds(count));
            }
            _ => {
                running.remove(&self.scope);
            }
        }
        if !self.removes {
            // A build that ended is a use too; when that cannot be noted, the scope looks older than it is.
            let _ = fs::write(self.scopes.note(&self.scope), "");
        }
    }
}

/// What has to go so that the rest fits: scopes with what they may keep, the least recently used first. What is in use stays as
/// it is, but counts.
pub(crate) fn choose(scopes: &[(ScopeUse, bool)], budget: u64) -> Vec<(String, u64)> {
    let size = |scope: &ScopeUse| scope.bytes.unwrap_or(0);
    let total: u64 = scopes.iter().map(|(scope, _)| size(scope)).sum();
    let mut excess = total.saturating_sub(budget);
    let mut chosen = Vec::new();
    for (scope, is_in_use) in scopes {
        let bytes = size(scope);
        if excess == 0 || *is_in_use || bytes == 0 {
            continue;
        }
        let gone = excess.min(bytes);
        excess -= gone;
        chosen.push((scope.scope.clone(), bytes - gone));
    }
    chosen
}

fn make_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}

/// What stands for itself in a folder's name. Everything else is its number.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

fn name_folder(scope: &str) -> String {
    let mut name = String::new();
    for byte in scope.bytes() {
        match is_plain(byte) {
            true => name.push(char::from(byte)),
            false => name.push_str(&format!("%{byte:02x}")),
        }
    }
    name
}

fn read_folder(name: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = name.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            byte => byte,
        });
    }
    let scope = String::from_utf8(bytes).ok()?;
    (name_folder(&scope) == name).then_some(scope)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_scope_is_a_folder_of_its_own_whatever_it_is_called() {
        for scope in ["0192-ab/rule", "../..", ".", "a%2fb", "a/b", "ü"] {
            let name = name_folder(scope);
            assert!(!name.contains(['/', '.']), "{name}");
            assert_eq!(read_folder(&name).as_deref(), Some(scope));
        }
        assert_ne!(name_folder("a%2fb"), name_folder("a/b"));
        assert_eq!(read_folder("%2"), None);
        assert_eq!(read_folder("%2F"), None);
    }

    #[test]
    fn a_scope_counts_as_used_while_somebody_is_in_it_and_is_unknown_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        let scopes = Arc::new(Scopes::open(folder.path().join("s")).unwrap());
        let first = scopes.enter("a/rule").unwrap();
        let second = scopes.enter("a/rule").unwrap();
        assert!(scopes.enter_alone("a/rule").is_none());
        scopes.note_size("a/rule", 7).unwrap();
        drop(first);
        assert!(scopes.is_in_use("a/rule"));
        assert_eq!(scopes.list().unwrap()[0].bytes, None);
        drop(second);
        scopes.note_size("a/rule", 7).unwrap();
        let listed = scopes.list().unwrap();
        assert_eq!(
            (listed[0].scope.as_str(), listed[0].bytes),
            ("a/rule", Some(7))
        );
        let alone = scopes.enter_alone("a/rule").unwrap();
        assert!(scopes.enter("a/rule").is_err());
        scopes.forget("a/rule").unwrap();
        drop(alone);
        assert!(scopes.list().unwrap().is_empty());
    }

    #[test]
    fn the_least_recently_used_scope_gives_first_and_no_more_than_has_to() {
        let scope = |name: &str, used: u64, bytes: u64, is_in_use: bool| {
            let scope = ScopeUse {
                scope: name.to_owned(),
                used: SystemTime::UNIX_EPOCH + Duration::from_secs(used),
                bytes: Some(bytes),
            };
            (scope, is_in_use)
        };
        let all = [
            scope("old", 1, 10, false),
            scope("busy", 2, 50, true),
            scope("new", 3, 30, false),
        ];
        assert!(choose(&all, 90).is_empty());
        assert_eq!(choose(&all, 85), [("old".to_owned(), 5)]);
        assert_eq!(
            choose(&all, 70),
            [("old".to_owned(), 0), ("new".to_owned(), 20)]
        );
        assert_eq!(
            choose(&all, 0),
            [("old".to_owned(), 0), ("new".to_owned(), 0)]
        );
    }
}
