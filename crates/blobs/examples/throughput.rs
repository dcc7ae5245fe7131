//! Measures pushes into the store: MB/s and CPU seconds per GB, without network.
//!
//! `cargo run --profile fast -p wharf-blobs --example throughput -- FOLDER [MEGABYTES] [ROUNDS]`
//!
//! Virtual machines that give free memory back to their host make the first use of a page very slow, so each round first
//! touches and frees as much memory as it will write.

use std::path::Path;
use std::time::{Duration, Instant};

use bytes::Bytes;
use uuid::Uuid;
use wharf_blobs::{Store, UploadId};
use wharf_oci::{Algorithm, Digest};

/// What a fast connection hands over at a time.
const FRAME: usize = 256 * 1024;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let folder = arguments
        .get(1)
        .expect("usage: throughput FOLDER [MEGABYTES] [ROUNDS]");
    let number = |at: usize, default| {
        arguments
            .get(at)
            .map_or(default, |text| text.parse().expect("a number"))
    };
    let (megabytes, rounds) = (number(2, 100), number(3, 5));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    println!(
        "clients  durable  MB/s  CPU s/GB   (median of {rounds} rounds of {megabytes} MB per client)"
    );
    for clients in [1, 8] {
        for durable in [false, true] {
            let mut results: Vec<(f64, f64)> = (0..rounds)
                .map(|round| {
                    measure(
                        &runtime,
                        Path::new(folder),
                        clients,
                        megabytes,
                        durable,
                        round,
                    )
                })
                .collect();
            results.sort_by(|one, other| one.1.total_cmp(&other.1));
            let (speed, cpu) = results[results.len() / 2];
            println!("{clients:>7}  {durable:>7}  {speed:>4.0}  {cpu:>8.2}");
        }
    }
}

fn measure(
    runtime: &tokio::runtime::Runtime,
    folder: &Path,
    clients: usize,
    megabytes: usize,
    durable: bool,
    round: usize,
) -> (f64, f64) {
    let root = folder.join("throughput-store");
    let _ = std::fs::remove_dir_all(&root);
    let store = Store::open(&root).expect("a store");
    let contents: Vec<_> = (0..clients)
        .map(|client| make_content(client * 1_000 + round, megabytes))
        .collect();
    warm_memory(clients * megabytes);
    let (started, cpu) = (Instant::now(), cpu_time());
    runtime.block_on(async {
        let pushes: Vec<_> = contents
            .into_iter()
            .map(|content| tokio::spawn(push(store.clone(), content, durable)))
            .collect();
        for push in pushes {
            push.await.expect("no panic");
        }
    });
    let (elapsed, cpu) = (started.elapsed(), cpu_time() - cpu);
    let total = (clients * megabytes) as f64;
    let _ = std::fs::remove_dir_all(&root);
    (
        total / elapsed.as_secs_f64(),
        cpu.as_secs_f64() / total * 1e3,
    )
}

struct Content {
    frames: Vec<Bytes>,
    digest: Digest,
}

/// Frames of a shared 8 MB of noise after a first frame that is unique.
fn make_content(seed: usize, megabytes: usize) -> Content {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let noise: Vec<u8> = (0..8 << 17)
        .flat_map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()
        })
        .collect();
    let noise = Bytes::from(noise);
    let mut frames = vec![Bytes::from(format!("{seed:064}"))];
    let mut left = megabytes * 1_000_000 - 64;
    let mut at = 0;
    while left > 0 {
        let length = FRAME.min(left);
        frames.push(noise.slice(at..at + length));
        at = (at + FRAME) % noise.len();
        left -= length;
    }
    let digest = Digest::of(Algorithm::Sha256, &frames.concat());
    Content { frames, digest }
}

fn warm_memory(megabytes: usize) {
    let mut memory = vec![0_u8; megabytes * 1_000_000];
    for page in memory.chunks_mut(4096) {
        page[0] = 1;
    }
    std::hint::black_box(&memory);
}

async fn push(store: Store, content: Content, durable: bool) {
    let id = UploadId::new(Uuid::now_v7());
    let mut upload = store.create_upload(id, Algorithm::Sha256).expect("upload");
    upload.expect_size(content.frames.iter().map(|frame| frame.len() as u64).sum());
    for frame in content.frames {
        upload.write(frame).await.expect("written");
        // A socket would now be asked for more.
        tokio::task::yield_now().await;
    }
    upload.finish(&content.digest).await.expect("finished");
    if durable {
        store
            .make_durable(&[content.digest])
            .await
            .expect("durable");
    }
}

/// Of this process, all threads.
fn cpu_time() -> Duration {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the kernel writes one timespec through the pointer, which is valid for the call.
    let result = unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut time) };
    assert_eq!(result, 0);
    Duration::new(
        time.tv_sec.unsigned_abs(),
        u32::try_from(time.tv_nsec).expect("nanoseconds"),
    )
}
