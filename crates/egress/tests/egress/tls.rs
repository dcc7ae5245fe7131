//! Certificates: verified unless the host is set insecure, against the system's authorities and those of the settings.

use crate::fake::{Names, Server, ok, redirect, settings};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use wharf_egress::{Egress, EgressError, HostSettings, Policy, Request};

/// A server certificate for `host` of a new authority, whose own certificate lies in the folder.
fn make_certificate(host: &str, folder: &Path) -> (TlsAcceptor, PathBuf) {
    let mut authority = CertificateParams::new(Vec::new()).expect("parameters");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = KeyPair::generate().expect("a key");
    let issuer = CertifiedIssuer::self_signed(authority, authority_key).expect("an authority");
    let key = KeyPair::generate().expect("a key");
    let certificate = CertificateParams::new(vec![host.to_owned()])
        .expect("parameters")
        .signed_by(&key, &issuer)
        .expect("a certificate");
    let path = folder.join("ca.pem");
    std::fs::write(&path, issuer.pem()).expect("written");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("a configuration");
    (TlsAcceptor::from(Arc::new(config)), path)
}

fn open(hosts: Vec<(String, HostSettings)>, ca_files: Vec<PathBuf>) -> Egress {
    let names = Names::default()
        .with("reg.test", &["127.0.0.1"])
        .with("plain.test", &["127.0.0.1"]);
    let mut settings = settings(Policy::operator(), names);
    settings.hosts = hosts;
    settings.ca_files = ca_files;
    Egress::new(settings).expect("an egress")
}

#[tokio::test]
async fn an_unknown_authority_is_refused_until_a_setting_names_it_or_gives_up_on_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let (acceptor, ca_file) = make_certificate("reg.test", folder.path());
    let server = Server::start_with(Some(acceptor), |_| ok("hello")).await;
    let url = server.url("https", "reg.test", "/");
    let key = format!("reg.test:{}", server.port());
    let host = |insecure, ca_file| HostSettings { insecure, ca_file };
    for (hosts, ca_files, passes) in [
        (vec![], vec![], false),
        (vec![], vec![ca_file.clone()], true),
        (
            vec![(key.clone(), host(false, Some(ca_file.clone())))],
            vec![],
            true,
        ),
        (
            vec![("reg.test".to_owned(), host(true, None))],
            vec![],
            true,
        ),
        (
            vec![("other.test".to_owned(), host(true, Some(ca_file.clone())))],
            vec![],
            false,
        ),
    ] {
        let outcome = open(hosts, ca_files).send(Request::get(url.clone())).await;
        match outcome {
            Ok(answer) => assert_eq!(answer.read_all(9).await.expect("a body"), "hello"),
            Err(EgressError::Connect { .. }) => assert!(!passes),
            Err(error) => panic!("{error:?}"),
        }
    }
}

#[tokio::test]
async fn this_machine_needs_no_certificate_unless_somebody_says_who_signed_it() {
    let (here, elsewhere) = (
        tempfile::tempdir().expect("a folder"),
        tempfile::tempdir().expect("a folder"),
    );
    let (acceptor, own) = make_certificate("127.0.0.1", here.path());
    let (_, other) = make_certificate("127.0.0.1", elsewhere.path());
    let server = Server::start_with(Some(acceptor), |_| ok("hello")).await;
    let url = server.url("https", "127.0.0.1", "/");
    let key = format!("127.0.0.1:{}", server.port());
    for (ca_file, passes) in [(None, true), (Some(own), true), (Some(other), false)] {
        let settings = HostSettings {
            insecure: false,
            ca_file,
        };
        let egress = open(vec![(key.clone(), settings)], vec![]);
        let outcome = egress.send(Request::get(url.clone())).await;
        assert_eq!(outcome.is_ok(), passes, "{:?}", outcome.err());
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused_unless_the_host_is_insecure() {
    let folder = tempfile::tempdir().expect("a folder");
    let (acceptor, ca_file) = make_certificate("other.test", folder.path());
    let server = Server::start_with(Some(acceptor), |_| ok("hello")).await;
    let url = server.url("https", "reg.test", "/");
    let strict = open(vec![], vec![ca_file]);
    assert!(strict.send(Request::get(url.clone())).await.is_err());
    let insecure = HostSettings {
        insecure: true,
        ca_file: None,
    };
    let loose = open(vec![("reg.test".to_owned(), insecure)], vec![]);
    assert!(loose.send(Request::get(url)).await.is_ok());
}

#[tokio::test]
async fn https_does_not_turn_into_plain_http_unless_the_target_is_insecure() {
    let folder = tempfile::tempdir().expect("a folder");
    let (acceptor, ca_file) = make_certificate("reg.test", folder.path());
    let plain = Server::start(|_| ok("plain")).await;
    let target = plain.url("http", "plain.test", "/").to_string();
    let server = Server::start_with(Some(acceptor), move |_| redirect(302, &target)).await;
    let url = server.url("https", "reg.test", "/");
    let insecure = HostSettings {
        insecure: true,
        ca_file: None,
    };
    let loose = open(
        vec![("plain.test".to_owned(), insecure)],
        vec![ca_file.clone()],
    );
    assert!(loose.send(Request::get(url.clone())).await.is_ok());
    let error = open(vec![], vec![ca_file])
        .send(Request::get(url))
        .await
        .expect_err("refused");
    assert!(matches!(error, EgressError::Downgrade { .. }), "{error:?}");
    assert_eq!(plain.heads().len(), 1);
}

#[tokio::test]
async fn an_authority_given_for_one_host_opens_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let (acceptor, ca_file) = make_certificate("reg.test", folder.path());
    let server = Server::start_with(Some(acceptor), |_| ok("hello")).await;
    let url = server.url("https", "reg.test", "/");
    let pem = std::fs::read(&ca_file).expect("an authority");
    let plain = open(vec![], vec![]);
    let with = |host: &str| plain.with_authority(host, &pem).expect("an authority");

    let here = with(&format!("reg.test:{}", server.port()));
    assert!(here.send(Request::get(url.clone())).await.is_ok());
    // A connection that was made with the authority must not serve whoever did not give it.
    assert!(plain.send(Request::get(url.clone())).await.is_err());
    assert!(with("other.test").send(Request::get(url)).await.is_err());
    let error = plain
        .with_authority("reg.test", b"no certificate")
        .expect_err("refused");
    assert!(matches!(error, EgressError::Authority { host } if host == "reg.test"));
}
