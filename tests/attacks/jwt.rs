//! JSON web tokens made by hand, signed with whatever key a test has got hold of.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use wharf_testkit::{Server, image::compute_digest};

/// The one header that the server writes, byte for byte.
pub(crate) const HEADER: &str = r#"{"typ":"JWT","alg":"HS256"}"#;

/// HMAC-SHA256's block (RFC 2104).
const BLOCK: usize = 64;

/// What a token claims, without a look at its signature.
pub(crate) fn read_claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).expect("three parts");
    let bytes = URL_SAFE_NO_PAD.decode(payload).expect("base64url");
    serde_json::from_slice(&bytes).expect("JSON")
}

/// The key that this server signs with, as a thief of its folder has it.
pub(crate) fn read_key(server: &Server) -> Vec<u8> {
    let folder = server.data_dir().join("keys");
    std::fs::read(folder.join("registry-token.key")).expect("the server's key")
}

/// A token with this header and these claims, signed by HMAC-SHA256.
pub(crate) fn sign(header: &str, claims: &str, key: &[u8]) -> String {
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(claims)
    );
    let signature = URL_SAFE_NO_PAD.encode(compute_hmac(key, signed.as_bytes()));
    format!("{signed}.{signature}")
}

fn compute_hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut block = [0; BLOCK];
    if key.len() > BLOCK {
        block[..32].copy_from_slice(&hash(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let pad = |with: u8| block.map(|byte| byte ^ with);
    let inner = hash(&[&pad(0x36), message].concat());
    hash(&[&pad(0x5c)[..], &inner].concat())
}

fn hash(bytes: &[u8]) -> [u8; 32] {
    let text = compute_digest(bytes);
    let hex = text.strip_prefix("sha256:").expect("sha256");
    let mut raw = [0; 32];
    for (place, byte) in raw.iter_mut().enumerate() {
        let digits = &hex[2 * place..2 * place + 2];
        *byte = u8::from_str_radix(digits, 16).expect("hexadecimal");
    }
    raw
}

#[test]
fn the_hmac_of_a_known_message_comes_out() {
    // RFC 4231, 4.3.
    let mac = compute_hmac(b"Jefe", b"what do ya want for nothing?");
    assert_eq!(mac[..4], [0x5b, 0xdc, 0xc1, 0x46]);
    assert_eq!(mac[28..], [0x64, 0xec, 0x38, 0x43]);
}
