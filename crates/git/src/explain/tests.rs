//! Sentences of git 2.30 to 2.47, OpenSSH and code hosts, and what becomes of them.

use super::*;
use crate::credential::{Credential, Secret};
use crate::dial::DialError;
use crate::remote::GitRemote;

fn access(text: &str, signed_in: bool) -> Access {
    let remote = GitRemote::parse(text).unwrap();
    let credential = match (signed_in, remote.scheme()) {
        (false, _) => Credential::None,
        (true, Scheme::Ssh) => Credential::SshKey(Secret::new("k")),
        (true, _) => Credential::Header(Secret::new("Bearer hush")),
    };
    Access::with_credential(remote, credential)
}

fn failed<'a>(access: &'a Access, errors: &str) -> Failed<'a> {
    Failed {
        access,
        exit: Exit {
            code: 128,
            reason: Reason::Exited,
            usage: wharf_sandbox::Usage::default(),
        },
        errors: errors.to_owned(),
        trouble: None,
        timeout: Duration::from_secs(60),
        disk: 1 << 30,
    }
}

fn explain_https(errors: &str, signed_in: bool) -> GitError {
    let access = access("https://h.example/a.git", signed_in);
    explain(&failed(&access, errors))
}

fn explain_ssh(errors: &str) -> GitError {
    let access = access("git@h.example:a.git", true);
    explain(&failed(&access, errors))
}

#[test]
fn a_missing_repository_says_what_may_be_wrong() {
    let prompts =
        "fatal: could not read Username for 'https://h.example': terminal prompts disabled\n";
    for errors in [
        prompts,
        "remote: Repository not found.\nfatal: repository 'https://h.example/a.git/' not found\n",
        "fatal: unable to access 'https://h.example/a.git/': The requested URL returned error: 404\n",
    ] {
        let error = explain_https(errors, false);
        assert!(
            matches!(
                error,
                GitError::NotFound {
                    signed_in: false,
                    ..
                }
            ),
            "{error:?}"
        );
        assert!(error.hint().unwrap().contains("needs a token"), "{error:?}");
    }
    for errors in [
        "ERROR: Repository not found.\nfatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the repository exists.\n",
        "fatal: '/srv/a.git' does not appear to be a git repository\nfatal: Could not read from remote repository.\n",
        "remote: ERROR: The project you were looking for could not be found or you don't have permission to view it.\nremote: repository\n",
    ] {
        let error = explain_ssh(errors);
        assert!(
            matches!(error, GitError::NotFound { is_ssh: true, .. }),
            "{errors}: {error:?}"
        );
        assert!(error.hint().unwrap().contains("deploy key"));
    }
}

#[test]
fn a_refused_credential_is_told_from_a_missing_one() {
    let prompts =
        "fatal: could not read Username for 'https://h.example': terminal prompts disabled\n";
    for errors in [
        prompts,
        "fatal: Authentication failed for 'https://h.example/a.git/'\n",
        "remote: Write access to repository not granted.\nfatal: unable to access 'https://h.example/a.git/': The requested URL returned error: 403\n",
    ] {
        let error = explain_https(errors, true);
        assert!(
            matches!(
                error,
                GitError::Denied {
                    signed_in: true,
                    ..
                }
            ),
            "{error:?}"
        );
        assert!(error.hint().unwrap().contains("expired"));
    }
    let error = explain_ssh(
        "git@remote: Permission denied (publickey).\nfatal: Could not read from remote repository.\n",
    );
    assert!(
        matches!(error, GitError::Denied { is_ssh: true, .. }),
        "{error:?}"
    );
}

#[test]
fn a_changed_host_key_is_shown() {
    let errors = "@@@@@@@@@@@@\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\n\
        The fingerprint for the ED25519 key sent by the remote host is\nSHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU.\n\
        Host key verification failed.\r\nfatal: Could not read from remote repository.\n";
    let error = explain_ssh(errors);
    let GitError::HostKeyChanged { host, found } = &error else {
        panic!("{error:?}");
    };
    assert_eq!(host, "h.example");
    assert_eq!(
        found.as_deref(),
        Some("SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU")
    );
}

#[test]
fn certificates_refs_and_redirects_are_told_apart() {
    for errors in [
        "fatal: unable to access 'https://h.example/a.git/': server certificate verification failed. CAfile: none CRLfile: none\n",
        "fatal: unable to access 'https://h.example/a.git/': SSL certificate problem: self-signed certificate\n",
    ] {
        let error = explain_https(errors, false);
        assert!(matches!(error, GitError::Tls { .. }), "{error:?}");
    }
    let error = explain_https("fatal: couldn't find remote ref refs/heads/gone\n", false);
    assert_eq!(
        error.to_string(),
        "https://h.example/a.git has no branch gone"
    );
    let errors = "fatal: unable to access 'https://h.example/a.git/': The requested URL returned error: 301\n";
    assert!(matches!(
        explain_https(errors, true),
        GitError::Redirected { .. }
    ));
}

#[test]
fn the_way_out_and_the_limits_are_heard_before_git() {
    let access = access("https://h.example/a.git", false);
    let mut what = failed(
        &access,
        "fatal: unable to access: Received HTTP code 502 from proxy after CONNECT",
    );
    what.trouble = Some(Trouble::Dial(DialError {
        message: "refused to connect to h.example:443: 10.0.0.1 is a private address".to_owned(),
        hint: Some("[egress] allow".to_owned()),
        is_refusal: true,
        is_transient: false,
    }));
    let error = explain(&what);
    assert_eq!(error.hint().as_deref(), Some("[egress] allow"));
    assert!(error.to_string().contains("10.0.0.1"));
    what.exit.reason = Reason::TimedOut;
    assert!(matches!(explain(&what), GitError::TimedOut { .. }));
    what.exit.reason = Reason::DiskFull;
    assert!(matches!(explain(&what), GitError::TooLarge { .. }));
}

#[test]
fn what_is_malformed_is_named() {
    let errors = "error: object 1234: gitmodulesName: disallowed submodule name: ../../hooks\n\
        fatal: fsck error in packed object\nfatal: fetch-pack: invalid index-pack output\n";
    let error = explain_https(errors, false);
    assert_eq!(
        error.to_string(),
        "https://h.example/a.git holds something malformed (1234: gitmodulesName: disallowed submodule name: ../../hooks)"
    );
    assert!(!error.is_transient());
    let error = explain_https("error: index-pack died of signal 25\n", false);
    assert!(matches!(error, GitError::TooLarge { .. }), "{error:?}");
}

#[test]
fn unknown_words_are_repeated_short_and_clean() {
    let errors = format!(
        "remote: \x1b[31m{}\nfatal: the remote end hung up\n",
        "x".repeat(5000)
    );
    let error = explain_https(&errors, false);
    let text = error.to_string();
    assert!(text.len() < 400 && !text.contains('\x1b'), "{text}");
}
