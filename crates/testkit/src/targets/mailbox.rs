//! What a mail server says to a mail, and what it keeps of it.

/// A mail that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedMail {
    pub from: String,
    pub recipients: Vec<String>,
    /// Head and body as they came, without the dots of the protocol.
    pub text: String,
    /// Whether it came over TLS.
    pub is_encrypted: bool,
    /// Who signed in, if anybody did.
    pub user: Option<String>,
}

impl ReceivedMail {
    /// The value of a header, with folded lines joined.
    pub fn header(&self, name: &str) -> Option<String> {
        let (head, _) = self.text.split_once("\r\n\r\n")?;
        let head = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        let prefix = format!("{}:", name.to_ascii_lowercase());
        let line = head
            .lines()
            .find(|line| line.to_ascii_lowercase().starts_with(&prefix))?;
        Some(line[prefix.len()..].trim().to_owned())
    }
}

/// What is said to a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailVerdict {
    Take,
    /// 451: later.
    Defer,
    /// 550: never.
    Refuse,
}
