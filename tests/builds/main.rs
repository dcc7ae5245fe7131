//! A git push becomes an image that a client pulls: a real server, a real git server, real workers.
//!
//! Skips where this machine cannot build. Git is served over http on loopback, as a plain git server; `hosts` has every kind.

mod dead_hosts;
mod hosts;
mod lasting;
mod live;
mod pushes;
mod reach;
