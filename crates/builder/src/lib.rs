//! Dockerfile in, image out, without a daemon, a server or a database.
//!
//! A build is planned (`frontend`: stages become a graph of steps and an image configuration each) and solved (`graph`:
//! only what the target needs, equal steps once, cached results first). Steps run in the sandbox; files are touched only
//! by file jobs, which run in there too. Base images come from an [`ImageSource`](wharf_image::ImageSource), layers go into
//! a [`Content`](wharf_image::Content) store: the command line has a local one, the server its registry. Knows no terminal
//! and no HTTP server; the command line and the build service call it.

pub mod progress;
pub mod request;
