//! How stages refer to each other: bases, `COPY --from`, mounts, and what a target needs.
//!
//! It decides nothing about images and contexts outside the file: those stay names. The builder schedules by it, lint
//! walks by it.

mod cycle;
mod graph;
mod links;

#[cfg(test)]
mod tests;

pub use graph::StageGraph;
pub use links::{Base, Origin, Place, StageLinks, Use};
