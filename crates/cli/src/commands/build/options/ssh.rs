//! `--ssh`: agents whose keys steps may use.

use std::path::PathBuf;

use super::OptionProblem;

/// Where an agent is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::commands::build) struct SshSource {
    pub(in crate::commands::build) id: String,
    pub(in crate::commands::build) socket: PathBuf,
}

/// `ID[=SOCKET]`; without a socket it is that of the environment's agent (`SSH_AUTH_SOCK`).
///
/// Docker also takes private keys here and serves them itself; wharf reads no private key: an agent does that.
pub(in crate::commands::build) fn read_ssh(
    texts: &[String],
    agent: Option<&str>,
) -> Result<Vec<SshSource>, OptionProblem> {
    texts.iter().map(|text| read_one(text, agent)).collect()
}

fn read_one(text: &str, agent: Option<&str>) -> Result<SshSource, OptionProblem> {
    const OPTION: &str = "--ssh";
    let (id, path) = match text.split_once('=') {
        Some((id, path)) => (id, Some(path).filter(|path| !path.is_empty())),
        None => (text, None),
    };
    let id = if id.is_empty() { "default" } else { id };
    let path = match path {
        Some(path) if path.contains(',') => {
            return Err(OptionProblem::new("ssh_key", OPTION, text));
        }
        Some(path) => path,
        None => agent.ok_or_else(|| OptionProblem::new("ssh_agent", OPTION, text))?,
    };
    Ok(SshSource {
        id: id.to_owned(),
        socket: PathBuf::from(path),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_is_the_environments_or_one_that_is_named() {
        let read = |text| {
            let source = read_one(text, Some("/run/agent")).expect(text);
            format!("{} {}", source.id, source.socket.display())
        };
        assert_eq!(read("default"), "default /run/agent");
        assert_eq!(read("github"), "github /run/agent");
        assert_eq!(read("default="), "default /run/agent");
        assert_eq!(read("git=/tmp/other.sock"), "git /tmp/other.sock");
    }

    #[test]
    fn without_an_agent_and_for_keys_there_is_a_reason() {
        assert_eq!(
            read_one("default", None).expect_err("no agent").key(),
            "ssh_agent"
        );
        assert_eq!(
            read_one("a=k1,k2", None).expect_err("keys").key(),
            "ssh_key"
        );
    }
}
