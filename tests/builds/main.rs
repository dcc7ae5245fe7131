//! A git push becomes an image that a client pulls: a real server, a real git server, real workers.
//!
//! Skips where this machine cannot build. Git is served over http on loopback, as a plain git server.

mod live;
mod pushes;
