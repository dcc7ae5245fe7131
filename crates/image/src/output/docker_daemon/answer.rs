//! What the engine says: a status, and then a stream of JSON in which a failure may still come.

use http_body_util::{BodyExt, Limited};
use hyper::Response;
use hyper::body::Incoming;
use serde::Deserialize;

use super::DaemonAddress;
use crate::ImageError;

/// Far above a line an image; anything longer is not an answer to this question.
const MAX_ANSWER: usize = 1024 * 1024;

#[derive(Deserialize)]
struct Line {
    stream: Option<String>,
    error: Option<String>,
    /// In place of the others when the status is bad.
    message: Option<String>,
}

/// The lines of a good answer.
pub(super) async fn read_answer(
    address: &DaemonAddress,
    response: Response<Incoming>,
) -> Result<Vec<String>, ImageError> {
    let status = response.status();
    let body = Limited::new(response.into_body(), MAX_ANSWER)
        .collect()
        .await;
    let body = body
        .map_err(|error| {
            ImageError::new(format!("docker at {address} sent no whole answer")).with_source(error)
        })?
        .to_bytes();
    read_lines(&body, status.is_success()).map_err(|reason| {
        ImageError::new(format!(
            "docker at {address} refused the image ({status}): {reason}"
        ))
    })
}

/// The engine's own reason when it refused.
fn read_lines(body: &[u8], is_good: bool) -> Result<Vec<String>, String> {
    let mut loaded = Vec::new();
    let mut refused = None;
    for line in serde_json::Deserializer::from_slice(body).into_iter::<Line>() {
        match line {
            Ok(
                Line {
                    error: Some(reason),
                    ..
                }
                | Line {
                    message: Some(reason),
                    ..
                },
            ) => refused = Some(reason),
            Ok(Line {
                stream: Some(text), ..
            }) => loaded.push(text.trim_end().to_owned()),
            Ok(_) => {}
            // Very old engines answer in plain text, or with nothing.
            Err(_) => break,
        }
    }
    match refused {
        Some(reason) => Err(reason),
        None if is_good => Ok(loaded),
        None => Err(String::from_utf8_lossy(body).trim().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_in_a_good_answer_is_a_failure() {
        let body = b"{\"stream\":\"Loaded image: a:latest\\n\"}\r\n{\"errorDetail\":{\"message\":\"no space\"},\"error\":\"no space\"}\r\n";
        assert_eq!(read_lines(body, true), Err("no space".to_owned()));
        let body = b"{\"status\":\"x\"}\n{\"stream\":\"Loaded image: a:latest\\n\"}";
        assert_eq!(
            read_lines(body, true),
            Ok(vec!["Loaded image: a:latest".to_owned()])
        );
        assert_eq!(
            read_lines(b"{\"message\":\"bad tar\"}", false),
            Err("bad tar".to_owned())
        );
        assert_eq!(
            read_lines(b"404 page not found\n", false),
            Err("404 page not found".to_owned())
        );
        assert_eq!(read_lines(b"", true), Ok(Vec::new()));
    }
}
