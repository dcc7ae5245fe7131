//! ssh keys that wharf makes: ed25519, in OpenSSH's own form (PROTOCOL.key and RFC 4253 section 6.6).

use crate::Error;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::STANDARD};
use wharf_model::SecretText;
use zeroize::Zeroizing;

const KIND: &[u8] = b"ssh-ed25519";

/// A key pair.
pub(super) struct DeployKey {
    /// As it is stored: `-----BEGIN OPENSSH PRIVATE KEY-----` and so on, without a passphrase.
    pub(super) private: SecretText,
    /// As a code host takes it: `ssh-ed25519 AAAA… comment`.
    pub(super) public: String,
}

impl DeployKey {
    /// A new key. The comment tells people later where it is from.
    pub(super) fn make(comment: &str) -> Result<Self, Error> {
        let seed: Zeroizing<[u8; 32]> = Zeroizing::new(rand::random());
        Self::of_seed(&seed, rand::random(), comment)
    }

    fn of_seed(seed: &[u8; 32], check: u32, comment: &str) -> Result<Self, Error> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed)
            .map_err(|_| Error::internal("an ssh key cannot be made"))?;
        let point = pair.public_key().as_ref();
        let mut blob = Vec::new();
        put(&mut blob, KIND);
        put(&mut blob, point);
        let public = format!("ssh-ed25519 {} {comment}", STANDARD.encode(&blob));

        let mut both = Zeroizing::new(Vec::with_capacity(64));
        both.extend_from_slice(seed);
        both.extend_from_slice(point);
        // With room for all of it: growing would leave copies in freed memory.
        let mut inner = Zeroizing::new(Vec::with_capacity(512));
        // Twice the same number, by which a wrong passphrase would be seen.
        inner.extend_from_slice(&check.to_be_bytes());
        inner.extend_from_slice(&check.to_be_bytes());
        put(&mut inner, KIND);
        put(&mut inner, point);
        put(&mut inner, &both);
        put(&mut inner, comment.as_bytes());
        // Padding 1, 2, 3 … to the block size of no cipher, which is 8.
        for byte in 1u8.. {
            if inner.len().is_multiple_of(8) {
                break;
            }
            inner.push(byte);
        }

        let mut whole = Zeroizing::new(Vec::with_capacity(1024));
        whole.extend_from_slice(b"openssh-key-v1\0");
        put(&mut whole, b"none");
        put(&mut whole, b"none");
        put(&mut whole, b"");
        whole.extend_from_slice(&1u32.to_be_bytes());
        put(&mut whole, &blob);
        put(&mut whole, &inner);
        Ok(Self {
            private: armor(&whole),
            public,
        })
    }
}

/// A string of RFC 4251, section 5: its length, then itself.
fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&(bytes.len() as u32).to_be_bytes());
    out.extend_from_slice(bytes);
}

/// Lines of 70 characters, as ssh-keygen writes them.
fn armor(bytes: &[u8]) -> SecretText {
    let encoded = Zeroizing::new(STANDARD.encode(bytes));
    let mut text = Zeroizing::new(String::with_capacity(
        encoded.len() + encoded.len() / 70 + 100,
    ));
    text.push_str("-----BEGIN OPENSSH PRIVATE KEY-----\n");
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(70));
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    text.push_str("-----END OPENSSH PRIVATE KEY-----\n");
    SecretText::new(text.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8032, section 7.1, test 1.
    const SEED: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    const POINT: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

    #[test]
    fn a_key_is_the_one_of_its_seed() {
        let seed: [u8; 32] = hex::decode(SEED).unwrap().try_into().unwrap();
        let key = DeployKey::of_seed(&seed, 7, "wharf").unwrap();
        let words: Vec<&str> = key.public.split(' ').collect();
        assert_eq!((words[0], words[2]), ("ssh-ed25519", "wharf"));
        let blob = STANDARD.decode(words[1]).unwrap();
        assert_eq!(hex::encode(&blob[blob.len() - 32..]), POINT);
        let text = key.private.expose();
        let inner: String = text.lines().filter(|line| !line.starts_with('-')).collect();
        let bytes = STANDARD.decode(inner).unwrap();
        assert!(bytes.starts_with(b"openssh-key-v1\0"));
        let whole = hex::encode(&bytes);
        assert!(whole.contains(&format!("{SEED}{POINT}")));
        assert!(text.lines().all(|line| line.len() <= 70));
    }

    #[test]
    fn openssh_reads_the_key_and_finds_the_same_public_part() {
        let key = DeployKey::make("wharf test").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("id");
        std::fs::write(&file, key.private.expose()).unwrap();
        let only_mine = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&file, only_mine).unwrap();
        let asked = std::process::Command::new("ssh-keygen")
            .arg("-y")
            .arg("-f")
            .arg(&file)
            .output();
        // Without OpenSSH on the machine the first test has to do.
        let Ok(output) = asked else { return };
        assert!(output.status.success(), "{output:?}");
        let found = String::from_utf8(output.stdout).unwrap();
        assert_eq!(found.trim(), key.public);
    }
}
