//! Who the step runs as: USER of a Dockerfile against the image's /etc/passwd and /etc/group.

use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{FileType, Mode, OFlags, ResolveFlags};

use super::accounts_file::{Group, Person, parse_groups, parse_people};
use crate::failure::{AttemptTo, Failure, Setup};

/// Larger files of accounts are not read, as in the reference.
const MAX_FILE: u64 = 10 << 20;

/// Ids and home of the step's user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) uid: u32,
    pub(super) gid: u32,
    /// Supplementary groups.
    pub(super) groups: Vec<u32>,
    pub(super) home: String,
}

/// Finds the account in the root. Not under an open file of accounts that is a link out of the root, a pipe or a device.
pub(super) fn find_account(root: &OwnedFd, user: Option<&str>) -> Setup<Account> {
    let people = parse_people(&read_file(root, "etc/passwd")?);
    let groups = parse_groups(&read_file(root, "etc/group")?);
    choose_account(user.unwrap_or_default(), &people, &groups)
}

fn read_file(root: &OwnedFd, path: &str) -> Setup<String> {
    // Without blocking: the file may be a pipe.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
    let Ok(fd) = rustix::fs::openat2(root.as_fd(), path, flags, Mode::empty(), resolve) else {
        return Ok(String::new());
    };
    let stat = rustix::fs::fstat(&fd).attempt_to("look at the image's accounts")?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(Failure::refused(format!(
            "/{path} of the image is not a file"
        )));
    }
    let mut bytes = Vec::new();
    File::from(fd)
        .take(MAX_FILE + 1)
        .read_to_end(&mut bytes)
        .attempt_to("read the image's accounts")?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(Failure::refused(format!(
            "/{path} of the image is larger than 10 MiB"
        )));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// `user`, `user:group`; names or numbers. An id without an entry is fine, a name without one is not.
fn choose_account(user: &str, people: &[Person], groups: &[Group]) -> Setup<Account> {
    let (name, group) = match user.split_once(':') {
        Some((name, group)) => (name, Some(group)),
        None => (user, None),
    };
    let name = if name.is_empty() { "0" } else { name };
    let number: Option<u32> = name.parse().ok();
    let person = people
        .iter()
        .find(|person| person.name == name)
        .or_else(|| people.iter().find(|person| Some(person.uid) == number));
    let uid = match (person, number) {
        (Some(person), _) => person.uid,
        (None, Some(number)) => number,
        (None, None) if name == "root" => 0,
        (None, None) => {
            return Err(Failure::refused(format!(
                "unable to find user {name}: no matching entries in passwd file"
            )));
        }
    };
    let gid = match group.filter(|group| !group.is_empty()) {
        Some(group) => find_group(group, groups)?,
        None => person.map_or(0, |person| person.gid),
    };
    // A group that is asked for replaces all others; two numbers are taken as they are.
    let mut supplementary: Vec<u32> = match (person, group) {
        (Some(person), None) if !user.is_empty() => groups
            .iter()
            .filter(|group| group.members.contains(&person.name))
            .map(|group| group.gid)
            .collect(),
        _ => Vec::new(),
    };
    // A group that is not in the list could be given up to pass a rule against it (CVE-2022-36109).
    if !supplementary.contains(&gid) {
        supplementary.insert(0, gid);
    }
    Ok(Account {
        uid,
        gid,
        groups: supplementary,
        home: person
            .map(|person| person.home.clone())
            .filter(|home| !home.is_empty())
            .unwrap_or_else(|| if uid == 0 { "/root" } else { "/" }.to_owned()),
    })
}

fn find_group(group: &str, groups: &[Group]) -> Setup<u32> {
    if let Some(found) = groups.iter().find(|entry| entry.name == group) {
        return Ok(found.gid);
    }
    group.parse().map_err(|_| {
        Failure::refused(format!(
            "unable to find group {group}: no matching entries in group file"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str =
        "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1001::/home/app:/bin/sh\n7:x:70:71::/seven:\n";
    const GROUP: &str = "root:x:0:\napp:x:1001:\nvideo:x:44:app,other\naudio:x:45:app\n";

    fn choose(user: &str) -> Account {
        choose_account(user, &parse_people(PASSWD), &parse_groups(GROUP)).unwrap()
    }

    #[test]
    fn a_name_brings_its_groups_and_its_home() {
        assert_eq!(
            choose("app"),
            Account {
                uid: 1000,
                gid: 1001,
                groups: vec![1001, 44, 45],
                home: "/home/app".to_owned()
            }
        );
    }

    #[test]
    fn a_group_that_is_asked_for_is_the_only_one() {
        let account = choose("app:video");
        assert_eq!((account.gid, account.groups), (44, vec![44]));
    }

    #[test]
    fn numbers_need_no_entry() {
        let account = choose("4000:5000");
        assert_eq!((account.uid, account.gid), (4000, 5000));
        assert_eq!(account.home, "/");
        assert_eq!(choose("4000").gid, 0);
    }

    #[test]
    fn a_name_that_looks_like_a_number_wins_over_the_number() {
        assert_eq!(choose("7").uid, 70);
    }

    #[test]
    fn without_a_user_it_is_root_even_without_accounts() {
        assert_eq!(choose("").uid, 0);
        let nobody = choose_account("", &[], &[]).unwrap();
        assert_eq!((nobody.uid, nobody.home.as_str()), (0, "/root"));
    }

    #[test]
    fn an_unknown_name_is_refused_in_the_words_people_know() {
        let failure = choose_account("ghost", &[], &[]).unwrap_err();
        assert!(format!("{failure:?}").contains("no matching entries in passwd file"));
    }
}
