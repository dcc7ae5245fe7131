//! A certificate of a test's server, which nobody believes who was not given it.

use std::sync::Arc;

use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// What a server on loopback speaks TLS with, and the certificate in PEM that its clients have to believe.
pub(crate) fn make_tls() -> (Arc<rustls::ServerConfig>, String) {
    // Some clients believe anybody who answers on their own machine; `files.example` is for those who lead it here.
    let names = ["localhost", "127.0.0.1", "files.example"].map(str::to_owned);
    let made = rcgen::generate_simple_self_signed(names).expect("a certificate can be made");
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let certificate = CertificateDer::from(made.cert.der().to_vec());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the usual versions of TLS")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], PrivateKeyDer::from(key))
        .expect("a certificate that fits its key");
    (Arc::new(config), made.cert.pem())
}
