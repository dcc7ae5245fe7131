//! l106: TLS with certificates that change under the server.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use wharf_server::net::ConnectionLimits;
use wharf_server::net::tls::{Certificate, CertificateFiles, TlsError};

use crate::client::Client;
use crate::server::{Server, make_bytes, stage_file};

fn write_pair(folder: &Path) -> String {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("certificate");
    let pem = made.cert.pem();
    fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).expect("write");
    fs::write(folder.join("cert.pem"), &pem).expect("write");
    pem
}

fn files(folder: &Path) -> CertificateFiles {
    CertificateFiles {
        certificate: folder.join("cert.pem"),
        key: folder.join("key.pem"),
    }
}

struct Fixture {
    folder: tempfile::TempDir,
    pem: String,
    certificate: Arc<Certificate>,
    server: Server,
}

fn start(bytes: &[u8]) -> Fixture {
    let folder = tempfile::tempdir().expect("folder");
    let pem = write_pair(folder.path());
    let certificate = Certificate::load(files(folder.path())).expect("a good pair");
    let stage = stage_file(bytes, bytes.len() as u64);
    let server = Server::start_with(stage, ConnectionLimits::default(), Some(&certificate));
    Fixture {
        folder,
        pem,
        certificate,
        server,
    }
}

/// Connects trusting only `pem`; fails if the server presents another certificate.
async fn connect(server: &Server, pem: &str) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = rustls::RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(pem.as_bytes()).expect("PEM"))
        .expect("a certificate");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(server.address).await?;
    let name = ServerName::try_from("localhost").expect("name");
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
}

async fn ask_hello(stream: &mut TlsStream<TcpStream>) -> String {
    stream
        .write_all(b"GET /hello HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .expect("send");
    let mut answer = Vec::new();
    while !answer.ends_with(b"hello") {
        assert_ne!(
            stream.read_buf(&mut answer).await.expect("read"),
            0,
            "closed"
        );
    }
    String::from_utf8(answer).expect("text")
}

async fn wait_for_certificate(server: &Server, pem: &str) {
    let waiting = async {
        while connect(server, pem).await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), waiting)
        .await
        .expect("the new certificate is served");
}

#[test]
fn downloads_arrive_unchanged_by_both_protocols() {
    let bytes = make_bytes((3 << 20) + 5);
    let Fixture { pem, server, .. } = &start(&bytes);
    for http1_only in [true, false] {
        let root = reqwest::Certificate::from_pem(pem.as_bytes()).expect("root");
        let mut http = reqwest::Client::builder()
            .tls_certs_only([root])
            .resolve("localhost", server.address);
        if http1_only {
            http = http.http1_only();
        }
        let http = http.build().expect("client");
        let url = format!("https://localhost:{}/file", server.address.port());
        server.runtime.block_on(async {
            for _ in 0..2 {
                let answer = http.get(&url).send().await.expect("answer");
                let expected = if http1_only {
                    http::Version::HTTP_11
                } else {
                    http::Version::HTTP_2
                };
                assert_eq!(answer.version(), expected);
                assert_eq!(answer.content_length(), Some(bytes.len() as u64));
                assert!(answer.bytes().await.expect("body") == bytes);
            }
        });
    }
}

#[test]
fn a_file_shorter_than_promised_is_an_error_to_the_client() {
    let folder = tempfile::tempdir().expect("folder");
    let pem = write_pair(folder.path());
    let certificate = Certificate::load(files(folder.path())).expect("a good pair");
    let server = Server::start_with(
        stage_file(&[7; 1 << 20], 2 << 20),
        ConnectionLimits::default(),
        Some(&certificate),
    );
    let root = reqwest::Certificate::from_pem(pem.as_bytes()).expect("root");
    let http = reqwest::Client::builder()
        .tls_certs_only([root])
        .resolve("localhost", server.address)
        .build()
        .expect("client");
    let url = format!("https://localhost:{}/file", server.address.port());
    server.runtime.block_on(async {
        let answer = http.get(&url).send().await.expect("the head");
        answer.bytes().await.expect_err("the body is short");
    });
}

