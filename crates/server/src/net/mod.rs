//! Sockets: accepting, TLS, HTTP framing, time limits, and who is at the other end.
//!
//! [`serve`] runs one accept loop per [`Listener`] and hands every request to one function,
//! together with the facts about its connection. Sizes and times of everything a client can hold
//! are bounded here, before any handler runs. This room knows no paths, no accounts and no
//! configuration files, and it trusts nothing that a client says about itself except through
//! [`client_address`].

mod accept;
mod connection;
mod counted;
mod forwarded;
mod info;
mod limits;
mod listener;
mod page_cache;
mod pulse;
mod send_file;
mod serve;
pub mod tls;
mod transport;

pub use forwarded::{ClientAddress, client_address};
pub use info::ConnectionInfo;
pub use limits::ConnectionLimits;
pub use listener::{ListenError, Listener};
pub use serve::{Drained, serve};
