//! Measures lists of tags and the catalog.
//! Pages are asked with `n`, as wharf serves at most 1,000 entries at once and a whole list would not be comparable.
//! Called by the entry point with the seeded fleet.

use anyhow::Result;

use super::Bench;
use super::small::{self, Access, SmallRequest};
use crate::ledger::Section;
use crate::seed::{CATALOG, TAG_COUNTS, catalog_repository, tag_name, tags_repository};
use crate::server::Server;

/// Lists are asked for rarely; four at once are a busy day.
const CONNECTIONS: usize = 4;

/// The row that the target is about.
pub(crate) const TAGS_PAGE_ROW: &str = "tags n=100 of 100,000: first, middle, last page";

pub(crate) fn measure(bench: &mut Bench<'_>, servers: &[&Server]) -> Result<()> {
    let [few, some, many] = TAG_COUNTS;
    let page_after = |number| format!("n=100&last={}", tag_name(number));
    let tags = [
        ("tags, all of 10", few, vec!["n=1000".to_owned()]),
        ("tags, all of 1,000", some, vec!["n=1000".to_owned()]),
        ("tags n=100 of 1,000", some, vec![page_after(some / 2)]),
        (
            TAGS_PAGE_ROW,
            many,
            vec![
                "n=100".to_owned(),
                page_after(many / 2),
                page_after(many - 101),
            ],
        ),
    ];
    for (name, count, queries) in tags {
        if name != TAGS_PAGE_ROW && !bench.scale.thorough {
            continue;
        }
        let repository = tags_repository(count);
        let paths = queries.iter();
        let small = SmallRequest {
            section: Section::Lists,
            name: name.to_owned(),
            method: "GET",
            paths: paths
                .map(|query| format!("/v2/{repository}/tags/list?{query}"))
                .collect(),
            expected: 200,
            connections: CONNECTIONS,
            access: Access::Token(format!("repository:{repository}:pull")),
        };
        small::measure(bench, servers, &small)?;
    }
    let middle = catalog_repository(CATALOG / 2);
    let catalog = [
        ("catalog n=100, first page", "n=100".to_owned()),
        ("catalog n=100, middle page", format!("n=100&last={middle}")),
    ];
    for (name, query) in catalog {
        let small = SmallRequest {
            section: Section::Lists,
            name: name.to_owned(),
            method: "GET",
            paths: vec![format!("/v2/_catalog?{query}")],
            expected: 200,
            connections: CONNECTIONS,
            access: Access::Token("registry:catalog:*".to_owned()),
        };
        small::measure(bench, servers, &small)?;
    }
    Ok(())
}
