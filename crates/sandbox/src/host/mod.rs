//! What this machine can do.

mod problems;

use std::fs;
use std::net::IpAddr;

pub use problems::Problem;

use crate::cell::CellNote;
use crate::cgroup::Cgroups;
use crate::error::{Error, Result};
use crate::ids::WITHIN_CELL;
use crate::wire::Uplink;

/// How wharf runs here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// As root: every build has a range of ids of its own, files on the disk have the image's ids.
    Root,
    /// As root without user namespaces, because the operator asks for it on an old kernel: steps are the host's root,
    /// kept in by everything else. For trusted builds only.
    Rootful,
    /// As a plain user: one range of ids for all of this user's builds.
    User,
    /// As root of a cell: builds have the ids of the cell beside its root's own; the mapped ones are on the disk.
    Cell,
}

/// What this machine can do.
#[derive(Debug, Clone)]
pub struct Host {
    /// How wharf runs here.
    pub mode: Mode,
    /// Major and minor number of the kernel.
    pub kernel: (u32, u32),
    /// Whose processes these are, as /etc/passwd has it.
    pub user_name: String,
    pub(crate) cgroups: Cgroups,
    /// Or why there is none.
    pub(crate) uplink: std::result::Result<Uplink, String>,
    /// Addresses by which the machine can be reached although no interface in here has them.
    pub(crate) outside: Vec<IpAddr>,
}

impl Host {
    /// Looks at the machine. Starts nothing and changes nothing.
    ///
    /// # Errors
    /// [`Error::Io`] when /proc cannot be read.
    pub fn inspect() -> Result<Self> {
        let release = rustix::system::uname();
        let kernel = parse_release(&release.release().to_string_lossy());
        let is_root = rustix::process::geteuid().is_root() && maps_all_ids();
        Ok(Self {
            mode: if is_root { Mode::Root } else { Mode::User },
            kernel,
            user_name: find_user_name(rustix::process::geteuid().as_raw()),
            cgroups: Cgroups::detect(),
            uplink: find_uplink(is_root),
            outside: Vec::new(),
        })
    }

    /// What a process in a cell has to work with, as the note says that was put there with it.
    ///
    /// # Errors
    /// [`Error::Io`] outside of a cell.
    pub fn of_cell() -> Result<Self> {
        let note = CellNote::read()?;
        let mut host = Self::inspect()?;
        host.mode = Mode::Cell;
        "root".clone_into(&mut host.user_name);
        host.cgroups = note.cgroups();
        host.outside = note.outside;
        // Steps are connected with the cell as root would do it; whether that leads anywhere was settled outside.
        host.uplink = match note.no_uplink {
            Some(reason) => Err(reason),
            None => Ok(Uplink::Veth),
        };
        Ok(host)
    }

    /// Who root of the builds is, for folders that the caller makes and steps write: their ids are not the caller's.
    /// `None` where they are, or where layers are mounted with mapped ids.
    pub fn owner_of_steps(&self) -> Option<u32> {
        (self.mode == Mode::Cell).then_some(WITHIN_CELL.first)
    }

    /// Connects isolated steps through slirp4netns(1) although something better is there.
    #[cfg(feature = "guards-off")]
    pub fn with_slirp4netns(mut self) -> Self {
        self.uplink = Ok(Uplink::Slirp("/usr/bin/slirp4netns".into()));
        self
    }

    /// # Errors
    /// [`Error::Unsupported`] when this kernel cannot mount layers as the mode needs it.
    pub(crate) fn require_kernel(&self) -> Result<()> {
        let (floor, reason, way_out) = match self.mode {
            Mode::Root => (
                (5, 19),
                "mount a layer with the ids of a user namespace",
                "upgrade the kernel, or set the rootful mode for trusted builds",
            ),
            Mode::User | Mode::Cell => (
                (5, 12),
                "mount an overlay in a user namespace",
                "upgrade the kernel",
            ),
            Mode::Rootful => ((5, 12), "restrict mounts", "upgrade the kernel"),
        };
        if self.kernel >= floor {
            return Ok(());
        }
        let ((major, minor), (need_major, need_minor)) = (self.kernel, floor);
        Err(Error::Unsupported {
            problem: format!(
                "Linux {major}.{minor} cannot {reason}: {need_major}.{need_minor} is needed"
            ),
            hint: way_out.to_owned(),
        })
    }

