//! A certificate for a test's server, made on the spot.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

/// A self-signed certificate for `localhost` and `127.0.0.1`, as files and as text.
pub struct Certificate {
    pem: String,
    certificate_file: PathBuf,
    key_file: PathBuf,
}

impl Certificate {
    /// Makes one with its key and writes both into `folder`.
    pub fn create(folder: &Path) -> Self {
        let certificate = Self {
            pem: String::new(),
            certificate_file: folder.join("server.crt"),
            key_file: folder.join("server.key"),
        };
        Self {
            pem: certificate.replace(),
            ..certificate
        }
    }

    /// Overwrites both files by a new pair, as a renewal does; answers the new certificate in PEM.
    pub fn replace(&self) -> String {
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).expect("a certificate can be made");
        let pem = made.cert.pem();
        fs::write(&self.key_file, made.signing_key.serialize_pem()).expect("a key file");
        fs::write(&self.certificate_file, &pem).expect("a certificate file");
        pem
    }

    /// What a client has to trust.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// The file that the server reads.
    pub fn certificate_file(&self) -> &Path {
        &self.certificate_file
    }

    /// The environment that makes the server use it.
    pub(super) fn environment(&self) -> [(&'static str, OsString); 2] {
        [
            (
                "WHARF_SERVER_TLS_CERT_FILE",
                self.certificate_file.clone().into(),
            ),
            ("WHARF_SERVER_TLS_KEY_FILE", self.key_file.clone().into()),
        ]
    }
}
