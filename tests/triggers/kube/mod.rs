//! What needs a Kubernetes control plane.

mod attacks;
mod exchanges;
mod kills;
mod order;
mod plane;
mod pulls;
mod pushes;
mod rollouts;
mod saving;
mod stopped_servers;
mod traces;
mod trouble;

/// The cluster that tests share, or the end of the calling test with the reason why there is none.
macro_rules! need_cluster {
    () => {
        match wharf_testkit::Kubernetes::shared() {
            Ok(cluster) => cluster,
            Err(reason) => wharf_testkit::skip!("{reason}"),
        }
    };
}
pub(crate) use need_cluster;

/// Ends the calling test where containers are real: `namespace.play_image(…)` could not make them misbehave.
macro_rules! need_played {
    ($played:expr) => {
        if !$played {
            wharf_testkit::skip!("containers are real here and do not misbehave on demand");
        }
    };
}
pub(crate) use need_played;
