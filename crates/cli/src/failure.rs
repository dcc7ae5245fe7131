//! How a command ends when it does not succeed: a sentence, the chain of causes, a hint, an exit code.

use std::error::Error;
use std::fmt::Write;
use std::process::ExitCode;

/// A failure as a person reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    message: String,
    causes: Vec<String>,
    hint: Option<String>,
    is_usage: bool,
}

impl Failure {
    /// The command failed: exit code 1.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Failure {
            message: message.into(),
            causes: Vec::new(),
            hint: None,
            is_usage: false,
        }
    }

    /// The command was called wrongly: exit code 2.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Failure {
            is_usage: true,
            ..Failure::new(message)
        }
    }

    /// Adds the whole chain of `error`, outermost first; a cause that repeats the one above is left out.
    pub(crate) fn caused_by(mut self, error: &dyn Error) -> Self {
        let mut next = Some(error);
        while let Some(cause) = next {
            let text = cause.to_string();
            if self.causes.last() != Some(&text) {
                self.causes.push(text);
            }
            next = cause.source();
        }
        self
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// What goes to stderr. The words `error:` and `hint:` are the same in every language, for those who search.
    pub(crate) fn render(&self) -> String {
        let mut text = format!("error: {}", self.message);
        for cause in &self.causes {
            let _ = write!(text, ": {cause}");
        }
        text.push('\n');
        if let Some(hint) = &self.hint {
            let _ = writeln!(text, "hint: {hint}");
        }
        text
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(if self.is_usage { 2 } else { 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_reads_as_message_causes_and_hint() {
        let cause = std::io::Error::other("no space left");
        let failure = Failure::new("cannot write the file")
            .caused_by(&cause)
            .with_hint("free some space");
        assert_eq!(
            failure.render(),
            "error: cannot write the file: no space left\nhint: free some space\n"
        );
    }
}
