//! Lists that the server answers in pages, joined into one.

use clap::Args;
use indicatif::ProgressBar;
use serde_json::{Value, json};

use super::api::ApiClient;
use crate::failure::Failure;
use crate::session::Session;

/// The most the server gives at once: fewer requests for long lists.
const PAGE_SIZE: usize = 1000;

/// How much of a list is wanted.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct PageOptions {
    /// Show at most this many (default: all)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) limit: Option<u64>,
    /// Go on after this cursor (`next` of an earlier answer in JSON)
    #[arg(long, value_name = "CURSOR")]
    pub(crate) after: Option<String>,
}

/// Fetches a list, page after page, up to the limit; the answer has the form of one page (`items`, `next`).
pub(crate) async fn list_pages(
    session: &Session,
    client: &ApiClient<'_>,
    path: &[&str],
    query: &[(&str, String)],
    options: &PageOptions,
) -> Result<Value, Failure> {
    let wanted = options.limit.map_or(usize::MAX, |limit| limit as usize);
    let mut items: Vec<Value> = Vec::new();
    let mut cursor = options.after.clone();
    let mut progress: Option<ProgressBar> = None;
    loop {
        let size = PAGE_SIZE.min(wanted - items.len());
        let mut query = query.to_vec();
        query.push(("limit", size.to_string()));
        if let Some(cursor) = &cursor {
            query.push(("after", cursor.clone()));
        }
        let mut page = client.get(path, &query).await?;
        let before = items.len();
        if let Some(Value::Array(more)) = page.get_mut("items").map(Value::take) {
            items.extend(more);
        }
        cursor = page["next"].as_str().map(str::to_owned);
        // A page without items cannot have another one after it; asking on could go on forever.
        if cursor.is_none() || items.len() >= wanted || items.len() == before {
            break;
        }
        if session.stderr_is_terminal {
            let count = items.len().to_string();
            let bar = progress.get_or_insert_with(ProgressBar::new_spinner);
            bar.set_message(session.text("cli.loading", &[("count", &count)]));
            bar.tick();
        }
    }
    if let Some(bar) = progress {
        bar.finish_and_clear();
    }
    if let Some(cursor) = &cursor {
        session.say("cli.more", &[("cursor", cursor)]);
    }
    Ok(json!({ "items": items, "next": cursor }))
}
