//! The management API, as the measures of whole features use it.
//! Refuses any status but the expected one.

use anyhow::{Context, Result};
use serde_json::Value;

use crate::server::{PASSWORD, Server, basic_headers};
use crate::wire::{Connection, Headers, Payload};

/// The management API, as the administrator.
pub(super) struct Api {
    pub(super) connection: Connection,
    pub(super) headers: Headers,
}

impl Api {
    pub(super) fn open(server: &Server) -> Result<Api> {
        Ok(Api {
            connection: Connection::open(server.address)?,
            headers: basic_headers("admin", PASSWORD).with("Content-Type", "application/json"),
        })
    }

    pub(super) fn call(
        &mut self,
        method: &str,
        path: &str,
        body: Option<Value>,
        status: u16,
    ) -> Result<Value> {
        let text = body.map(|body| body.to_string()).unwrap_or_default();
        let payload = match text.is_empty() {
            true => Payload::None,
            false => Payload::Bytes(text.as_bytes()),
        };
        let answer = self
            .connection
            .exchange(method, path, &self.headers, &payload)?;
        let answer = answer.expect(path, status)?;
        serde_json::from_slice(&answer.body).with_context(|| format!("read {path}"))
    }
}
