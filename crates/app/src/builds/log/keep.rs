//! What becomes of a log after its build: compressed, kept for a time, then removed.

use super::cursor::{kept_path, open_path};
use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    time::SystemTime,
};
use wharf_model::BuildId;

/// zstd's own default: logs shrink to a twentieth, and 50 MiB take less than a second.
const LEVEL: i32 = 3;

/// Compresses the log of a build that is over. Answers whether there is a log. May be interrupted and repeated.
pub(crate) fn compress_log(folder: &Path, build: BuildId) -> io::Result<bool> {
    let plain = open_path(folder, build);
    let kept = kept_path(folder, build);
    let mut from = match File::open(&plain) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return kept.try_exists(),
        Err(error) => return Err(error),
    };
    let unfinished = kept.with_extension("new");
    let to = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)?;
    let mut encoder = zstd::Encoder::new(to, LEVEL)?;
    io::copy(&mut from, &mut encoder)?;
    encoder.finish()?.sync_data()?;
    fs::rename(&unfinished, &kept)?;
    remove(&plain)?;
    Ok(true)
}

/// Removes everything that is kept of a build in the folder.
pub(crate) fn remove_log(folder: &Path, build: BuildId) -> io::Result<()> {
    remove(&open_path(folder, build))?;
    remove(&kept_path(folder, build))
}

/// The builds that files of the folder belong to, with the time of their youngest file.
pub(crate) fn list_builds(folder: &Path) -> io::Result<BTreeMap<BuildId, SystemTime>> {
    let mut builds = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some((id, _)) = name.to_str().and_then(|name| name.split_once('.')) else {
            continue;
        };
        let Ok(id) = id.parse::<BuildId>() else {
            continue;
        };
        // One that went meanwhile is as good.
        let Ok(modified) = entry.metadata().and_then(|found| found.modified()) else {
            continue;
        };
        let youngest = builds.entry(id).or_insert(modified);
        *youngest = modified.max(*youngest);
    }
    Ok(builds)
}

pub(crate) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{cursor::LogCursor, live::LiveLogs, record::LogEntry, writer::LogWriter};
    use super::*;
    use wharf_model::Timestamp;

    #[test]
    fn a_reader_in_the_middle_of_a_log_reads_on_while_it_is_compressed() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let build = BuildId::new();
        let live = LiveLogs::default();
        let mut writer =
            LogWriter::open(&open_path(folder, build), 1 << 20, live.start(build)).unwrap();
        let write = |writer: &mut LogWriter, text: &str| {
            let text = text.to_owned();
            let at = Timestamp::from_seconds(1);
            writer.write(at, LogEntry::Notice { text }).unwrap();
        };
        write(&mut writer, "one");
        let mut early = LogCursor::open(folder, build, 0).unwrap().unwrap();
        assert_eq!(early.read_records().len(), 1);
        write(&mut writer, "two");
        drop(writer);
        assert!(compress_log(folder, build).unwrap());
        assert!(compress_log(folder, build).unwrap(), "again");
        let batch = early.read_records();
        assert_eq!((batch.len(), batch[0].number), (1, 2));
        let mut late = LogCursor::open(folder, build, 1).unwrap().unwrap();
        assert_eq!(late.read_records()[0].render(), "two\n");
        assert!(late.read_records().is_empty());
        assert!(list_builds(folder).unwrap().keys().eq([&build]));
        remove_log(folder, build).unwrap();
        assert!(LogCursor::open(folder, build, 0).unwrap().is_none());
        assert!(!compress_log(folder, build).unwrap());
    }
}
