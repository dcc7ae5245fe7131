//! Small file systems of our own, to be filled, frozen, cut or starved. Only root may mount; everybody else is told why not.

use std::{
    fs::{self, File},
    io,
    os::fd::AsRawFd,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// `FS_IOC_SHUTDOWN`, `_IOR('X', 125, __u32)`: ext4, xfs, f2fs.
const SHUTDOWN: libc::c_ulong = 0x8004_587d;

/// Without writing the journal out first: everything that was not synced is lost.
const NO_LOG_FLUSH: u32 = 2;

/// A process that was just killed may hold the file system for a moment longer.
const UNMOUNT_TIMEOUT: Duration = Duration::from_secs(10);

/// A file system in a file, or in memory. Unmounted and removed when it is dropped.
pub struct Disk {
    /// Holds the image and the mount point.
    folder: TempDir,
    /// Arguments of `mount`, without the mount point.
    arguments: Vec<String>,
    mounted: bool,
}

impl Disk {
    /// An ext4 of this many megabytes that turns read-only at an error, as most systems set it up; else the reason why
    /// there is none.
    pub fn ext4(megabytes: u64) -> Result<Self, String> {
        // Its tables written at once: the kernel's own thread for it would keep the disk busy under the test.
        Self::make(
            megabytes,
            &[
                "mkfs.ext4",
                "-q",
                "-E",
                "lazy_itable_init=0,lazy_journal_init=0",
                "-e",
                "remount-ro",
            ],
        )
    }

    /// An ext4 without a journal and without reserved blocks, so that every block but a few tables is for files.
    pub fn ext4_without_journal(megabytes: u64) -> Result<Self, String> {
        Self::make(
            megabytes,
            &[
                "mkfs.ext4",
                "-q",
                "-m0",
                "-O",
                "^has_journal",
                "-E",
                "lazy_itable_init=0",
            ],
        )
    }

    /// An xfs; it takes 300 megabytes at least.
    pub fn xfs(megabytes: u64) -> Result<Self, String> {
        Self::make(megabytes, &["mkfs.xfs", "-q"])
    }

    /// A file system in memory, with these mount options.
    pub fn tmpfs(options: &str) -> Result<Self, String> {
        Self::mount_new(
            make_folder(),
            &["-t", "tmpfs", "-o", options, "tmpfs"].map(str::to_owned),
        )
    }

    fn make(megabytes: u64, command: &[&str]) -> Result<Self, String> {
        let folder = make_folder();
        let image = folder.path().join("image");
        let file = File::create(&image).expect("an image");
        file.set_len(megabytes << 20).expect("a sparse file");
        let made = Command::new(command[0])
            .args(&command[1..])
            .arg(&image)
            .output()
            .map_err(|_| format!("{} is not installed (make test-deps)", command[0]))?;
        let reason = String::from_utf8_lossy(&made.stderr);
        assert!(made.status.success(), "{}: {reason}", command[0]);
        let image = image.to_str().expect("a plain path").to_owned();
        Self::mount_new(folder, &["-o".to_owned(), "loop".to_owned(), image])
    }

    fn mount_new(folder: TempDir, arguments: &[String]) -> Result<Self, String> {
        // SAFETY: geteuid takes nothing, cannot fail and touches no memory.
        if unsafe { libc::geteuid() } != 0 {
            return Err("mounting a file system takes root".into());
        }
        let mut disk = Self {
            folder,
            arguments: arguments.to_vec(),
            mounted: false,
        };
        fs::create_dir(disk.path()).expect("a mount point");
        disk.try_mount()
            .map_err(|reason| format!("cannot mount here: {reason}"))?;
        Ok(disk)
    }

    /// Where it is mounted.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("mount")
    }

    /// The file that holds an ext4 or xfs.
    pub fn image(&self) -> PathBuf {
        self.folder.path().join("image")
    }

    /// Mounts it again after [`Disk::unmount`].
    pub fn mount(&mut self) {
        self.try_mount()
            .unwrap_or_else(|reason| panic!("cannot mount again: {reason}"));
    }

    fn try_mount(&mut self) -> Result<(), String> {
        let mount = Command::new("mount")
            .args(&self.arguments)
            .arg(self.path())
            .output()
            .expect("the mount command");
        self.mounted = mount.status.success();
        match self.mounted {
            true => Ok(()),
            false => Err(String::from_utf8_lossy(&mount.stderr).trim().to_owned()),
        }
    }

    /// Unmounts it; whoever used it has to be gone.
    pub fn unmount(&mut self) {
        let deadline = Instant::now() + UNMOUNT_TIMEOUT;
        loop {
            let done = Command::new("umount").arg(self.path()).output();
            let done = done.expect("the umount command");
            if done.status.success() {
                self.mounted = false;
                return;
            }
            let reason = String::from_utf8_lossy(&done.stderr).into_owned();
            assert!(Instant::now() < deadline, "{reason}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Changes an option while it is in use: `ro`, `rw`, `size=…`, `nr_inodes=…`.
    pub fn remount(&self, option: &str) {
        let done = Command::new("mount")
            .args(["-o", &format!("remount,{option}")])
            .arg(self.path())
            .output()
            .expect("the mount command");
        let reason = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "remount,{option}: {reason}");
    }

    /// Lets an ext4 find an error in itself; it turns read-only until it is repaired.
    pub fn report_error(&self) {
        let path = self.path();
        let mounts = fs::read_to_string("/proc/mounts").expect("a list of mounts");
        let device = mounts.lines().find_map(|line| {
            let mut words = line.split(' ');
            let device = words.next()?.strip_prefix("/dev/")?;
            (Path::new(words.next()?) == path).then_some(device)
        });
        let device = device.expect("a mounted device");
        fs::write(format!("/sys/fs/ext4/{device}/trigger_fs_error"), "1").expect("an ext4");
    }

    /// Repairs an ext4 that is not mounted.
    pub fn repair(&self) {
        let repaired = Command::new("e2fsck").arg("-fy").arg(self.image()).output();
        let repaired = repaired.expect("e2fsck comes with mkfs.ext4");
        // 1: errors were found and corrected.
        let text = String::from_utf8_lossy(&repaired.stdout);
        assert!(
            matches!(repaired.status.code(), Some(0 | 1)),
            "e2fsck: {text}"
        );
    }

    /// Cuts the power: from now on every access fails, and what was not synced will be gone after the next mount.
    pub fn cut_power(&self) {
        let root = File::open(self.path()).expect("the mount point");
        let mode = NO_LOG_FLUSH;
        // SAFETY: the descriptor is open, and the kernel reads one u32 from the pointer, which outlives the call.
        let result = unsafe { libc::ioctl(root.as_raw_fd(), SHUTDOWN, &raw const mode) };
        assert_eq!(result, 0, "{}", io::Error::last_os_error());
    }

    /// Fills it until nothing more fits, and answers the file that does; removing that makes room again.
    pub fn fill(&self) -> PathBuf {
        let ballast = self.path().join("ballast");
        fill_with(&ballast);
        ballast
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.mounted {
            // Lazy: after a failed test a file may still be open.
            let _ = Command::new("umount").arg("-l").arg(self.path()).output();
        }
    }
}

fn make_folder() -> TempDir {
    tempfile::Builder::new()
        .prefix("wharf-disk-")
        .tempdir()
        .expect("a temporary folder")
}

/// Blocks first, then the bytes that are left in the last of them.
fn fill_with(ballast: &Path) {
    use std::io::Write;
    let mut file = File::create(ballast).expect("a file on the disk to be filled");
    for size in [1 << 20, 4096, 1] {
        let piece = vec![0x5a; size];
        loop {
            match file.write_all(&piece) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::StorageFull => break,
                Err(error) => panic!("cannot fill the disk: {error}"),
            }
        }
    }
    // A delayed allocation that does not fit would surface as somebody else's surprise.
    match file.sync_all() {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::StorageFull => {}
        Err(error) => panic!("cannot fill the disk: {error}"),
    }
}
