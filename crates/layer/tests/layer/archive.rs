//! Archives made by hand, so that they can say what no tool would.

/// A tar under construction.
#[derive(Default)]
pub(crate) struct Archive(Vec<u8>);

impl Archive {
    pub(crate) fn file(self, name: &str, content: &[u8]) -> Self {
        self.entry(b'0', name, "", content, 0o644)
    }

    pub(crate) fn directory(self, name: &str) -> Self {
        self.entry(b'5', name, "", b"", 0o755)
    }

    pub(crate) fn symlink(self, name: &str, target: &str) -> Self {
        self.entry(b'2', name, target, b"", 0o777)
    }

    pub(crate) fn hardlink(self, name: &str, target: &str) -> Self {
        self.entry(b'1', name, target, b"", 0o644)
    }

    /// Records for the entry that follows.
    pub(crate) fn pax(self, records: &[(&str, &[u8])]) -> Self {
        let mut body = Vec::new();
        for (key, value) in records {
            let rest = key.len() + value.len() + 3;
            let mut length = rest + 1;
            while length != rest + length.to_string().len() {
                length += 1;
            }
            body.extend_from_slice(format!("{length} {key}=").as_bytes());
            body.extend_from_slice(value);
            body.push(b'\n');
        }
        self.entry(b'x', "PaxHeaders/x", "", &body, 0o644)
    }

    /// A header with any type, and content whatever the type.
    pub(crate) fn entry(self, flag: u8, name: &str, link: &str, content: &[u8], mode: u32) -> Self {
        let size = content.len() as u64;
        self.claim(flag, name, link, size, mode).raw(content)
    }

    /// A header that announces a size, without content.
    pub(crate) fn claim(mut self, flag: u8, name: &str, link: &str, size: u64, mode: u32) -> Self {
        let (uid, gid) = (rustix::process::geteuid(), rustix::process::getegid());
        let mut block = [0u8; 512];
        let mut put = |at: usize, text: &[u8]| block[at..at + text.len()].copy_from_slice(text);
        put(0, &name.as_bytes()[..name.len().min(100)]);
        put(100, format!("{mode:07o}\0").as_bytes());
        put(108, format!("{:07o}\0", uid.as_raw()).as_bytes());
        put(116, format!("{:07o}\0", gid.as_raw()).as_bytes());
        put(124, format!("{size:011o}\0").as_bytes());
        put(136, format!("{:011o}\0", 1_700_000_000).as_bytes());
        put(148, b"        ");
        put(156, &[flag]);
        put(157, &link.as_bytes()[..link.len().min(100)]);
        put(257, b"ustar\x0000");
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        self.0.extend_from_slice(&block);
        self
    }

    /// Bytes and the zeros that fill their block.
    pub(crate) fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    /// With the mark of its end.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.0.resize(self.0.len() + 1024, 0);
        self.0
    }

    /// Without.
    pub(crate) fn cut(self) -> Vec<u8> {
        self.0
    }
}

/// Name, type, mode and link of each entry, in order; extended headers are resolved by GNU tar's own rules.
pub(crate) fn list_names(tar: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    let mut at = 0;
    let mut long = None;
    while at + 512 <= tar.len() && tar[at..at + 512].iter().any(|byte| *byte != 0) {
        let block = &tar[at..at + 512];
        let text = |range: std::ops::Range<usize>| {
            let field = &block[range];
            let end = field.iter().position(|byte| *byte == 0);
            String::from_utf8_lossy(&field[..end.unwrap_or(field.len())]).into_owned()
        };
        let size = usize::from_str_radix(&text(124..136), 8).expect("octal");
        let body = &tar[at + 512..at + 512 + size];
        at += 512 + size.next_multiple_of(512);
        if block[156] == b'x' {
            let body = String::from_utf8_lossy(body).into_owned();
            long = body
                .lines()
                .find_map(|line| line.split_once(" path=").map(|(_, path)| path.to_owned()));
            continue;
        }
        names.push(long.take().unwrap_or_else(|| text(0..100)));
    }
    names
}
