//! TLS: old versions and weak ciphers are refused, and a new certificate comes without dropping anybody.

use std::{
    io::{Read, Write},
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use wharf_testkit::{Login, Server, SharedServer, skip};
use wharf_tests::wait_until;

static SERVER: SharedServer = SharedServer::new(|| Server::builder().tls());

fn has_openssl() -> bool {
    Command::new("openssl")
        .arg("version")
        .stdin(Stdio::null())
        .output()
        .is_ok_and(|output| output.status.success())
}

/// A handshake by `openssl s_client` with these arguments.
fn shake_hands(server: &Server, arguments: &[&str]) -> Output {
    Command::new("openssl")
        .args(["s_client", "-connect", server.authority()])
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("openssl runs")
}

/// Whether a handshake succeeded, as opposed to one that the server refused; panics when the client itself did.
#[track_caller]
fn is_accepted(output: &Output) -> bool {
    let text = [output.stdout.as_slice(), &output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    let refused = text.contains("alert") || text.contains("unexpected eof");
    let accepted = text.contains("Cipher is ") && !text.contains("Cipher is (NONE)");
    assert!(
        refused || accepted,
        "neither accepted nor refused by the server:\n{text}"
    );
    accepted && !refused
}

#[test]
fn l106_old_versions_and_weak_ciphers_are_refused() {
    if !has_openssl() {
        skip!("openssl is not installed");
    }
    let server = SERVER.get().server();
    for modern in [
        &["-tls1_2"][..],
        &["-tls1_3"],
        &["-tls1_2", "-cipher", "ECDHE+AESGCM"],
        &["-servername", "another.example"],
        &["-noservername"],
    ] {
        assert!(is_accepted(&shake_hands(server, modern)), "{modern:?}");
    }
    // Security level 0 lets the client itself offer what is old.
    for old in [
        &["-tls1", "-cipher", "ALL:@SECLEVEL=0"][..],
        &["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"],
        &["-tls1_2", "-cipher", "AES128-SHA:@SECLEVEL=0"],
        &["-tls1_2", "-cipher", "AES256-GCM-SHA384:@SECLEVEL=0"],
        &[
            "-tls1_2",
            "-cipher",
            "ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:@SECLEVEL=0",
        ],
        &["-tls1_2", "-cipher", "aNULL:@SECLEVEL=0"],
        &["-tls1_2", "-cipher", "DHE+AESGCM:@SECLEVEL=0"],
    ] {
        let output = shake_hands(server, old);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        if errors.contains("no protocols available") || errors.contains("no cipher match") {
            // The client was built without it, so nobody can offer it from here.
            assert!(
                old[0] == "-tls1" || old[0] == "-tls1_1" || old[2].contains("NULL"),
                "{errors}"
            );
            continue;
        }
        assert!(!is_accepted(&output), "{old:?}:\n{errors}");
    }
    // Plain http on the same port gets no answer that somebody could take for one.
    let mut stream = std::net::TcpStream::connect(server.authority()).expect("a connection");
    stream
        .write_all(b"GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n")
        .expect("an open connection");
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .expect("a socket option");
    let mut received = Vec::new();
    // Reset or closed: what came before counts.
    let _ = stream.read_to_end(&mut received);
    assert!(!received.starts_with(b"HTTP/"), "{received:?}");
}

/// The certificate that a new handshake gets, in PEM.
fn fetch_certificate(server: &Server) -> String {
    let output = shake_hands(server, &["-showcerts"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let start = text
        .find("-----BEGIN CERTIFICATE-----")
        .expect("a certificate");
    let end = text.find("-----END CERTIFICATE-----").expect("its end");
    text[start..end].split_whitespace().collect()
}

#[test]
fn l106_a_new_certificate_comes_without_dropping_anybody() {
    if !has_openssl() {
        skip!("openssl is not installed");
    }
    let server = Server::builder().tls().start();
    let squeeze = |pem: &str| -> String {
        let text: String = pem.split_whitespace().collect();
        text.split("-----END").next().unwrap_or_default().to_owned()
    };
    let before = fetch_certificate(&server);
    // A download that is slower than the change, on a connection from before it.
    let admin = server.registry(&server.admin());
    let repository = admin.repository("admin/app");
    let digest = repository.push_bytes(wharf_testkit::image::make_random_bytes(106, 1 << 20));
    repository.get_blob(&digest).expect(200);

    let certificate = server.certificate().expect("a certificate");
    let renewed = squeeze(&certificate.replace());
    assert_ne!(before, renewed);
    server.signal(libc::SIGHUP);
    wait_until("the new certificate", || {
        fetch_certificate(&server) == renewed
    });
    // The same client trusts the old certificate alone: it is served on the connection that it has.
    let started = Instant::now();
    for _ in 0..20 {
        repository.get_blob(&digest).expect(200);
        thread::sleep(Duration::from_millis(5));
    }
    assert!(started.elapsed() < Duration::from_secs(20));
    assert!(!server.log().contains("a connection broke"));

    // A pair that does not fit leaves the one in force.
    std::fs::write(certificate.certificate_file(), "no certificate").expect("a file");
    server.signal(libc::SIGHUP);
    server.wait_for_log("the old one stays");
    assert_eq!(fetch_certificate(&server), renewed);
    admin.with_login(Login::Anonymous).get("/v2/").expect(401);
}
