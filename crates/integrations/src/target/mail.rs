//! Mails, over the operator's own server.
//!
//! A trigger names recipients and nothing else: server, sender and credentials are the operator's. Headers are made here
//! out of checked addresses and one clean line, so nothing can be slipped into them. The `Message-ID` is the delivery's,
//! so that a mail server that has a mail already can tell. Called by `wharf-app`.

mod compose;
mod recipient;
mod server;
mod session;
#[cfg(test)]
mod tests;
mod tls;

pub use compose::{MailTarget, RenderedMail, render_mail, render_test_mail};
pub use recipient::{MOST_RECIPIENTS, Recipient, RecipientRule};
pub use server::{MailSecurity, MailServer};
pub use session::send_mail;
