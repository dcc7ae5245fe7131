//! The way out against servers on loopback. Each refusal is first shown working with the guard off.

mod connect;
mod dialer;
mod fake;
mod guard;
mod identity;
mod limits;
mod proxy;
mod redirects;
mod tls;
