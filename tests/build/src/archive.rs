//! Entries of a case as a tar archive: layers of bases, and archives in contexts. The same entries give the same bytes.

use std::io::Write;

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tar::{Builder, EntryType, Header};

use crate::case::{DEFAULT_TIME, Entry, Kind};

/// Writes `entries` in their order.
///
/// # Errors
/// An entry is of a kind that an archive cannot hold, or its base64 is none.
pub fn write_tar(entries: &[Entry]) -> Result<Vec<u8>> {
    let mut builder = Builder::new(Vec::new());
    for entry in entries {
        append_entry(&mut builder, entry)
            .with_context(|| format!("put {} into an archive", entry.path))?;
    }
    builder.into_inner().context("end an archive")
}

/// `bytes` as one gzip member without a time.
///
/// # Errors
/// None in memory.
pub fn compress_gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

/// The bytes of a file entry.
///
/// # Errors
/// Its base64 is none, or it holds an archive that cannot be made.
pub fn read_content(entry: &Entry) -> Result<Vec<u8>> {
    Ok(match (&entry.content, &entry.base64, entry.kind) {
        (_, _, Kind::Tar) => write_tar(&entry.entries)?,
        (_, _, Kind::TarGz) => compress_gzip(&write_tar(&entry.entries)?)?,
        (Some(text), _, _) => text.clone().into_bytes(),
        (None, Some(text), _) => STANDARD.decode(text.replace(['\n', ' '], ""))?,
        (None, None, _) => {
            vec![0; usize::try_from(entry.size.unwrap_or(0)).context("a file this large")?]
        }
    })
}

fn append_entry(builder: &mut Builder<Vec<u8>>, entry: &Entry) -> Result<()> {
    if !entry.xattrs.is_empty() {
        let names: Vec<(String, Vec<u8>)> = entry
            .xattrs
            .iter()
            .map(|(name, value)| (format!("SCHILY.xattr.{name}"), decode_attribute(value)))
            .collect();
        builder.append_pax_extensions(
            names
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_slice())),
        )?;
    }
    let mut header = Header::new_ustar();
    let (uid, gid) = entry.owner.unwrap_or((0, 0));
    header.set_uid(uid.into());
    header.set_gid(gid.into());
    header.set_mtime(u64::try_from(entry.mtime.unwrap_or(DEFAULT_TIME))?);
    let (kind, mode) = match entry.kind {
        Kind::Dir => (EntryType::Directory, 0o755),
        Kind::Symlink => (EntryType::Symlink, 0o777),
        Kind::Hardlink => (EntryType::Link, 0o644),
        Kind::Fifo => (EntryType::Fifo, 0o644),
        Kind::File | Kind::Tar | Kind::TarGz => (EntryType::Regular, 0o644),
        Kind::Device => (EntryType::Char, 0o666),
        Kind::Socket | Kind::SshKey => bail!("an archive holds no {:?}", entry.kind),
    };
    header.set_entry_type(kind);
    header.set_mode(entry.mode.unwrap_or(mode));
    if kind == EntryType::Char {
        header.set_device_major(1)?;
        header.set_device_minor(3)?;
    }
    if let Some(target) = &entry.target {
        header.set_size(0);
        builder.append_link(&mut header, &entry.path, target)?;
        return Ok(());
    }
    let content = if kind == EntryType::Regular {
        read_content(entry)?
    } else {
        Vec::new()
    };
    header.set_size(content.len() as u64);
    if entry.path.starts_with('/') || entry.path.split('/').any(|part| part == "..") {
        // Archives that try to leave: the crate's own setter refuses such names.
        let name = &mut header.as_ustar_mut().context("a ustar header")?.name;
        name[..entry.path.len()].copy_from_slice(entry.path.as_bytes());
        header.set_cksum();
        builder.append(&header, content.as_slice())?;
    } else {
        builder.append_data(&mut header, &entry.path, content.as_slice())?;
    }
    Ok(())
}

/// An attribute's bytes: `0x…` is hexadecimal, as getfattr prints it.
#[must_use]
pub fn decode_attribute(value: &str) -> Vec<u8> {
    value
        .strip_prefix("0x")
        .and_then(|digits| hex::decode(digits).ok())
        .unwrap_or_else(|| value.as_bytes().to_vec())
}
