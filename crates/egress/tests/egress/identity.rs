//! Client certificates, and hosts for which one authority alone counts.

use crate::fake::{Names, Server, ok, settings};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use wharf_egress::{Egress, EgressError, EgressSettings, Policy, Request};

struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Authority {
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        Authority(CertifiedIssuer::self_signed(params, key).expect("an authority"))
    }

    fn sign(&self, name: &str) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec![name.to_owned()]).expect("parameters");
        let certificate = params.signed_by(&key, &self.0).expect("a certificate");
        (certificate, key)
    }

    fn identity(&self) -> String {
        let (certificate, key) = self.sign("client.test");
        format!("{}{}", certificate.pem(), key.serialize_pem())
    }

    /// Serves `host`, and believes only clients that this authority signed.
    fn make_acceptor(&self, host: &str) -> TlsAcceptor {
        let (certificate, key) = self.sign(host);
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).expect("an authority");
        let verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
                .build()
                .expect("a verifier");
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_client_cert_verifier(verifier)
            .with_single_cert(vec![certificate.der().clone()], key)
            .expect("a configuration");
        TlsAcceptor::from(Arc::new(config))
    }
}

fn open(ca_files: Vec<std::path::PathBuf>) -> Egress {
    let names = Names::default().with("api.test", &["127.0.0.1"]);
    Egress::new(EgressSettings {
        ca_files,
        ..settings(Policy::operator(), names)
    })
    .expect("an egress")
}

#[tokio::test]
async fn a_certificate_is_shown_to_its_host_and_by_its_owner_alone() {
    let authority = Authority::new();
    let server =
        Server::start_with(Some(authority.make_acceptor("api.test")), |_| ok("hello")).await;
    let url = server.url("https", "api.test", "/");
    let host = format!("api.test:{}", server.port());
    let plain = open(vec![])
        .with_sole_authority(&host, authority.0.pem().as_bytes())
        .expect("an authority");
    let show = |host: &str, identity: String| {
        plain
            .with_identity(host, identity.as_bytes())
            .expect("an identity")
    };

    let known = show(&host, authority.identity());
    let answer = known.send(Request::get(url.clone())).await;
    let body = answer.expect("an answer").read_all(9).await;
    assert_eq!(body.expect("a body"), "hello");
    for stranger in [
        plain.clone(),
        show("other.test", authority.identity()),
        show(&host, Authority::new().identity()),
    ] {
        assert!(stranger.send(Request::get(url.clone())).await.is_err());
    }
    let (certificate, key) = authority.sign("client.test");
    for half in [certificate.pem(), key.serialize_pem(), String::new()] {
        let error = plain.with_identity(&host, half.as_bytes());
        let error = error.expect_err("half of it is missing");
        assert!(matches!(error, EgressError::Identity { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_sole_authority_is_believed_instead_of_all_others() {
    let (own, other) = (Authority::new(), Authority::new());
    let folder = tempfile::tempdir().expect("a folder");
    let ca_file = folder.path().join("ca.pem");
    std::fs::write(&ca_file, own.0.pem()).expect("written");
    let server = Server::start_with(Some(own.make_acceptor("api.test")), |_| ok("hello")).await;
    let url = server.url("https", "api.test", "/");
    let host = format!("api.test:{}", server.port());
    let everywhere = open(vec![ca_file])
        .with_identity(&host, own.identity().as_bytes())
        .expect("an identity");
    assert!(everywhere.send(Request::get(url.clone())).await.is_ok());
    for (authority, passes) in [(&own, true), (&other, false)] {
        let egress = everywhere
            .with_sole_authority(&host, authority.0.pem().as_bytes())
            .expect("an authority");
        let outcome = egress.send(Request::get(url.clone())).await;
        assert_eq!(outcome.is_ok(), passes, "{:?}", outcome.err());
    }
}
