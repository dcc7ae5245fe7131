//! The engine over a whole app: real rows, real requests to receivers on this machine, and a cluster that pretends.

mod backlog;
mod fan_out;
mod isolation;
mod mail;
mod outgoing;
mod pretended;
mod receiver;
mod rollouts;
mod scene;
mod sweep;
