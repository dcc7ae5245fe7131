//! What triggers reach: [`webhook`], receivers of webhooks; [`message`], chat rooms; [`mail`], mail boxes;
//! [`kubernetes`], clusters whose workloads take a new image.
//!
//! Rendering is pure: from the facts of one event to one request. Everything goes out by the `wharf-egress` that it is
//! given, follows no redirect, and is bounded in time and size. A sent request is an [`Exchange`]: what was asked and
//! answered with every secret masked, and what follows from it. Whether, when and how often to try is the caller's
//! business. Called by `wharf-app`.

mod answer;
mod error;
mod exchange;
mod facts;
#[cfg(test)]
mod fixture;
pub mod kubernetes;
pub mod mail;
mod mask;
pub mod message;
mod send;
mod target_url;
mod template;
pub mod webhook;

pub use error::TargetError;
pub use exchange::{
    Exchange, LONGEST_SHOWN, Outcome, Reason, ReasonWord, ShownRequest, ShownResponse, Timings,
};
pub use send::{LONGEST_EXCHANGE, RenderedRequest, send_request};
pub use target_url::TargetUrl;
pub use template::{LONGEST_TEMPLATE, TemplateForm, check_template};
pub use wharf_messages::Language;
