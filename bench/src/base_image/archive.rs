//! Writes the few kinds of tar entries that the base image needs (POSIX.1-2017, pax, ustar interchange format).
//! Refuses names over 100 bytes. Called by the base image.

const RECORD: usize = 512;

/// Everything in it is root's and from the first second of 2024.
const TIME: u64 = 1_704_067_200;

#[derive(Default)]
pub(super) struct Archive {
    bytes: Vec<u8>,
}

impl Archive {
    pub(super) fn add_folder(&mut self, name: &str, mode: u32) {
        self.add_header(&format!("{name}/"), mode, b'5', 0, "");
    }

    pub(super) fn add_link(&mut self, name: &str, target: &str) {
        self.add_header(name, 0o777, b'2', 0, target);
    }

    pub(super) fn add_file(&mut self, name: &str, mode: u32, content: &[u8]) {
        self.add_header(name, mode, b'0', content.len(), "");
        self.bytes.extend_from_slice(content);
        self.bytes
            .resize(self.bytes.len().next_multiple_of(RECORD), 0);
    }

    /// Ends with two empty records.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.bytes.resize(self.bytes.len() + 2 * RECORD, 0);
        self.bytes
    }

    fn add_header(&mut self, name: &str, mode: u32, kind: u8, size: usize, target: &str) {
        assert!(name.len() <= 100 && target.len() <= 100, "a short name");
        let mut header = [0; RECORD];
        let mut put = |at: usize, text: &str| {
            header[at..at + text.len()].copy_from_slice(text.as_bytes());
        };
        put(0, name);
        put(100, &format!("{mode:07o}"));
        put(108, &format!("{:07o}", 0));
        put(116, &format!("{:07o}", 0));
        put(124, &format!("{size:011o}"));
        put(136, &format!("{TIME:011o}"));
        // The sum is taken with spaces in its own place.
        put(148, "        ");
        put(157, target);
        put(257, "ustar\x0000");
        header[156] = kind;
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        self.bytes.extend_from_slice(&header);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::process::{Command, Stdio};

    #[test]
    fn tar_lists_what_was_added() {
        let mut archive = Archive::default();
        archive.add_folder("tmp", 0o1777);
        archive.add_file("bin/x", 0o755, &[1; 700]);
        archive.add_link("bin/y", "x");
        let bytes = archive.finish();
        assert_eq!(bytes.len(), RECORD * (3 + 2 + 2));
        let mut tar = Command::new("tar")
            .args(["--list", "--verbose", "--utc"])
            .env("LC_ALL", "C")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        tar.stdin.take().unwrap().write_all(&bytes).unwrap();
        let output = tar.wait_with_output().unwrap();
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert!(lines[0].starts_with("drwxrwxrwt 0/0"), "{text}");
        assert!(lines[1].contains("700 2024-01-01 00:00 bin/x"), "{text}");
        assert!(lines[2].ends_with("bin/y -> x"), "{text}");
    }
}
