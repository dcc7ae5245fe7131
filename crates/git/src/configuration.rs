//! How git and ssh are set up: by files and an environment of our own, never by anything of the machine or of a repository.

use wharf_sandbox::Mount;

use crate::credential::{Credential, Secret};
use crate::error::{GitError, Result};
use crate::machine;
use crate::remote::{GitRemote, Scheme};
use crate::settings::Access;

/// Where git's proxy listens in the sandbox.
pub(crate) const HTTP_PORT: u16 = 3128;
/// Where the ssh server seems to be in the sandbox.
pub(crate) const SSH_PORT: u16 = 2222;
/// The repository's own folder, which is never within its files.
pub(crate) const GIT_DIRECTORY: &str = "/git";
/// The files.
pub(crate) const CHECKOUT: &str = "/checkout";
/// Where ssh notes a server's key at first sight.
pub(crate) const LEARNT: &str = "/learnt/known_hosts";

const GIT_CONFIG: &str = "/etc/wharf/gitconfig";
const SSH_CONFIG: &str = "/etc/wharf/ssh_config";
const KNOWN_HOSTS: &str = "/etc/wharf/known_hosts";
const KEY: &str = "/etc/wharf/key";
const AUTHORITIES: &str = "/etc/wharf/authorities.pem";
const AGENT: &str = "/etc/wharf/agent";

/// The name under which ssh keeps the server's keys, so that no name of the outside gets into a file or an argument.
const ALIAS: &str = "remote";

/// Whom ssh logs in as where the address does not say: every code host's one account.
const SSH_USER: &str = "git";

