//! Takes the built console into a release of the program: every file of `console/dist`, as bytes.
//!
//! Programs for development read that folder when they run, so that they need not be built again after it. A release
//! that is built where nobody built the console has none, and says so on its pages. Needs no node and no network.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    let folder = PathBuf::from(read_variable("CARGO_MANIFEST_DIR")).join("../../console/dist");
    let mut files = Vec::new();
    // `release` also for profiles that inherit from it.
    if read_variable("PROFILE") == "release" {
        // A path that is not there counts as changed at each build, so what it will be in stands for it until it is.
        let watched = [folder.as_path(), folder.parent().unwrap_or(&folder)];
        if let Some(watched) = watched.iter().find(|path| path.is_dir()) {
            println!("cargo:rerun-if-changed={}", watched.display());
        }
        if let Ok(folder) = folder.canonicalize() {
            list_files(&folder, &folder, &mut files)?;
        }
    }
    files.sort();
    let mut table = String::from("&[\n");
    for (name, path) in files {
        table += &format!("    ({name:?}, include_bytes!({path:?})),\n");
    }
    table += "]\n";
    fs::write(
        Path::new(&read_variable("OUT_DIR")).join("console.rs"),
        table,
    )
}

fn read_variable(name: &str) -> String {
    env::var(name).unwrap_or_default()
}

fn list_files(root: &Path, folder: &Path, found: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            list_files(root, &path, found)?;
        } else if let Ok(name) = path.strip_prefix(root) {
            let name = name.to_string_lossy().into_owned();
            found.push((name, path));
        }
    }
    Ok(())
}
