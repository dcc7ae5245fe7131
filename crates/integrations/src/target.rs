//! What triggers reach: [`kubernetes`], clusters whose workloads take a new image.
//!
//! Everything goes out by the `wharf-egress` that it is given, follows no redirect, and is bounded in time and size.
//! Whether and when to try again is the caller's business. Called by `wharf-app`.

pub mod kubernetes;
