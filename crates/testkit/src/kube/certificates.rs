//! Who believes whom in a test's cluster: an authority, the API server's certificate, the administrator's, and the key
//! that signs tokens of service accounts.

use std::{fs, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use serde_json::json;

/// The group that may do everything, whatever RBAC says (Kubernetes reference, "Using RBAC Authorization", user-facing
/// roles).
const MASTERS: &str = "system:masters";

/// A certificate and its key, in PEM.
#[derive(Debug, Clone)]
pub(crate) struct Pair {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

/// Everything that a control plane needs before it starts.
#[derive(Debug)]
pub(crate) struct Authority {
    /// The authority's certificate in PEM: what clients of the API server believe.
    pub(crate) certificate: String,
    /// The administrator.
    pub(crate) admin: Pair,
}

impl Authority {
    /// Makes all of it and writes into `folder` what the programs read: `ca.crt`, `server.crt`, `server.key`,
    /// `accounts.key` and `accounts.pub`.
    pub(crate) fn create(folder: &Path) -> Self {
        let authority = make_authority();
        let server = issue(
            &authority,
            &["127.0.0.1", "localhost", "kubernetes.default.svc"],
            ("kube-apiserver", None),
            ExtendedKeyUsagePurpose::ServerAuth,
        );
        let admin = issue(
            &authority,
            &[],
            ("admin", Some(MASTERS)),
            ExtendedKeyUsagePurpose::ClientAuth,
        );
        let accounts = KeyPair::generate().expect("a key");
        for (name, content) in [
            ("ca.crt", authority.pem()),
            ("server.crt", server.certificate),
            ("server.key", server.key),
            ("accounts.key", accounts.serialize_pem()),
            ("accounts.pub", accounts.public_key_pem()),
        ] {
            fs::write(folder.join(name), content).expect("a file for the control plane");
        }
        Self {
            certificate: authority.pem(),
            admin,
        }
    }

    /// The administrator's kubeconfig for the API server at `url`, with everything inline. It is JSON, which is YAML.
    pub(crate) fn write_kubeconfig(&self, url: &str) -> String {
        json!({
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "test",
            "clusters": [{ "name": "test", "cluster": {
                "server": url,
                "certificate-authority-data": STANDARD.encode(&self.certificate),
            } }],
            "users": [{ "name": "admin", "user": {
                "client-certificate-data": STANDARD.encode(&self.admin.certificate),
                "client-key-data": STANDARD.encode(&self.admin.key),
            } }],
            "contexts": [{ "name": "test", "context": { "cluster": "test", "user": "admin" } }],
        })
        .to_string()
    }
}

fn make_authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![
        KeyUsagePurpose::KeyCertSign,
        KeyUsagePurpose::DigitalSignature,
    ];
    params
        .distinguished_name
        .push(DnType::CommonName, "kubernetes of a test");
    let key = KeyPair::generate().expect("a key");
    CertifiedIssuer::self_signed(params, key).expect("an authority can be made")
}

fn issue(
    authority: &CertifiedIssuer<'static, KeyPair>,
    addresses: &[&str],
    (name, group): (&str, Option<&str>),
    purpose: ExtendedKeyUsagePurpose,
) -> Pair {
    let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    let mut params = CertificateParams::new(addresses).expect("names of a server");
    params.distinguished_name.push(DnType::CommonName, name);
    if let Some(group) = group {
        params
            .distinguished_name
            .push(DnType::OrganizationName, group);
    }
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![purpose];
    params.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate().expect("a key");
    let certificate = params
        .signed_by(&key, authority)
        .expect("a certificate can be made");
    Pair {
        certificate: certificate.pem(),
        key: key.serialize_pem(),
    }
}
