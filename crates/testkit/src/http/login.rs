//! Who a request says it is.

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// The credentials a client sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Login {
    /// None.
    Anonymous,
    /// A name and a password, a personal access token, or a robot's secret (RFC 7617).
    Basic {
        /// Login name; a robot's is `NAMESPACE+NAME`.
        username: String,
        /// The secret that goes with it.
        password: String,
    },
    /// A token as it stands (RFC 6750).
    Bearer(String),
    /// The secret of a browser's session, sent as the console sends it to a server on this machine.
    Session(String),
}

impl Login {
    /// Credentials for Basic.
    pub fn basic(username: impl Into<String>, password: impl Into<String>) -> Self {
        Self::Basic {
            username: username.into(),
            password: password.into(),
        }
    }

    /// The value of the `Authorization` header, or none for nobody.
    pub fn authorization(&self) -> Option<String> {
        match self {
            Self::Anonymous | Self::Session(_) => None,
            Self::Basic { username, password } => {
                let pair = STANDARD.encode(format!("{username}:{password}"));
                Some(format!("Basic {pair}"))
            }
            Self::Bearer(token) => Some(format!("Bearer {token}")),
        }
    }

    /// What is sent beside that.
    pub(crate) fn further_headers(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Session(secret) => vec![
                ("cookie", format!("__Host-wharf={secret}")),
                ("x-wharf-console", "1".to_owned()),
            ],
            _ => Vec::new(),
        }
    }
}
