//! Trees: stacks of folders as one overlay, mounted inside the user namespace.
//!
//! Mounted from outside, an id-mapped upper folder would come up read-only. `userxattr` because only `user.*` attributes
//! can be set in here; it also turns `redirect_dir` and `metacopy` off, which a layer could not express.

use std::ffi::CString;
use std::os::fd::OwnedFd;

use rustix::fs::{AtFlags, Mode};
use rustix::mount::MountFlags;

use super::staging::{attach, clone_part, open_folder};
use crate::failure::{Attempt, AttemptTo, Setup};
use crate::wire::TreePlan;

/// Mounts a tree at `/t/NUMBER` of the staging folder and opens its root.
pub(super) fn mount_tree(tree: &TreePlan, number: usize) -> Setup<OwnedFd> {
    let target = CString::new(format!("/t/{number}")).unwrap_or_default();
    rustix::fs::mkdir(&target, Mode::from_raw_mode(0o755)).attempt_to("make a place for a tree")?;
    let single = match (&tree.lowers[..], tree.upper, tree.in_place) {
        (_, _, Some(folder)) => Some(folder),
        ([only], None, None) => Some(*only),
        _ => None,
    };
    match single {
        Some(only) => {
            let source = CString::new(format!("/m/{only}")).unwrap_or_default();
            let part = clone_part(&open_folder(&source)?).attempt_to("copy the mount of a tree")?;
            attach(&part, &open_folder(&target)?).attempt_to("mount a tree")?;
        }
        None => mount_overlay(&tree.lowers, tree.upper, &target)?,
    }
    open_folder(&target)
}

fn mount_overlay(lowers: &[usize], upper: Option<usize>, target: &CString) -> Setup<()> {
    // Short names: all options have to fit into one page, and an image may have 127 layers.
    rustix::process::chdir(c"/m").attempt_to("enter the staging folder")?;
    let mut names: Vec<String> = lowers.iter().map(usize::to_string).collect();
    if lowers.len() < 2 && (upper.is_none() || lowers.is_empty()) {
        names.push("none".to_owned());
        match rustix::fs::mkdir(c"none", Mode::from_raw_mode(0o755)) {
            Ok(()) | Err(rustix::io::Errno::EXIST) => {}
            Err(error) => return Err(error).attempt_to("make an empty layer"),
        }
        if names.len() == 1 && upper.is_none() {
            names.push("none/.".to_owned());
        }
    }
    let mut options = format!("userxattr,index=off,lowerdir={}", names.join(":"));
    if let Some(upper) = upper {
        forget_last_use(upper);
        // Volatile: without it every unmount would sync the whole file system of the upper folder.
        options.push_str(&format!(
            ",volatile,upperdir={upper}/upper,workdir={upper}/work"
        ));
    }
    let options = CString::new(options).unwrap_or_default();
    rustix::mount::mount(
        c"overlay",
        target,
        c"overlay",
        MountFlags::empty(),
        Some(options.as_c_str()),
    )
    .attempt(|| format!("mount an overlay of {} layers", lowers.len()))
}

/// A volatile overlay leaves a mark that forbids mounting its upper folder again, because a crash may have lost parts of
/// it. Whether to trust a snapshot after a crash is decided by the builder, not by this mark.
fn forget_last_use(upper: usize) {
    for (mark, kind) in [
        ("volatile/dirty", AtFlags::empty()),
        ("volatile", AtFlags::REMOVEDIR),
    ] {
        let path = format!("{upper}/work/work/incompat/{mark}");
        // Usually there is none; if it cannot be removed, mounting says so.
        let _ = rustix::fs::unlinkat(rustix::fs::CWD, &path, kind);
    }
}
