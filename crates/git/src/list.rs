//! Reading what git-ls-remote(1) prints.
//!
//! Pure. The lines come from a server that may be anybody's: what is no object or no name is passed over.

use crate::found::Head;
use crate::names::{ObjectId, RefName};

/// Refs in the order of the lines; a line `NAME^{}` belongs to the tag before it.
pub(crate) fn parse_heads(text: &str) -> Vec<Head> {
    let mut heads: Vec<Head> = Vec::new();
    for line in text.lines() {
        let Some((object, name)) = line.split_once('\t') else {
            continue;
        };
        let Ok(object) = object.parse::<ObjectId>() else {
            continue;
        };
        if let Some(tag) = name.strip_suffix("^{}") {
            if let Some(head) = heads.last_mut()
                && head.name.as_str() == tag
            {
                head.peeled = Some(object);
            }
            continue;
        }
        if let Ok(name) = name.parse::<RefName>() {
            heads.push(Head {
                name,
                object,
                peeled: None,
            });
        }
    }
    heads
}

/// The branch that `HEAD` stands for: `ref: refs/heads/main<tab>HEAD`.
pub(crate) fn parse_default_branch(text: &str) -> Option<RefName> {
    let line = text.lines().find_map(|line| line.strip_prefix("ref: "))?;
    let (name, of) = line.split_once('\t')?;
    let name: RefName = name.parse().ok()?;
    (of == "HEAD" && name.branch_name().is_some()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_tags_and_what_tags_stand_for_are_read() {
        let (a, b) = ("a".repeat(40), "b".repeat(40));
        let text = format!(
            "{a}\trefs/heads/main\n{b}\trefs/tags/v1\n{a}\trefs/tags/v1^{{}}\n{a}\trefs/tags/v2\n"
        );
        let heads = parse_heads(&text);
        let names: Vec<&str> = heads.iter().map(|head| head.name.as_str()).collect();
        assert_eq!(names, ["refs/heads/main", "refs/tags/v1", "refs/tags/v2"]);
        assert_eq!(heads[1].object.as_str(), b);
        assert_eq!(heads[1].commit().as_str(), a);
        assert_eq!(heads[2].commit().as_str(), a);
    }

    #[test]
    fn lines_that_are_no_refs_are_passed_over() {
        let a = "a".repeat(40);
        let text = format!(
            "warning: x\n{a}\n{a} refs/heads/x\nzz\trefs/heads/y\n{a}\t--x\n{a}\ta..b\n{a}\trefs/tags/v^{{}}\n"
        );
        assert_eq!(parse_heads(&text), []);
    }

    #[test]
    fn the_default_branch_is_where_head_points() {
        let text = format!("ref: refs/heads/trunk\tHEAD\n{}\tHEAD\n", "a".repeat(40));
        assert_eq!(
            parse_default_branch(&text).unwrap().branch_name(),
            Some("trunk")
        );
        assert_eq!(parse_default_branch(&"a".repeat(40)), None);
        assert_eq!(parse_default_branch("ref: refs/changes/1\tHEAD\n"), None);
    }
}
