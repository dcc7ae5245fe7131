//! `--ssh`: agents and private keys that steps may use.

use std::path::PathBuf;

use super::OptionProblem;

/// What signs for the steps that ask for one id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::commands::build) struct SshSource {
    pub(in crate::commands::build) id: String,
    /// The socket of an agent, or private keys. Never empty.
    pub(in crate::commands::build) paths: Vec<PathBuf>,
}

/// `ID[=SOCKET|KEY[,KEY]]`; without a path it is the environment's agent (`SSH_AUTH_SOCK`).
pub(in crate::commands::build) fn read_ssh(
    texts: &[String],
    agent: Option<&str>,
) -> Result<Vec<SshSource>, OptionProblem> {
    texts.iter().map(|text| read_one(text, agent)).collect()
}

fn read_one(text: &str, agent: Option<&str>) -> Result<SshSource, OptionProblem> {
    const OPTION: &str = "--ssh";
    let (id, named) = text.split_once('=').unwrap_or((text, ""));
    let mut paths: Vec<PathBuf> = named
        .split(',')
        .filter(|path| !path.is_empty())
        .map(PathBuf::from)
        .collect();
    if paths.is_empty() {
        let agent = agent.ok_or_else(|| OptionProblem::new("ssh_agent", OPTION, text))?;
        paths.push(PathBuf::from(agent));
    }
    let id = if id.is_empty() { "default" } else { id };
    Ok(SshSource {
        id: id.to_owned(),
        paths,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_is_the_environments_or_what_is_named() {
        let read = |text| {
            let source = read_one(text, Some("/run/agent")).expect(text);
            format!("{} {:?}", source.id, source.paths)
        };
        assert_eq!(read("default"), r#"default ["/run/agent"]"#);
        assert_eq!(read("github"), r#"github ["/run/agent"]"#);
        assert_eq!(read("default="), r#"default ["/run/agent"]"#);
        assert_eq!(read("git=/tmp/other.sock"), r#"git ["/tmp/other.sock"]"#);
        assert_eq!(read("=k1,k2"), r#"default ["k1", "k2"]"#);
    }

    #[test]
    fn without_an_agent_there_is_a_reason() {
        let error = read_one("default", None).expect_err("no agent");
        assert_eq!(error.key(), "ssh_agent");
    }
}
