//! The program from outside: what it prints, where, and how it ends.

mod build;
mod builds;
mod check;
mod completion;
mod documents;
mod fake_api;
mod help;
mod home;
mod host;
mod login;
mod running;
mod serve;
mod sources;
mod usage;
