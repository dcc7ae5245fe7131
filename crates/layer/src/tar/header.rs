//! The fields of one header block (POSIX.1-1988 ustar, and what GNU and star made of it).

use super::BLOCK;
use super::number::{parse_number, put_octal};

/// One block, taken apart by position.
pub(super) struct Header(pub(super) [u8; BLOCK]);

impl Header {
    pub(super) fn is_zero(&self) -> bool {
        self.0.iter().all(|byte| *byte == 0)
    }

    /// Whether the sum is right, counted with bytes or, as some old writers did, with signed bytes.
    pub(super) fn has_valid_sum(&self) -> bool {
        let Some(expected) = parse_number(&self.0[148..156]) else {
            return false;
        };
        let (mut unsigned, mut signed) = (0i64, 0i64);
        for (at, byte) in self.0.iter().enumerate() {
            let byte = if (148..156).contains(&at) {
                b' '
            } else {
                *byte
            };
            unsigned += i64::from(byte);
            signed += i64::from(byte.cast_signed());
        }
        expected == unsigned || expected == signed
    }

    /// The name with the prefix that only ustar has: GNU keeps other things there, and star a shorter one.
    pub(super) fn name(&self) -> Vec<u8> {
        let name = trim_zero(&self.0[..100]);
        let prefix = match (&self.0[257..265], &self.0[508..]) {
            (b"ustar\x0000", b"tar\0") => trim_zero(&self.0[345..476]),
            (b"ustar\x0000", _) => trim_zero(&self.0[345..500]),
            _ => &[],
        };
        if prefix.is_empty() {
            return name.to_vec();
        }
        [prefix, b"/", name].concat()
    }

    pub(super) fn link_name(&self) -> Vec<u8> {
        trim_zero(&self.0[157..257]).to_vec()
    }

    pub(super) fn type_flag(&self) -> u8 {
        self.0[156]
    }

    pub(super) fn mode(&self) -> Option<i64> {
        parse_number(&self.0[100..108])
    }

    pub(super) fn uid(&self) -> Option<i64> {
        parse_number(&self.0[108..116])
    }

    pub(super) fn gid(&self) -> Option<i64> {
        parse_number(&self.0[116..124])
    }

    pub(super) fn size(&self) -> Option<i64> {
        parse_number(&self.0[124..136])
    }

    pub(super) fn mtime(&self) -> Option<i64> {
        parse_number(&self.0[136..148])
    }

    pub(super) fn device(&self) -> Option<(u32, u32)> {
        let number = |field| u32::try_from(parse_number(field)?).ok();
        Some((number(&self.0[329..337])?, number(&self.0[337..345])?))
    }
}

fn trim_zero(field: &[u8]) -> &[u8] {
    let end = field.iter().position(|byte| *byte == 0);
    &field[..end.unwrap_or(field.len())]
}

/// A header under construction; fields whose value has no room stay zero, and the caller writes a PAX record instead.
pub(super) struct HeaderBuilder([u8; BLOCK]);

impl HeaderBuilder {
    pub(super) fn new(type_flag: u8) -> Self {
        let mut block = [0; BLOCK];
        block[156] = type_flag;
        block[257..265].copy_from_slice(b"ustar\x0000");
        for field in [100..108, 108..116, 116..124, 124..136, 136..148] {
            put_octal(&mut block[field], 0);
        }
        Self(block)
    }

    /// False when the name is not stored as it is: longer than the field, or not ASCII, which readers interpret in
    /// different ways outside of PAX.
    pub(super) fn put_name(&mut self, name: &[u8]) -> bool {
        put_text(&mut self.0[..100], name)
    }

    pub(super) fn put_link_name(&mut self, name: &[u8]) -> bool {
        put_text(&mut self.0[157..257], name)
    }

    pub(super) fn put_mode(&mut self, mode: u32) {
        put_octal(&mut self.0[100..108], u64::from(mode));
    }

    pub(super) fn put_uid(&mut self, uid: u32) -> bool {
        put_octal(&mut self.0[108..116], u64::from(uid))
    }

    pub(super) fn put_gid(&mut self, gid: u32) -> bool {
        put_octal(&mut self.0[116..124], u64::from(gid))
    }

    pub(super) fn put_size(&mut self, size: u64) -> bool {
        put_octal(&mut self.0[124..136], size)
    }

    pub(super) fn put_mtime(&mut self, seconds: i64) -> bool {
        u64::try_from(seconds).is_ok_and(|seconds| put_octal(&mut self.0[136..148], seconds))
    }

    pub(super) fn put_device(&mut self, major: u32, minor: u32) -> bool {
        put_octal(&mut self.0[329..337], u64::from(major))
            & put_octal(&mut self.0[337..345], u64::from(minor))
    }

    /// The finished block, with its sum.
    pub(super) fn finish(mut self) -> [u8; BLOCK] {
        self.0[148..156].fill(b' ');
        let sum: u64 = self.0.iter().map(|byte| u64::from(*byte)).sum();
        put_octal(&mut self.0[148..155], sum);
        self.0
    }
}

fn put_text(field: &mut [u8], text: &[u8]) -> bool {
    if text.len() <= field.len() && text.is_ascii() {
        field[..text.len()].copy_from_slice(text);
        return true;
    }
    // A reader without PAX still sees something close; cut anywhere, as nobody may rely on it.
    let ascii = text.iter().filter(|byte| byte.is_ascii());
    for (place, byte) in field.iter_mut().zip(ascii) {
        *place = *byte;
    }
    false
}
