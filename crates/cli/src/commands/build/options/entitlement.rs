//! `--allow`: what steps may do beyond the usual.

use super::OptionProblem;
use super::fields::split_fields;

/// Rights that were given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::commands::build) struct Entitlements {
    /// `RUN --network=host`.
    pub(in crate::commands::build) host_network: bool,
    /// `RUN --security=insecure`.
    pub(in crate::commands::build) insecure: bool,
}

/// Each value may hold several rights.
pub(in crate::commands::build) fn read_entitlements(
    texts: &[String],
) -> Result<Entitlements, OptionProblem> {
    let mut given = Entitlements::default();
    for text in texts {
        for right in split_fields("--allow", text)? {
            match right.as_str() {
                "network.host" => given.host_network = true,
                "security.insecure" => given.insecure = true,
                "device" => return Err(OptionProblem::new("allow_device", "--allow", right)),
                _ if right.starts_with("device=") => {
                    return Err(OptionProblem::new("allow_device", "--allow", right));
                }
                // Files are only read and written where options say so: bake's rights on files change nothing here.
                _ if right == "fs" || right.starts_with("fs=") || right.starts_with("fs.") => {}
                _ => return Err(OptionProblem::new("allow", "--allow", right)),
            }
        }
    }
    Ok(given)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(texts: &[&str]) -> Result<Entitlements, OptionProblem> {
        read_entitlements(
            &texts
                .iter()
                .map(|text| (*text).to_owned())
                .collect::<Vec<_>>(),
        )
    }

    #[test]
    fn rights_are_given_one_by_one_or_together() {
        let both = Entitlements {
            host_network: true,
            insecure: true,
        };
        assert_eq!(read(&["network.host", "security.insecure"]), Ok(both));
        assert_eq!(read(&["network.host,security.insecure"]), Ok(both));
        assert_eq!(read(&["fs.read=/a"]), Ok(Entitlements::default()));
    }

    #[test]
    fn unknown_rights_are_refused() {
        assert_eq!(read(&["network"]).expect_err("unknown").key(), "allow");
        assert_eq!(
            read(&["device=x/y=z"]).expect_err("devices").key(),
            "allow_device"
        );
    }
}
