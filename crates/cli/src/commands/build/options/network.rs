//! `--network`.

use wharf_builder::request::NetworkMode;

use super::OptionProblem;

/// The network of steps. Docker's default is our isolated one.
pub(in crate::commands::build) fn read_network(text: &str) -> Result<NetworkMode, OptionProblem> {
    match text {
        "" | "default" | "isolated" => Ok(NetworkMode::Isolated),
        "none" => Ok(NetworkMode::None),
        "host" => Ok(NetworkMode::Host),
        _ => Err(OptionProblem::new("network", "--network", text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dockers_own_networks_are_not_here() {
        assert_eq!(read_network("default"), Ok(NetworkMode::Isolated));
        assert_eq!(read_network("host"), Ok(NetworkMode::Host));
        for text in ["bridge", "container:x", "my-net"] {
            assert_eq!(read_network(text).expect_err(text).key(), "network");
        }
    }
}
