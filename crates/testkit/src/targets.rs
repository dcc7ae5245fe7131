//! What triggers send to, played: receivers that note each request and answer well or badly, a mail server, and the
//! rules by which real receivers check what they get.

mod behavior;
mod mailbox;
mod receiver;
mod smtp;
mod vendors;

pub use behavior::Behavior;
pub use mailbox::{MailVerdict, ReceivedMail};
pub use receiver::{Receiver, ReceiverRequest};
pub use smtp::{MailSink, MailSinkSecurity};
pub use vendors::{
    check_dingtalk_signature, check_feishu_signature, check_standard_webhook, sign_standard_webhook,
};
