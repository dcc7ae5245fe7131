//! The memory of downloads. A program of its own, because it measures the whole process.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsRawFd;
use std::sync::{Arc, Barrier};
use std::thread;

use http::{Request, Response};
use hyper::body::Incoming;
use wharf_server::body::Body;
use wharf_server::net::{ConnectionInfo, ConnectionLimits, Listener, serve};

const CLIENTS: usize = 64;
const SIZE: usize = 100_000_000;

/// The asked bound is 40 MB for the whole server; this leaves out what is no download's.
const BOUND_KB: u64 = 24 * 1024;

fn resident_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("status");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .expect("VmRSS");
    line.trim()
        .trim_end_matches(" kB")
        .parse()
        .expect("a number")
}

/// Receives everything without looking at it, so that the client's copy does not count.
fn discard(stream: &TcpStream, mut len: usize) {
    while len > 0 {
        // SAFETY: with MSG_TRUNC a TCP socket drops the bytes and writes nothing to the buffer.
        let read = unsafe {
            libc::recv(
                stream.as_raw_fd(),
                std::ptr::null_mut(),
                len.min(1 << 20),
                libc::MSG_TRUNC,
            )
        };
        assert!(read > 0, "the connection ended with {len} bytes missing");
        len -= usize::try_from(read).expect("positive");
    }
}

fn download(address: SocketAddr, ready: &Barrier, half: &Barrier, measured: &Barrier) {
    let mut stream = TcpStream::connect(address).expect("connect");
    ready.wait();
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        .expect("send");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).expect("head");
        head.push(byte[0]);
    }
    discard(&stream, SIZE / 2);
    half.wait();
    measured.wait();
    discard(&stream, SIZE - SIZE / 2);
}

#[test]
fn sixty_four_downloads_of_100_mb_stay_within_bounds() {
    let mut file = tempfile::tempfile().expect("file");
    let block = vec![7; 1_000_000];
    for _ in 0..SIZE / block.len() {
        file.write_all(&block).expect("write");
    }
    let file = Arc::new(file);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("runtime");
    let local = SocketAddr::from(([127, 0, 0, 1], 0));
    let listener = runtime.block_on(Listener::bind(local)).expect("listen");
    let address = listener.local_addr();
    let service = move |request: Request<Incoming>, info: ConnectionInfo| {
        let file: Arc<File> = Arc::clone(&file);
        async move { Response::new(Body::file(file, 0..SIZE as u64, &info, request.version())) }
    };
    let limits = ConnectionLimits::default();
    runtime.spawn(serve(
        vec![listener],
        limits,
        service,
        std::future::pending(),
    ));

    let [ready, half, measured] = [(); 3].map(|()| Arc::new(Barrier::new(CLIENTS + 1)));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (ready, half, measured) =
                (Arc::clone(&ready), Arc::clone(&half), Arc::clone(&measured));
            thread::spawn(move || download(address, &ready, &half, &measured))
        })
        .collect();
    ready.wait();
    let before = resident_kb();
    half.wait();
    let during = resident_kb();
    measured.wait();
    for client in clients {
        client.join().expect("a whole download");
    }
    let after = resident_kb();
    let grown = during.max(after).saturating_sub(before);
    assert!(
        grown < BOUND_KB,
        "{grown} kB more than the {before} kB before"
    );
}
