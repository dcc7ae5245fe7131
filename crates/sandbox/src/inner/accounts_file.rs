//! passwd(5) and group(5), as far as a step needs them. Broken lines are passed over, as libc does.

/// A line of /etc/passwd.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) name: String,
    pub(super) uid: u32,
    pub(super) gid: u32,
    pub(super) home: String,
}

/// A line of /etc/group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) gid: u32,
    pub(super) members: Vec<String>,
}

pub(super) fn parse_people(text: &str) -> Vec<Person> {
    text.lines()
        .filter_map(|line| {
            let fields: Vec<&str> = line.trim().split(':').collect();
            Some(Person {
                name: named(fields.first()?)?,
                uid: fields.get(2)?.parse().ok()?,
                gid: fields.get(3)?.parse().ok()?,
                home: fields.get(5).copied().unwrap_or_default().to_owned(),
            })
        })
        .collect()
}

pub(super) fn parse_groups(text: &str) -> Vec<Group> {
    text.lines()
        .filter_map(|line| {
            let fields: Vec<&str> = line.trim().split(':').collect();
            Some(Group {
                name: named(fields.first()?)?,
                gid: fields.get(2)?.parse().ok()?,
                members: fields
                    .get(3)
                    .copied()
                    .unwrap_or_default()
                    .split(',')
                    .filter(|member| !member.is_empty())
                    .map(str::to_owned)
                    .collect(),
            })
        })
        .collect()
}

fn named(name: &str) -> Option<String> {
    (!name.is_empty() && !name.starts_with('#')).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_broken_lines_are_passed_over() {
        let people =
            parse_people("#x:x:1:1::/:\nshort:x\nok:x:5:6\nbad:x:five:6::/:\n:x:1:1::/:\n");
        assert_eq!(people.len(), 1);
        assert_eq!((people[0].uid, people[0].home.as_str()), (5, ""));
    }
}