#[test]
fn l106_a_replaced_certificate_is_served_without_dropping_a_connection() {
    let Fixture {
        folder,
        pem,
        certificate,
        server,
    } = &start(b"x");
    let follow = Arc::clone(certificate).follow_files(Duration::from_millis(20));
    let following = server.runtime.spawn(follow);
    server.runtime.block_on(async {
        let mut old = connect(server, pem).await.expect("the first certificate");
        ask_hello(&mut old).await;
        let new_pem = write_pair(folder.path());
        wait_for_certificate(server, &new_pem).await;
        assert!(
            connect(server, pem).await.is_err(),
            "the first certificate is gone"
        );
        ask_hello(&mut old).await;
    });
    following.abort();
}

#[test]
fn l106_a_broken_pair_changes_nothing_and_is_repaired_by_the_next() {
    let Fixture {
        folder,
        pem,
        certificate,
        server,
    } = &start(b"x");
    let follow = Arc::clone(certificate).follow_files(Duration::from_millis(20));
    let following = server.runtime.spawn(follow);
    let cert_path = folder.path().join("cert.pem");
    let key_path = folder.path().join("key.pem");
    let other = tempfile::tempdir().expect("folder");
    write_pair(other.path());

    fs::write(&cert_path, "no certificate").expect("write");
    assert!(matches!(
        certificate.reload(),
        Err(TlsError::NoCertificate { .. })
    ));
    fs::write(&cert_path, pem).expect("write");
    fs::remove_file(&key_path).expect("remove");
    assert!(matches!(certificate.reload(), Err(TlsError::Key { .. })));
    fs::copy(other.path().join("key.pem"), &key_path).expect("copy");
    assert!(matches!(certificate.reload(), Err(TlsError::Pair { .. })));
    server
        .runtime
        .block_on(connect(server, pem))
        .expect("the old pair is in force");

    let new_pem = write_pair(folder.path());
    server
        .runtime
        .block_on(wait_for_certificate(server, &new_pem));
    following.abort();
}

#[test]
fn a_hangup_reloads_at_once() {
    let Fixture {
        folder,
        certificate,
        server,
        ..
    } = &start(b"x");
    server.runtime.block_on(async {
        // From here on the signal no longer ends this process, whoever listens.
        let kind = tokio::signal::unix::SignalKind::hangup();
        let _installed = tokio::signal::unix::signal(kind).expect("handler");
        let follow = Arc::clone(certificate).follow_files(Duration::from_secs(3600));
        let following = tokio::spawn(follow);
        let new_pem = write_pair(folder.path());
        let waiting = async {
            while connect(server, &new_pem).await.is_err() {
                rustix::process::kill_process(
                    rustix::process::getpid(),
                    rustix::process::Signal::HUP,
                )
                .expect("signal");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), waiting)
            .await
            .expect("reloaded");
        following.abort();
    });
}

#[test]
fn l106_old_protocol_versions_and_plain_http_are_refused() {
    let Fixture { server, .. } = &start(b"x");
    for version in [1_u8, 2] {
        let mut hello = vec![3, version];
        hello.extend([7; 32]);
        // No session, two suites of those versions, no compression.
        hello.extend([0, 0, 4, 0xC0, 0x13, 0x00, 0x2F, 1, 0]);
        let mut record = vec![
            22,
            3,
            1,
            0,
            hello.len() as u8 + 4,
            1,
            0,
            0,
            hello.len() as u8,
        ];
        record.extend(hello);
        let mut client = Client::connect(server.address);
        client.send(record);
        let answer = client.read_to_end();
        // An alert of the fatal level: protocol_version or handshake_failure.
        assert!(
            matches!(answer[..], [21, 3, _, 0, 2, 2, 70 | 40]),
            "{answer:?}"
        );
    }
    let mut client = Client::connect(server.address);
    client
        .stream
        .write_all(b"GET /hello HTTP/1.1\r\nhost: x\r\n\r\n")
        .expect("send");
    let answer = client.read_to_end();
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
    assert_eq!(server.seen(), Vec::<String>::new());
}
