//! TLS from certificate files that may change while the server runs.
//!
//! Only TLS 1.2 and 1.3 with forward secrecy and authenticated encryption exist here; there is
//! nothing to switch on or off. Obtaining certificates is somebody else's work.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use parking_lot::Mutex;
use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::MissedTickBehavior;

mod stamp;

use stamp::FileStamp;

/// A certificate could not be put to use.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("cannot read certificates from {path}")]
    Certificate {
        path: PathBuf,
        #[source]
        source: pem::Error,
    },
    #[error("{path} holds no certificate")]
    NoCertificate { path: PathBuf },
    #[error("cannot read a private key from {path}")]
    Key {
        path: PathBuf,
        #[source]
        source: pem::Error,
    },
    #[error("the certificate in {certificate} cannot be used with the key in {key}")]
    Pair {
        certificate: PathBuf,
        key: PathBuf,
        #[source]
        source: rustls::Error,
    },
    #[error("cannot set up TLS")]
    Setup(#[source] rustls::Error),
}

/// Where a certificate chain (own certificate first) and its private key are, both PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFiles {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// The certificate in force. New handshakes get it whatever name they ask for; connections that
/// are already open keep the one they started with.
pub struct Certificate {
    files: CertificateFiles,
    provider: Arc<CryptoProvider>,
    current: ArcSwap<CertifiedKey>,
    /// What the files looked like just before the current pair was read.
    stamp: Mutex<[FileStamp; 2]>,
}

impl Certificate {
    /// Reads both files, waiting for the disk.
    pub fn load(files: CertificateFiles) -> Result<Arc<Self>, TlsError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let stamp = Mutex::new(files.stamp());
        let current = ArcSwap::from_pointee(read_pair(&files, &provider)?);
        Ok(Arc::new(Self {
            files,
            provider,
            current,
            stamp,
        }))
    }

    /// How a listener speaks TLS with this certificate: HTTP/2 or HTTP/1.1 as the client prefers.
    pub fn server_config(self: &Arc<Self>) -> Result<Arc<ServerConfig>, TlsError> {
        let mut config = ServerConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(TlsError::Setup)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::<Self>::clone(self));
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }

    /// Reads both files again. After a failure the pair in force stays in force.
    pub fn reload(&self) -> Result<(), TlsError> {
        let stamp = self.files.stamp();
        let pair = read_pair(&self.files, &self.provider)?;
        self.current.store(Arc::new(pair));
        *self.stamp.lock() = stamp;
        Ok(())
    }

    /// Follows the files for ever: looks every `every` whether they changed, and reads them at
    /// once on SIGHUP. A pair that is broken, or half replaced, is reported once and tried again.
    pub async fn follow_files(self: Arc<Self>, every: Duration) {
        let mut looks = tokio::time::interval(every);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut hangups = signal(SignalKind::hangup())
            .inspect_err(|error| tracing::warn!(%error, "certificates are not reloaded on SIGHUP"))
            .ok();
        let mut reported = None;
        loop {
            let asked = tokio::select! {
                _ = looks.tick() => false,
                Some(()) = async { hangups.as_mut()?.recv().await } => true,
            };
            let certificate = Arc::clone(&self);
            let reloading = tokio::task::spawn_blocking(move || {
                (asked || certificate.files.stamp() != *certificate.stamp.lock())
                    .then(|| certificate.reload())
            });
            match reloading.await {
                Ok(None) | Err(_) => {}
                Ok(Some(Ok(()))) => {
                    reported = None;
                    tracing::info!(tls.certificate = ?self.files.certificate, "certificate loaded");
                }
                Ok(Some(Err(error))) => {
                    let text = error.to_string();
                    if asked || reported.as_ref() != Some(&text) {
                        let error: &dyn Error = &error;
                        tracing::error!(
                            error,
                            "the new certificate is not used, the old one stays"
                        );
                        reported = Some(text);
                    }
                }
            }
        }
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.load_full())
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Certificate")
            .field("files", &self.files)
            .finish_non_exhaustive()
    }
}

impl CertificateFiles {
    fn stamp(&self) -> [FileStamp; 2] {
        [
            FileStamp::read(&self.certificate),
            FileStamp::read(&self.key),
        ]
    }
}

fn read_pair(
    files: &CertificateFiles,
    provider: &CryptoProvider,
) -> Result<CertifiedKey, TlsError> {
    let CertificateFiles { certificate, key } = files.clone();
    let chain = CertificateDer::pem_file_iter(&certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|source| TlsError::Certificate {
            path: certificate.clone(),
            source,
        })?;
    if chain.is_empty() {
        return Err(TlsError::NoCertificate { path: certificate });
    }
    let private = PrivateKeyDer::from_pem_file(&key).map_err(|source| TlsError::Key {
        path: key.clone(),
        source,
    })?;
    CertifiedKey::from_der(chain, private, provider).map_err(|source| TlsError::Pair {
        certificate,
        key,
        source,
    })
}
