//! HMAC-SHA256 (RFC 2104), written out, so that no mistake of a library hides on both sides.

use sha2::{Digest, Sha256};

/// The block length of SHA-256.
const BLOCK: usize = 64;

pub(crate) fn sign(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut block = [0u8; BLOCK];
    match key.len() > BLOCK {
        true => block[..32].copy_from_slice(&Sha256::digest(key)),
        false => block[..key.len()].copy_from_slice(key),
    }
    let keyed = |pad: u8| -> Vec<u8> { block.iter().map(|byte| byte ^ pad).collect() };
    let inner = Sha256::new()
        .chain_update(keyed(0x36))
        .chain_update(message)
        .finalize();
    let outer = Sha256::new()
        .chain_update(keyed(0x5c))
        .chain_update(inner)
        .finalize();
    outer.to_vec()
}

#[cfg(test)]
mod tests {
    use super::sign;

    /// RFC 4231, test cases 2 and 6 (a key longer than a block).
    #[test]
    fn the_published_vectors_come_out() {
        assert_eq!(
            hex::encode(sign(b"Jefe", b"what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        let long = sign(
            &[0xaa; 131],
            b"Test Using Larger Than Block-Size Key - Hash Key First",
        );
        assert_eq!(
            hex::encode(long),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }
}
