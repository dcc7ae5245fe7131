//! Agreement of `wharf build` with a reference: the corpus of cases, what a real BuildKit made of each, and how two
//! results are compared.
//!
//! A case says what is built and how; a [`builder::Builder`] builds it; [`picture`] turns what came out into an
//! expectation; [`compare`] says in words how two of those differ. Expectations are written by `record` from BuildKit
//! alone, never by hand: see `README.md`. Nothing here knows how wharf builds: it runs the program.

pub mod archive;
pub mod base;
pub mod builder;
pub mod case;
pub mod compare;
pub mod context;
pub mod corpus;
pub mod git;
pub mod hostile;
pub mod layout;
pub mod person;
pub mod picture;
pub mod places;
pub mod readable;
pub mod remains;
pub mod rows;
pub mod run;
pub mod serve;
pub mod table;
pub mod tree;
pub mod workshop;
