//! A tar archive and a gzip stream that hold exactly what is put in, byte for byte the same everywhere.

/// Bytes of one record; an archive is made of them (POSIX.1-1988 ustar).
const RECORD: usize = 512;
/// The most that one stored block holds (RFC 1951, 3.2.4).
const STORED_BLOCK: usize = 65_535;

/// A tar archive of plain files, owned by root, from 1970.
pub fn tar_files(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (name, content) in files {
        let mut header = [0u8; RECORD];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[100..108].copy_from_slice(b"0000644\0");
        header[108..116].copy_from_slice(b"0000000\0");
        header[116..124].copy_from_slice(b"0000000\0");
        header[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
        header[136..148].copy_from_slice(b"00000000000\0");
        header[156] = b'0';
        header[257..265].copy_from_slice(b"ustar\x0000");
        // The sum counts its own field as spaces.
        header[148..156].copy_from_slice(b"        ");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        archive.extend_from_slice(&header);
        archive.extend_from_slice(content);
        archive.resize(archive.len().next_multiple_of(RECORD), 0);
    }
    archive.resize(archive.len() + 2 * RECORD, 0);
    archive
}

/// A gzip stream with the content stored as it is, so that no compressor's version changes a digest (RFC 1952).
pub fn gzip_stored(content: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut blocks = content.chunks(STORED_BLOCK).peekable();
    if blocks.peek().is_none() {
        stream.extend_from_slice(&[1, 0, 0, 0xff, 0xff]);
    }
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).expect("a block fits its length field");
        stream.push(u8::from(blocks.peek().is_none()));
        stream.extend_from_slice(&length.to_le_bytes());
        stream.extend_from_slice(&(!length).to_le_bytes());
        stream.extend_from_slice(block);
    }
    stream.extend_from_slice(&compute_crc32(content).to_le_bytes());
    let length = content.len() as u32; // modulo 2^32, as the format says
    stream.extend_from_slice(&length.to_le_bytes());
    stream
}

/// CRC-32 (ISO 3309), bit by bit: layers here are kilobytes.
fn compute_crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_value_of_crc32_comes_out() {
        assert_eq!(compute_crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn an_archive_is_whole_records_and_ends_with_two_empty_ones() {
        let archive = tar_files(&[("hello", b"hi")]);
        assert_eq!(archive.len(), 4 * RECORD);
        assert!(archive[2 * RECORD..].iter().all(|byte| *byte == 0));
        assert_eq!(&archive[RECORD..RECORD + 2], b"hi");
    }
}
