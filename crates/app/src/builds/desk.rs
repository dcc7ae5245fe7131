//! What the build service keeps in memory: its folder, who it is, which logs are written, who is to be woken.

use super::{
    base_images::BaseImages,
    log::{LiveLogs, LogShelf},
    settings::BuildSettings,
};
use crate::places::{Bounds, Place, Tally, WorkPlaces};
use std::{
    fs::{DirBuilder, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicBool},
};
use tokio::sync::watch;
use wharf_model::EventId;

/// Logs that are read from beginning to end at once. Each holds a file, and takes its turn with all others for each piece:
/// with more, one account makes everybody else's log slow; with fewer, a script that fetches a few is refused.
const DOWNLOADS: Bounds = Bounds {
    each: 8,
    // A pipeline keeps the logs of what it built.
    robots: 16,
    // Nobody reads a log without signing in.
    network: 0,
    anonymous: 0,
    all: 256,
};

/// Books of logs that streams hold while they tell them. With more, one account fills memory with long logs; whose streams
/// hold as many already reads through the shelf, and perhaps again.
const HELD: Bounds = Bounds {
    each: 4,
    robots: 4,
    network: 0,
    anonymous: 0,
    all: 24,
};

/// The build service's part of the product.
pub(crate) struct BuildDesk {
    pub(crate) settings: BuildSettings,
    /// `DATA/builds`: logs and uploaded contexts.
    pub(crate) folder: PathBuf,
    /// Documents and layers of other registries' images.
    pub(crate) images: BaseImages,
    /// Names this data folder, whichever process has it open.
    pub(crate) installation: String,
    /// Names this process of it.
    pub(crate) owner: String,
    pub(crate) logs: LiveLogs,
    /// Logs that somebody reads by lines.
    pub(crate) shelf: Arc<LogShelf>,
    /// Dockerfiles that are looked at together.
    pub(super) check_places: WorkPlaces,
    /// Logs that are read together.
    pub(super) log_places: WorkPlaces,
    /// Logs that are being downloaded.
    pub(super) downloads: Tally,
    /// Books that streams hold.
    held: Tally,
    /// Set when the process ends: a claim that is still on its way to the database takes nothing then.
    pub(crate) ending: Arc<AtomicBool>,
    /// Set when the server is about to end: whoever follows a log goes on elsewhere.
    leaving: watch::Sender<bool>,
    /// Counts whatever may concern waiting or running builds; who has to know looks.
    stirred: watch::Sender<u64>,
}

impl BuildDesk {
    /// Makes the folders where they are missing.
    pub(crate) fn open(data: &Path, settings: BuildSettings) -> io::Result<Self> {
        let folder = data.join("builds");
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)?;
        let images = BaseImages::open(folder.join("images"), settings.base_images)?;
        let installation = name_installation(&folder.join("installation"))?;
        let owner = format!("{installation}/{}", EventId::new());
        Ok(Self {
            settings,
            folder,
            images,
            installation,
            owner,
            logs: LiveLogs::default(),
            shelf: Arc::default(),
            check_places: WorkPlaces::default(),
            log_places: WorkPlaces::default(),
            downloads: Tally::new(DOWNLOADS),
            held: Tally::new(HELD),
            ending: Arc::default(),
            leaving: watch::Sender::new(false),
            stirred: watch::Sender::new(0),
        })
    }

    /// A place for a book that a stream holds; none when enough are.
    pub(crate) fn hold_beside(&self, stream: &Place) -> Option<Place> {
        self.held.enter_beside(stream)
    }

    /// Lets everybody look who waits for a change of the queue or of a build.
    pub(crate) fn stir(&self) {
        self.stirred.send_modify(|count| *count += 1);
    }

    /// Has all that follows a log end.
    pub(crate) fn leave(&self) {
        self.leaving.send_replace(true);
    }

    /// Something to wait on for that.
    pub(crate) fn listen_for_leaving(&self) -> watch::Receiver<bool> {
        self.leaving.subscribe()
    }

    /// Something to wait on for such a change.
    pub(crate) fn listen(&self) -> watch::Receiver<u64> {
        self.stirred.subscribe()
    }
}

/// A name for the data folder that outlives processes: what an earlier process of it was at is free to be taken over at
/// once, because the folder's lock says that it is gone.
fn name_installation(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    match std::fs::File::open(path) {
        Ok(mut file) => file.read_to_string(&mut text).map(drop)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            text = EventId::new().to_string();
            let mut file = OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(path)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
        }
        Err(error) => return Err(error),
    }
    let name = text.trim();
    if name.is_empty() {
        // Cut off by a crash while it was made; nothing hangs on it yet that a lease would not settle.
        std::fs::remove_file(path)?;
        return name_installation(path);
    }
    Ok(name.to_owned())
}
