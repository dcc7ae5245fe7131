//! One request and its answer, with assertions that show the whole exchange when they fail.

mod answer;
mod login;
mod send;

pub use answer::Answer;
pub use login::Login;
pub(crate) use send::{Body, Outgoing, build_client, build_identified_client, send, try_send};
