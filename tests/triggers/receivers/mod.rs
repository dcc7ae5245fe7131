//! What a server sends to receivers that check it as real ones do: every shape of a webhook, every chat, mails; and what
//! becomes of receivers that fail.

mod builds;
mod chats;
mod failures;
mod isolation;
mod mail;
mod payloads;
mod scene;
