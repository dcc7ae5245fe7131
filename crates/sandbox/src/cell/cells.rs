//! Starting cells.

use std::net::IpAddr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;

use super::note::CellNote;
use super::running::RunningCell;
use crate::cgroup::{CellGroup, remove_stale_cell_groups};
use crate::error::{Context, Error, Result};
use crate::guards::GuardsOff;
use crate::host::{Host, Mode};
use crate::ids::{CountedId, IdPlan, IdPool, Lease, find_cell_ranges};
use crate::network::{Network, RESOLVER, list_host_addresses, plan_network, read_host_dns};
use crate::plan::render_resolv_conf;
use crate::sandbox::start_helper;
use crate::step::Limits;
use crate::wire::{CellPlan, NetworkPlan, Request, Source, Uplink, Work};

/// Where a cell sees the folder that was given to it.
pub const CELL_FOLDER: &str = "/state";

/// What is started in a cell.
#[derive(Debug)]
pub struct Cell {
    /// Arguments of this program.
    pub words: Vec<String>,
    /// The whole environment, beside PATH and HOME.
    pub env: Vec<(String, String)>,
    /// What it gets as standard input, which is all that connects it with the outside.
    pub socket: OwnedFd,
    /// The folder that it sees as [`CELL_FOLDER`] and owns in there.
    pub folder: PathBuf,
    /// What steps in it can reach; its own programs reach nothing. Not [`Network::Host`].
    pub network: Network,
    /// Memory, processes and processor time of everything in it. Other limits are the steps' own.
    pub limits: Limits,
    /// Folders that it must not see even if they lie below `/usr` or another folder of programs.
    pub hidden: Vec<PathBuf>,
}

/// Starts cells on this machine. Cheap to make, usable from many threads.
#[derive(Debug)]
pub struct Cells {
    host: Host,
    leases: PathBuf,
    number: AtomicU64,
}

impl Cells {
    /// Ends what cells of dead processes left. As root `leases` is where ranges of ids are leased; one folder for all of
    /// the machine.
    ///
    /// # Errors
    /// [`Error::Unsupported`] where cells cannot be made at all; [`Error::Io`] when the folder cannot be made.
    pub fn new(host: Host, leases: &Path) -> Result<Self> {
        host.require_kernel()?;
        match host.mode {
            Mode::Root => {
                std::fs::create_dir_all(leases).context(format!("make {}", leases.display()))?;
            }
            Mode::User => {}
            Mode::Rootful | Mode::Cell => {
                return Err(Error::Unsupported {
                    problem: "here a process cannot be given ids of its own".to_owned(),
                    hint: "run wharf as root of the machine or as a plain user".to_owned(),
                });
            }
        }
        remove_stale_cell_groups(&host.cgroups);
        Ok(Self {
            host,
            leases: leases.to_owned(),
            number: AtomicU64::new(0),
        })
    }

    /// What the machine can do.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Starts a cell. Returns when its program runs. Blocks for tens of milliseconds.
    ///
    /// # Errors
    /// Every one of this crate.
    pub fn start(&self, cell: Cell) -> Result<RunningCell> {
        if cell.network == Network::Host {
            return Err(Error::refused("a cell cannot have the host's network"));
        }
        let (ids, lease) = self.find_ids()?;
        let owner = lease.as_ref().map(|lease| lease.range().first);
        let group = CellGroup::make(&self.host.cgroups, &cell.limits, owner, &self.number)?;
        let network = plan_network(&cell.network, &self.host);
        let dns = read_host_dns()?;
        let own_resolver = [IpAddr::V4(RESOLVER)];
        let servers = match network.plan {
            NetworkPlan::Isolated { .. } => &own_resolver[..],
            _ => &[],
        };
        let note = serde_json::to_string(&CellNote {
            groups: group
                .delegated()
                .iter()
                .map(|(name, controllers, _)| (name.clone(), controllers.clone()))
                .collect(),
            no_uplink: match (&network.plan, &self.host.uplink) {
                (NetworkPlan::Isolated { .. }, _) => None,
                (_, Err(reason)) => Some(reason.clone()),
                (_, Ok(_)) => Some("the build has none".to_owned()),
            },
            outside: self.list_outside(),
        });
        let request = Request {
            ids,
            sources: vec![Source {
                path: cell.folder,
                writable: true,
            }],
            trees: Vec::new(),
            cgroups: group.procs(),
            work: Work::Cell(CellPlan {
                words: cell.words,
                env: cell.env,
                network: network.plan,
                resolv_conf: render_resolv_conf(&dns, servers),
                hidden: cell.hidden,
                groups: group
                    .delegated()
                    .iter()
                    .map(|(name, _, folder)| (name.clone(), folder.clone()))
                    .collect(),
                made_groups: group.folders(),
                note: note
                    .map_err(std::io::Error::from)
                    .context("write the cell's note")?,
            }),
            guards_off: GuardsOff::default(),
        };
        let mut passed: Vec<BorrowedFd<'_>> = vec![cell.socket.as_fd()];
        // Held by the supervisor too: if this process dies first, the range is free when the cell is gone, not before.
        passed.extend(lease.as_ref().map(|lease| lease.lock().as_fd()));
        let helper = start_helper(&request, &passed)?;
        drop(cell.socket);
        RunningCell::await_start(helper, group, lease, network.note, &dns.servers)
    }

    fn find_ids(&self) -> Result<(IdPlan, Option<Lease>)> {
        if self.host.mode == Mode::Root {
            let lease = IdPool::CELLS.lease(&self.leases)?;
            return Ok((IdPlan::Leased(lease.range()), Some(lease)));
        }
        let user = CountedId {
            name: self.host.user_name.clone(),
            id: rustix::process::geteuid().as_raw(),
        };
        let (uids, gids) = find_cell_ranges(&user, Path::new("/etc"))?;
        Ok((IdPlan::Apart { uids, gids }, None))
    }

    /// The machine's addresses, which the cell does not have itself.
    fn list_outside(&self) -> Vec<IpAddr> {
        let uplink = self.host.uplink.as_ref().unwrap_or(&Uplink::Veth);
        list_host_addresses(uplink, &self.host.outside)
    }
}
