//! The way out of a process that has one of its own.

use std::error::Error;

use async_trait::async_trait;
use wharf_egress::{Egress, EgressError, PlainHttp, Protocol};

use crate::dial::{Connection, Dial, DialError, Speaks, Target};

/// Dials by an [`Egress`], with its policy.
#[derive(Debug, Clone)]
pub struct EgressDial {
    egress: Egress,
}

impl EgressDial {
    /// Over this way out.
    pub fn new(egress: Egress) -> Self {
        Self { egress }
    }
}

#[async_trait]
impl Dial for EgressDial {
    async fn dial(&self, target: &Target) -> Result<Box<dyn Connection>, DialError> {
        let protocol = match target.speaks {
            Speaks::Tls => Protocol::Tls,
            Speaks::PlainHttp => Protocol::PlainHttp(PlainHttp::Listed),
            Speaks::Ssh => Protocol::Other,
        };
        let stream = self
            .egress
            .connect(&target.host, target.port, protocol)
            .await?;
        Ok(Box::new(stream))
    }
}

impl From<EgressError> for DialError {
    fn from(error: EgressError) -> Self {
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            message.push_str(": ");
            message.push_str(&error.to_string());
            cause = error.source();
        }
        Self {
            message,
            hint: error.hint(),
            is_refusal: matches!(
                error,
                EgressError::Refused { .. } | EgressError::PlainHttp { .. }
            ),
            is_transient: error.is_transient(),
        }
    }
}
