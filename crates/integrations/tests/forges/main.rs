//! Code hosts from outside: published payloads and signatures in, and one suite over the three fakes of their APIs.

/// The text of a published payload.
macro_rules! payload {
    ($name:literal) => {
        include_str!(concat!("payloads/", $name))
    };
}

mod browsing;
mod deliveries;
mod device;
mod ignored;
mod marks;
mod receiver;
mod refusals;
mod setup;
mod signatures;
mod webhooks;
