//! A git push becomes an image that a client pulls: a real server, a real git server, real workers.
//!
//! Skips where this machine cannot build. Git is served over http and ssh on loopback, as a plain git server; `hosts` has
//! every kind. Most tests share one server and keep apart by the names of their images; those that fill queues or restart
//! have one of their own.

mod bases;
mod cli;
mod commits;
mod dead_hosts;
mod dockerfiles;
mod further;
mod hosts;
mod how_to;
mod kills;
mod lasting;
mod live;
mod log_lines;
mod logs;
mod moves;
mod naming;
mod places;
mod pushes;
mod queue;
mod reach;
mod remotes;
mod rights;
mod steps;
mod triggers;
