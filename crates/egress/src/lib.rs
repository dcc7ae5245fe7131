//! The only way out of wharf: resolves once, checks every address against a policy, dials exactly that address, and
//! bounds time and size.
//!
//! It knows no protocol above HTTP and no product: what is asked for, and what an answer means, is the business of
//! `wharf-client`, of the builder and of the integrations, which call it. It reads no environment and keeps no global
//! state; proxies, certificates and the policy are passed in.

mod address;
mod allow;
mod connect;
mod connections;
mod dialer;
mod egress;
mod error;
mod guard;
mod idle;
mod policy;
mod proxy;
mod request;
mod resolver;
mod response;
mod trust;

pub use address::AddressClass;
pub use allow::AllowEntry;
pub use connect::Protocol;
pub use dialer::{Dialer, DialerSettings, Dialing};
pub use egress::{Egress, EgressSettings};
pub use error::{EgressError, Result};
pub use policy::{PlainHttp, Policy};
pub use proxy::ProxySettings;
pub use request::Request;
pub use resolver::{Lookup, Resolver, SystemResolver};
pub use response::Response;
pub use trust::HostSettings;
