//! ONBUILD: an instruction for those who build on the image.

use super::arguments::words;
use crate::{
    Problem,
    parser::{Arguments, Node},
};

/// A trigger, kept as text: that is what an image's config holds, and its variables are the later build's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Onbuild {
    /// One instruction; here-documents follow on lines of their own.
    pub trigger: String,
}

pub(super) fn parse_onbuild(node: &Node) -> Result<Onbuild, Problem> {
    let Arguments::Trigger(trigger) = &node.arguments else {
        debug_assert!(words(node).is_empty(), "ONBUILD has a trigger or nothing");
        return Err(Problem::AtLeastOneArgument { keyword: "ONBUILD" });
    };
    check_trigger(&trigger.keyword)?;
    let mut text = strip_keyword(&node.text).to_owned();
    for heredoc in &node.heredocs {
        text.push('\n');
        text.push_str(&heredoc.content);
        text.push_str(&heredoc.name);
    }
    Ok(Onbuild { trigger: text })
}

/// What follows the keyword, as written: flags and blanks at the end are the trigger's.
fn strip_keyword(text: &str) -> &str {
    let text = text.trim_start();
    let keyword = text.find(char::is_whitespace).unwrap_or(text.len());
    text[keyword..].trim_start()
}

/// Refuses the instructions that can be no trigger.
pub(super) fn check_trigger(keyword: &str) -> Result<(), Problem> {
    match keyword.to_ascii_uppercase().as_str() {
        "ONBUILD" => Err(Problem::OnbuildChain),
        "FROM" | "MAINTAINER" => Err(Problem::OnbuildTrigger {
            keyword: keyword.to_owned(),
        }),
        _ => Ok(()),
    }
}
