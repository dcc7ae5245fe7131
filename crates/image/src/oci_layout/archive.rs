//! Finding the files of a plain tar without unpacking it.
//!
//! Names are only compared, never used as paths. The reader knows ustar, and the long names and sizes of PAX and GNU.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

const BLOCK: u64 = 512;
/// Far above the blobs of any image; a bound, because each costs memory.
const MAX_FILES: usize = 100_000;
/// Of the records in front of a file. Names in a layout have at most 141 bytes.
const MAX_RECORDS: u64 = 64 * 1024;

/// Where each file of an archive begins, and its size.
pub(super) struct Archive {
    path: PathBuf,
    files: HashMap<String, (u64, u64)>,
}

impl Archive {
    /// # Errors
    /// The file system's; a file that is no tar, such as a compressed one.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        let mut files = HashMap::new();
        let mut position = 0;
        let (mut long_name, mut long_size) = (None, None);
        while position + BLOCK <= length {
            let mut header = [0; BLOCK as usize];
            file.read_exact(&mut header)?;
            position += BLOCK;
            if header.iter().all(|byte| *byte == 0) {
                break;
            }
            if !has_valid_sum(&header) {
                return Err(refuse(
                    "it is no plain tar; unpack it first if it is compressed",
                ));
            }
            let own_size = read_number(&header[124..136])
                .ok_or_else(|| refuse("a size in it is no number"))?;
            let flag = header[156];
            let size = match flag {
                b'x' | b'g' | b'L' | b'K' => own_size,
                _ => long_size.take().unwrap_or(own_size),
            };
            let end = position.checked_add(size).filter(|end| *end <= length);
            let end = end.ok_or_else(|| refuse("it ends in the middle of a file"))?;
            match flag {
                b'x' => {
                    let records = read_records(&mut file, size)?;
                    long_name = find_record(&records, "path")
                        .map(str::to_owned)
                        .or(long_name);
                    long_size = find_record(&records, "size").and_then(|size| size.parse().ok());
                }
                b'L' => {
                    long_name = Some(
                        read_records(&mut file, size)?
                            .trim_end_matches('\0')
                            .to_owned(),
                    )
                }
                _ => {
                    let name = long_name.take().unwrap_or_else(|| read_name(&header));
                    if matches!(flag, b'0' | 0) {
                        files.insert(name.trim_start_matches("./").to_owned(), (position, size));
                    }
                    if files.len() > MAX_FILES {
                        return Err(refuse("it has more files than any image"));
                    }
                }
            }
            position = end.next_multiple_of(BLOCK);
            file.seek(SeekFrom::Start(position))?;
        }
        Ok(Self {
            path: path.to_owned(),
            files,
        })
    }

    pub(super) fn open_file(&self, name: &str) -> io::Result<Option<io::Take<File>>> {
        let Some((position, size)) = self.files.get(name) else {
            return Ok(None);
        };
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(*position))?;
        Ok(Some(file.take(*size)))
    }
}

fn refuse(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason.to_owned())
}

fn read_records(file: &mut File, size: u64) -> io::Result<String> {
    if size > MAX_RECORDS {
        return Err(refuse("it has names longer than any in an image"));
    }
    let mut text = String::new();
    file.take(size).read_to_string(&mut text)?;
    Ok(text)
}

/// The value of a key in `LENGTH KEY=VALUE\n` records. No value in a layout holds a line end.
fn find_record<'a>(records: &'a str, key: &str) -> Option<&'a str> {
    let value = |line: &'a str| line.split_once(' ')?.1.strip_prefix(key)?.strip_prefix('=');
    records.lines().find_map(value)
}

fn read_name(header: &[u8; BLOCK as usize]) -> String {
    let text = |field: &[u8]| {
        let end = field
            .iter()
            .position(|byte| *byte == 0)
            .unwrap_or(field.len());
        String::from_utf8_lossy(&field[..end]).into_owned()
    };
    let (name, prefix) = (text(&header[..100]), text(&header[345..500]));
    match &header[257..263] == b"ustar\0" && !prefix.is_empty() {
        true => format!("{prefix}/{name}"),
        false => name,
    }
}

/// Octal digits, or GNU's binary form for what they do not hold.
fn read_number(field: &[u8]) -> Option<u64> {
    if field[0] == 0x80 {
        let (high, low) = field.split_at(field.len() - 8);
        let fits = high[1..].iter().all(|byte| *byte == 0);
        return fits.then(|| u64::from_be_bytes(low.try_into().expect("eight bytes")));
    }
    let text = std::str::from_utf8(field).ok()?.trim_matches(['\0', ' ']);
    match text.is_empty() {
        true => Some(0),
        false => u64::from_str_radix(text, 8).ok(),
    }
}

fn has_valid_sum(header: &[u8; BLOCK as usize]) -> bool {
    let own: u64 = header
        .iter()
        .enumerate()
        .map(|(at, byte)| match at {
            148..156 => u64::from(b' '),
            _ => u64::from(*byte),
        })
        .sum();
    read_number(&header[148..156]) == Some(own)
}
