//! Sending: to receivers that answer well, badly, or not at all, and to a mail server.

mod guarded;
mod mails;
mod messages;
mod setup;
mod webhooks;
