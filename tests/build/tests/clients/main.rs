//! Images that `wharf build` made, in the hands of other programs: pushed to a real `wharf serve`, pulled and run by
//! dockerd, podman and containerd; loaded, copied, built upon. And the same builds by several people and at once.
//!
//! The programs are started as the suite `e2e` starts them, with its own modules. A program that this machine does not
//! have is skipped with that reason.

// Not all of what they offer is needed here.
#[allow(dead_code, reason = "the other suite uses the rest")]
#[path = "../../../e2e/client.rs"]
mod client;
#[allow(dead_code, reason = "the other suite uses the rest")]
#[path = "../../../e2e/containers.rs"]
mod containers;
#[allow(dead_code, reason = "the other suite uses the rest")]
#[path = "../../../e2e/daemon.rs"]
mod daemon;
#[allow(dead_code, reason = "the other suite uses the rest")]
#[path = "../../../e2e/site.rs"]
mod site;
#[allow(
    dead_code,
    unused_imports,
    unused_macros,
    reason = "the other suite uses the rest"
)]
#[path = "../../../e2e/tool.rs"]
mod tool;

mod checks;
mod compressions;
mod containerd;
mod dockerd;
mod downloads;
mod parallel;
mod people;
mod podman;
mod programs;
mod progress;
mod pushes;
mod scene;
mod second_voice;
mod store;
