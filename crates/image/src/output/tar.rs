//! Writing a tar of plain files: root's, from 1970, so that equal images give equal archives.

use std::io::{self, Read, Write};

const BLOCK: usize = 512;
/// What eleven octal digits hold (POSIX.1-1988 ustar); larger sizes go into a PAX record.
const MAX_USTAR_SIZE: u64 = 0o77_777_777_777;

/// An archive under way. The names that it is given are its callers' own and plain ASCII.
pub(super) struct TarWriter<'a> {
    output: &'a mut dyn Write,
}

impl<'a> TarWriter<'a> {
    pub(super) fn new(output: &'a mut dyn Write) -> Self {
        Self { output }
    }

    pub(super) fn write_folder(&mut self, name: &str) -> io::Result<()> {
        self.write_header(name, b'5', 0o755, 0)
    }

    /// Writes a file of `size` bytes.
    ///
    /// # Errors
    /// Besides the output's: the content has another size.
    pub(super) fn write_file(
        &mut self,
        name: &str,
        mode: u32,
        size: u64,
        content: &mut dyn Read,
    ) -> io::Result<()> {
        self.write_header(name, b'0', mode, size)?;
        let copied = io::copy(&mut content.take(size), self.output)?;
        let is_longer = content.read(&mut [0])? > 0;
        if copied != size || is_longer {
            let message = format!("{name} has not the {size} bytes that it should have");
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        self.fill_block(size)
    }

    pub(super) fn finish(self) -> io::Result<()> {
        self.output.write_all(&[0; 2 * BLOCK])?;
        self.output.flush()
    }

    fn write_header(&mut self, name: &str, flag: u8, mode: u32, size: u64) -> io::Result<()> {
        let mut records = Vec::new();
        if name.len() > 100 {
            put_record(&mut records, "path", name);
        }
        if size > MAX_USTAR_SIZE {
            put_record(&mut records, "size", &size.to_string());
        }
        if !records.is_empty() {
            let length = records.len() as u64;
            self.output
                .write_all(&render_header("PaxHeaders.0/blob", b'x', 0o644, length))?;
            self.output.write_all(&records)?;
            self.fill_block(length)?;
        }
        self.output
            .write_all(&render_header(name, flag, mode, size.min(MAX_USTAR_SIZE)))
    }

    fn fill_block(&mut self, size: u64) -> io::Result<()> {
        let over = (size % BLOCK as u64) as usize;
        self.output.write_all(&[0; BLOCK][..(BLOCK - over) % BLOCK])
    }
}

/// `LENGTH KEY=VALUE\n`, where the length counts itself (POSIX.1-2001 pax).
fn put_record(records: &mut Vec<u8>, key: &str, value: &str) {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + rest.to_string().len();
    // One digit more than the rest alone has, when the digits themselves carry over.
    if length.to_string().len() > rest.to_string().len() {
        length += 1;
    }
    records.extend_from_slice(format!("{length} {key}={value}\n").as_bytes());
}

fn render_header(name: &str, flag: u8, mode: u32, size: u64) -> [u8; BLOCK] {
    let mut header = [0; BLOCK];
    let cut = &name.as_bytes()[..name.len().min(100)];
    header[..cut.len()].copy_from_slice(cut);
    header[100..108].copy_from_slice(format!("{mode:07o}\0").as_bytes());
    header[108..116].copy_from_slice(b"0000000\0");
    header[116..124].copy_from_slice(b"0000000\0");
    header[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
    header[136..148].copy_from_slice(b"00000000000\0");
    header[156] = flag;
    header[257..265].copy_from_slice(b"ustar\x0000");
    // The sum counts its own field as spaces.
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_count_their_own_length() {
        for length in [1, 60, 88, 89, 90, 91, 92, 93, 985, 990, 991, 995] {
            let mut records = Vec::new();
            put_record(&mut records, "path", &"x".repeat(length));
            let text = String::from_utf8(records).expect("text");
            let told: usize = text
                .split(' ')
                .next()
                .expect("a length")
                .parse()
                .expect("a number");
            assert_eq!(told, text.len());
        }
    }

    #[test]
    fn a_file_of_another_size_is_told() {
        for content in [&b"12"[..], b"1234"] {
            let mut archive = Vec::new();
            let mut tar = TarWriter::new(&mut archive);
            assert!(
                tar.write_file("three", 0o444, 3, &mut &content[..])
                    .is_err()
            );
        }
    }

    #[test]
    fn large_files_and_long_names_have_records() {
        let mut archive = Vec::new();
        TarWriter::new(&mut archive)
            .write_header(&"n".repeat(141), b'0', 0o444, 1 << 40)
            .expect("memory");
        let text = String::from_utf8_lossy(&archive);
        assert!(
            text.contains(&format!("151 path={}\n", "n".repeat(141))),
            "{text}"
        );
        assert!(text.contains("22 size=1099511627776\n"), "{text}");
    }
}
