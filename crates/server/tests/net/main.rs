//! The server's sockets and bodies from outside: a real listener, raw clients, real files.

mod client;
mod downloads;
mod drain;
mod framing;
mod http2;
mod limits;
mod server;
mod tls;
mod uploads;
