//! Every sentence wharf says to a person, in English and Chinese.
//!
//! The room holds one catalogue for the server and the command line. It turns a stable key and its parameters
//! into text, and it chooses a language from values that it is given. It reads no environment, knows no HTTP and
//! decides nothing. The `/v2` registry errors are not here: the OCI specification has them in English, in its own
//! shape. Called by `wharf-server` (problem+json) and by the `wharf` program.

mod catalogue;
mod language;
mod problem;

pub use catalogue::{has_message, list_keys, render};
pub use language::Language;
pub use problem::{PROBLEM_CODES, ProblemText, render_problem};
