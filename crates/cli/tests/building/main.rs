//! The program around real builds, in real sandboxes.

mod after;
#[path = "../program/home.rs"]
#[expect(dead_code, reason = "some of it is for other tests")]
mod home;
mod keys;
