//! Code hosts from outside: published payloads and signatures in, and one suite over the three fakes of their APIs.

/// The text of a published payload.
macro_rules! payload {
    ($name:literal) => {
        include_str!(concat!("payloads/", $name))
    };
}

mod deliveries;
mod ignored;
mod signatures;