/// Git's own settings. Hooks, helpers and monitors are programs that a configuration could name; there is no other
/// configuration than this. Objects are checked as they arrive, which finds the malformed trees and `.gitmodules` of
/// CVE-2018-11235 and its kin; the exceptions are mistakes of old versions that many repositories have in their history.
const GIT_SETTINGS: &str = "\
[core]
\thooksPath = /dev/null
\tfsmonitor = false
\tattributesFile = /dev/null
\texcludesFile = /dev/null
\tsymlinks = true
\tprotectHFS = true
\tprotectNTFS = true
[protocol]
\tallow = never
\tversion = 2
[transfer]
\tfsckObjects = true
[fetch \"fsck\"]
\tzeroPaddedFilemode = ignore
\tmissingSpaceBeforeDate = ignore
\tmissingSpaceBeforeEmail = ignore
\tbadTimezone = ignore
\tmissingNameBeforeEmail = ignore
[fetch]
\trecurseSubmodules = false
[submodule]
\trecurse = false
[http]
\tfollowRedirects = initial
\tproxy = http://127.0.0.1:3128
[credential]
\thelper =
[gc]
\tauto = 0
[maintenance]
\tauto = false
[advice]
\tdetachedHead = false
[safe]
\tdirectory = *
";

/// What is the same for every server. `IgnoreUnknown` is for the option that old clients call by another name.
const SSH_SETTINGS: &str = "\
IgnoreUnknown KbdInteractiveAuthentication
Host *
HostName 127.0.0.1
Port 2222
HostKeyAlias remote
BatchMode yes
GlobalKnownHostsFile /dev/null
HashKnownHosts no
CheckHostIP no
VerifyHostKeyDNS no
UpdateHostKeys no
PreferredAuthentications publickey
PasswordAuthentication no
KbdInteractiveAuthentication no
ForwardAgent no
ForwardX11 no
ClearAllForwardings yes
PermitLocalCommand no
ControlMaster no
ControlPath none
ProxyCommand none
CanonicalizeHostname no
ConnectTimeout 20
ServerAliveInterval 15
ServerAliveCountMax 4
LogLevel ERROR
";

/// Files and environment of one call.
#[derive(Debug, Default)]
pub(crate) struct Configuration {
    pub(crate) mounts: Vec<Mount>,
    pub(crate) environment: Vec<(String, String)>,
}

/// Sets git up for a remote.
///
/// # Errors
/// [`GitError::Certificate`] when the authorities are not in PEM form.
pub(crate) fn configure(access: &Access) -> Result<Configuration> {
    let mut made = Configuration::default();
    made.add_file(GIT_CONFIG, GIT_SETTINGS.as_bytes(), 0o444);
    let remote = &access.remote;
    for (name, value) in [
        ("PATH", machine::SEARCH_PATH),
        ("HOME", "/nonexistent"),
        ("LC_ALL", "C"),
        ("GIT_DIR", GIT_DIRECTORY),
        ("GIT_WORK_TREE", CHECKOUT),
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_CONFIG_SYSTEM", "/dev/null"),
        ("GIT_CONFIG_GLOBAL", GIT_CONFIG),
        ("GIT_ATTR_NOSYSTEM", "1"),
        ("GIT_ALLOW_PROTOCOL", remote.scheme().as_str()),
        ("GIT_PROTOCOL_FROM_USER", "0"),
        ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_ASKPASS", "/bin/false"),
        ("SSH_ASKPASS", "/bin/false"),
        ("GIT_NO_REPLACE_OBJECTS", "1"),
        ("GIT_LFS_SKIP_SMUDGE", "1"),
        ("GIT_SSH_VARIANT", "ssh"),
        ("GIT_SSH_COMMAND", "ssh -F /etc/wharf/ssh_config"),
    ] {
        made.set(name, value);
    }
    if remote.scheme() == Scheme::Ssh {
        made.add_ssh(access);
    }
    if let Some(authorities) = &access.authorities {
        made.add_authorities(authorities, remote)?;
    }
    made.add_settings(access);
    Ok(made)
}

impl Configuration {
    fn set(&mut self, name: &str, value: impl Into<String>) {
        self.environment.push((name.to_owned(), value.into()));
    }

    fn add_file(&mut self, target: &str, content: &[u8], mode: u32) {
        self.mounts.push(Mount::File {
            content: content.to_vec(),
            is_program: false,
            target: target.to_owned(),
            mode,
            uid: 0,
            gid: 0,
        });
    }

    /// The address and the header, which nobody sees in an environment of a namespace of its own.
    fn add_settings(&mut self, access: &Access) {
        let remote = &access.remote;
        let mut settings = vec![("remote.origin.url".to_owned(), address_for_git(remote))];
        if let Some(header) = access.credential.header(remote) {
            let name = format!("http.{}/.extraHeader", remote.origin());
            settings.push((name, format!("Authorization: {header}")));
        }
        self.set("GIT_CONFIG_COUNT", settings.len().to_string());
        for (number, (name, value)) in settings.into_iter().enumerate() {
            self.set(&format!("GIT_CONFIG_KEY_{number}"), name);
            self.set(&format!("GIT_CONFIG_VALUE_{number}"), value);
        }
    }

    fn add_ssh(&mut self, access: &Access) {
        let mut text = SSH_SETTINGS.to_owned();
        let (file, checking) = match access.host_keys.is_empty() {
            true => (LEARNT, "accept-new"),
            false => (KNOWN_HOSTS, "yes"),
        };
        text.push_str(&format!(
            "UserKnownHostsFile {file}\nStrictHostKeyChecking {checking}\n"
        ));
        let lines: String = access
            .host_keys
            .iter()
            .map(|key| key.line_for(ALIAS))
            .collect();
        self.add_file(KNOWN_HOSTS, lines.as_bytes(), 0o444);
        let (key, agent, only) = match &access.credential {
            Credential::SshKey(_) => (KEY, "none", "yes"),
            // Which keys it has is not known here.
            Credential::SshAgent(_) => ("none", AGENT, "no"),
            _ => ("none", "none", "yes"),
        };
        text.push_str(&format!(
            "IdentityFile {key}\nIdentityAgent {agent}\nIdentitiesOnly {only}\n"
        ));
        self.add_file(SSH_CONFIG, text.as_bytes(), 0o444);
        match &access.credential {
            Credential::SshKey(key) => self.add_file(KEY, &end_with_line(key), 0o400),
            Credential::SshAgent(socket) => self.mounts.push(Mount::SshSocket {
                agent: socket.clone(),
                target: AGENT.to_owned(),
                mode: 0o600,
                uid: 0,
                gid: 0,
            }),
            _ => {}
        }
    }

    fn add_authorities(&mut self, given: &str, remote: &GitRemote) -> Result<()> {
        if !given.contains("-----BEGIN CERTIFICATE-----") {
            return Err(GitError::Certificate {
                host: remote.host().to_owned(),
            });
        }
        // The setting replaces the system's list, so that goes along.
        let mut all = machine::read_authorities();
        all.push(b'\n');
        all.extend(given.as_bytes());
        all.push(b'\n');
        self.add_file(AUTHORITIES, &all, 0o444);
        self.set("GIT_SSL_CAINFO", AUTHORITIES);
        Ok(())
    }
}

/// A key without its last line end is none for ssh; forms and secret stores like to cut it off.
fn end_with_line(key: &Secret) -> Vec<u8> {
    let text = key.reveal().replace("\r\n", "\n");
    format!("{}\n", text.trim()).into_bytes()
}

/// The address as git gets it. For ssh the server seems to be in the sandbox itself, so host and port are not in it.
fn address_for_git(remote: &GitRemote) -> String {
    if remote.scheme() != Scheme::Ssh {
        return format!("{}/{}", remote.origin(), remote.path());
    }
    let user = remote.user().unwrap_or(SSH_USER);
    match remote.is_relative() {
        true => format!("{user}@{ALIAS}:{}", remote.path()),
        false => format!("ssh://{user}@{ALIAS}/{}", remote.path()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(text: &str, credential: Credential) -> Access {
        Access::with_credential(GitRemote::parse(text).unwrap(), credential)
    }

    fn find<'c>(made: &'c Configuration, name: &str) -> Option<&'c str> {
        let mut all = made.environment.iter();
        all.find(|(own, _)| own == name)
            .map(|(_, value)| value.as_str())
    }

    #[test]
    fn only_the_scheme_of_the_address_is_allowed_and_its_header_is_for_its_host() {
        let credential = Credential::Password {
            user: "u".to_owned(),
            password: Secret::new("hush"),
        };
        let made = configure(&access("https://me@h.example:8443/a", credential)).unwrap();
        assert_eq!(find(&made, "GIT_ALLOW_PROTOCOL"), Some("https"));
        assert_eq!(find(&made, "GIT_CONFIG_COUNT"), Some("2"));
        assert_eq!(
            find(&made, "GIT_CONFIG_VALUE_0"),
            Some("https://h.example:8443/a")
        );
        assert_eq!(
            find(&made, "GIT_CONFIG_KEY_1"),
            Some("http.https://h.example:8443/.extraHeader")
        );
        assert!(made.mounts.iter().all(|mount| match mount {
            Mount::File { content, .. } => !String::from_utf8_lossy(content).contains("hush"),
            _ => true,
        }));
    }

    #[test]
    fn names_of_the_outside_are_in_no_address_for_ssh() {
        for (text, expected) in [
            ("ssh://h.example:2200/a/b.git", "ssh://git@remote/a/b.git"),
            ("me@h.example:a/b.git", "me@remote:a/b.git"),
            ("ssh://h.example/~me/b.git", "ssh://git@remote/~me/b.git"),
        ] {
            let made = configure(&access(text, Credential::None)).unwrap();
            assert_eq!(find(&made, "GIT_CONFIG_VALUE_0"), Some(expected));
        }
    }

    #[test]
    fn a_key_ends_with_a_line_and_known_servers_are_checked() {
        assert_eq!(end_with_line(&Secret::new("  a\r\nb\n\n")), b"a\nb\n");
        let mut asked = access("git@h.example:a", Credential::SshKey(Secret::new("k")));
        let text = |access: &Access| {
            let made = configure(access).unwrap();
            made.mounts
                .iter()
                .find_map(|mount| match mount {
                    Mount::File {
                        content, target, ..
                    } if target == SSH_CONFIG => {
                        Some(String::from_utf8_lossy(content).into_owned())
                    }
                    _ => None,
                })
                .unwrap()
        };
        assert!(text(&asked).contains("StrictHostKeyChecking accept-new\n"));
        let key =
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
        asked.host_keys = vec![key.parse().unwrap()];
        let known = text(&asked);
        assert!(known.contains("StrictHostKeyChecking yes\n"), "{known}");
        assert!(known.contains("UserKnownHostsFile /etc/wharf/known_hosts\n"));
    }

    #[test]
    fn ports_and_paths_in_the_texts_are_those_of_the_constants() {
        assert!(GIT_SETTINGS.contains(&format!("127.0.0.1:{HTTP_PORT}\n")));
        assert!(SSH_SETTINGS.contains(&format!("Port {SSH_PORT}\n")));
        assert!(SSH_SETTINGS.contains(&format!("HostKeyAlias {ALIAS}\n")));
    }

    #[test]
    fn authorities_that_are_none_are_refused() {
        let mut asked = access("https://h.example/a", Credential::None);
        asked.authorities = Some("/etc/ssl/x.pem".to_owned());
        let error = configure(&asked).unwrap_err();
        assert!(matches!(error, GitError::Certificate { .. }));
    }
}
