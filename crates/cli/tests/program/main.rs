//! The program from outside: what it prints, where, and how it ends.

mod build;
mod check;
mod completion;
mod help;
mod home;
mod host;
mod login;
mod running;
mod serve;
mod usage;
