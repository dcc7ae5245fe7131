//! What shall be built, and why: rules, one decision for each update of a ref, links between images, trigger URLs.
//!
//! Pushes come in by [`App::record_pushes`](crate::App) (webhooks) and by asking for refs; both decide in one
//! transaction with the build and with what the rule knows from then on. How something is built is the business of the
//! room `builds`; what code hosts are is known to `sources`. Nothing here speaks HTTP, git or a code host's API.

mod compile;
mod deciding;
mod definition;
mod placing;
mod planning;
mod pushes;
mod updates;

pub use definition::{Definition, FormText, LineText, NamingText, TriggerText};
pub use updates::{PushOutcome, ReportedUpdate};
