//! Markdown as HTML that is harmless wherever it is shown.
//!
//! Nothing is filtered: every tag is written here, out of what the parser understood, and every text and attribute is escaped.
//! HTML in the source is not passed on: its tags go, their text stays. Links lead to http, https and mail alone; images become
//! links, because a page shows none from elsewhere. Pure. Called by `repositories`.

mod strip;
mod write;

pub(crate) use write::render_markdown;
