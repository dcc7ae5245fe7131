//! Speed of the layer room on a real tree, in seconds of CPU and of wall time.
//!
//! `cargo run --profile fast -p wharf-layer --example bench_layer -- DIRECTORY [SCRATCH]` packs the directory with every
//! codec and unpacks it again beneath the scratch directory, also with the system's `tar -x` for comparison.

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::num::NonZeroUsize;
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use wharf_layer::{
    ApplyOptions, Below, Compression, Decoder, DiffOptions, LayerWriter, Limits, apply, write_diff,
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let tree = PathBuf::from(arguments.next().ok_or("which directory?")?);
    let scratch = arguments
        .next()
        .map_or_else(std::env::temp_dir, PathBuf::from);
    let scratch = tempfile::tempdir_in(scratch)?;
    let threads = std::thread::available_parallelism()?;

    let plain = scratch.path().join("plain.tar");
    let mut stats = None;
    measure("diff → tar", 0, || {
        let mut out = io::BufWriter::new(File::create(&plain)?);
        let root = File::open(&tree)?;
        stats = Some(write_diff(
            root.as_fd(),
            None,
            &DiffOptions::default(),
            &mut out,
        )?);
        Ok(out.flush()?)
    })?;
    let size = fs::metadata(&plain)?.len();
    println!(
        "{} entries, {} MB",
        stats.map_or(0, |stats| stats.entries),
        size / 1_000_000
    );

    for (name, compression) in [
        ("none", Compression::None),
        ("gzip 1", Compression::Gzip { level: 1 }),
        ("gzip 2", Compression::Gzip { level: 2 }),
        ("gzip 4", Compression::Gzip { level: 4 }),
        ("gzip 6", Compression::Gzip { level: 6 }),
        ("zstd 1", Compression::Zstd { level: 1 }),
        ("zstd 3", Compression::Zstd { level: 3 }),
    ] {
        let blob = scratch.path().join("blob");
        measure(&format!("write {name}"), size, || {
            pack(&plain, &blob, compression, threads)
        })?;
        let packed = fs::metadata(&blob)?.len();
        measure(&format!("read {name}"), size, || unpack(&blob))?;
        println!(
            "    {:.1} % of the tar",
            packed as f64 * 100.0 / size as f64
        );
    }

    for round in 0..2 {
        let target = scratch.path().join(format!("apply{round}"));
        fs::create_dir(&target)?;
        measure("apply", size, || {
            let root = File::open(&target)?;
            let options = ApplyOptions::layer(Below::Nothing);
            apply(
                File::open(&plain)?,
                root.as_fd(),
                &options,
                &mut Limits::default(),
            )?;
            Ok(())
        })?;
        let target = scratch.path().join(format!("tar{round}"));
        fs::create_dir(&target)?;
        measure("tar -x", size, || {
            let status = Command::new("tar")
                .args(["-x", "-p", "--numeric-owner", "-f"])
                .arg(&plain)
                .arg("-C")
                .arg(&target)
                .status()?;
            if status.success() {
                Ok(())
            } else {
                Err("tar failed".into())
            }
        })?;
    }
    Ok(())
}

fn pack(
    from: &Path,
    to: &Path,
    compression: Compression,
    threads: NonZeroUsize,
) -> Result<(), Box<dyn Error>> {
    let mut writer = LayerWriter::new(File::create(to)?, compression, threads)?;
    let mut input = File::open(from)?;
    let mut buffer = vec![0; 128 << 10];
    loop {
        let count = input.read(&mut buffer)?;
        if count == 0 {
            writer.finish()?;
            return Ok(());
        }
        writer.write_all(&buffer[..count])?;
    }
}

fn unpack(blob: &Path) -> Result<(), Box<dyn Error>> {
    let mut decoder = Decoder::new(File::open(blob)?, &Limits::default())?;
    io::copy(&mut decoder, &mut io::sink())?;
    Ok(())
}

/// Prints how long it took, and the CPU time of all threads and of finished children.
fn measure(
    name: &str,
    bytes: u64,
    work: impl FnOnce() -> Result<(), Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let (cpu, start) = (cpu_time()?, Instant::now());
    work()?;
    let (cpu, wall) = (cpu_time()? - cpu, start.elapsed());
    let speed = bytes as f64 / 1e6 / cpu.as_secs_f64();
    println!(
        "{name:14} {:7.2} s CPU {:7.2} s wall {speed:8.0} MB/s of CPU",
        cpu.as_secs_f64(),
        wall.as_secs_f64()
    );
    Ok(())
}

fn cpu_time() -> Result<Duration, Box<dyn Error>> {
    let own = clock_gettime(ClockId::ProcessCPUTime);
    // Fields 16 and 17 of proc_pid_stat(5), in hundredths of a second: children that were waited for.
    let stat = fs::read_to_string("/proc/self/stat")?;
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: u64 = after_name
        .split_whitespace()
        .skip(13)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    Ok(
        Duration::new(own.tv_sec.try_into()?, own.tv_nsec.try_into()?)
            + Duration::from_millis(ticks * 10),
    )
}