    /// The mode that an operator asks for on kernels that cannot map the ids of a layer.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for a plain user.
    pub fn without_user_namespaces(mut self) -> Result<Self> {
        if matches!(self.mode, Mode::User | Mode::Cell) {
            return Err(Error::Unsupported {
                problem: "a plain user cannot run steps without a user namespace".to_owned(),
                hint: "run wharf as root, or leave the rootful mode off".to_owned(),
            });
        }
        self.mode = Mode::Rootful;
        Ok(self)
    }
}

/// The name of a user, or its number when it has none.
fn find_user_name(uid: u32) -> String {
    let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
    passwd
        .lines()
        .map(|line| line.split(':').collect::<Vec<_>>())
        .find(|fields| fields.get(2).and_then(|field| field.parse().ok()) == Some(uid))
        .and_then(|fields| fields.first().map(|name| (*name).to_owned()))
        .unwrap_or_else(|| uid.to_string())
}

/// As root the kernel does it; without root a program does, of which pasta is the faster one.
fn find_uplink(is_root: bool) -> std::result::Result<Uplink, String> {
    if is_root {
        return Ok(Uplink::Veth);
    }
    let tun = std::path::Path::new("/dev/net/tun");
    let both = rustix::fs::Access::READ_OK | rustix::fs::Access::WRITE_OK;
    if rustix::fs::access(tun, both).is_err() {
        return Err(
            "without root it needs the device /dev/net/tun, which this user cannot open; \
             as root: modprobe tun; chmod 666 /dev/net/tun"
                .to_owned(),
        );
    }
    let find = |program: &str| {
        [
            "/usr/bin",
            "/usr/local/bin",
            "/bin",
            "/run/current-system/sw/bin",
        ]
        .map(|folder| std::path::Path::new(folder).join(program))
        .into_iter()
        .find(|path| path.exists())
    };
    find("pasta")
        .map(Uplink::Pasta)
        .or_else(|| find("slirp4netns").map(Uplink::Slirp))
        .ok_or_else(|| {
            "without root it needs the program `pasta` or `slirp4netns`; \
             install the package `passt` or `slirp4netns`"
                .to_owned()
        })
}

fn maps_all_ids() -> bool {
    fs::read_to_string("/proc/self/uid_map")
        .is_ok_and(|map| map.split_whitespace().eq(["0", "0", "4294967295"]))
}

fn parse_release(release: &str) -> (u32, u32) {
    let mut numbers = release
        .split(|letter: char| !letter.is_ascii_digit())
        .map(|number| number.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_kernel_is_refused_with_a_way_out() {
        let old = Host {
            mode: Mode::Root,
            kernel: (5, 15),
            user_name: "root".to_owned(),
            cgroups: Cgroups::default(),
            uplink: Ok(Uplink::Veth),
            outside: Vec::new(),
        };
        let error = old.require_kernel().unwrap_err();
        assert!(error.to_string().contains("5.19"), "{error}");
        assert!(error.hint().unwrap().contains("rootful"));
        let rootful = old.without_user_namespaces().unwrap();
        rootful.require_kernel().unwrap();
    }

    #[test]
    fn releases_of_distributions_are_understood() {
        assert_eq!(parse_release("6.1.0-18-amd64"), (6, 1));
        assert_eq!(parse_release("5.15.167.4-microsoft"), (5, 15));
        assert_eq!(parse_release("7.0-rc1"), (7, 0));
    }
}
