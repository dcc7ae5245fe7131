//! What can be wrong with a Dockerfile, and where.
//!
//! [`Problem`] says what; [`Error`] adds the place. Values that are checked outside a file (a mode, a platform, a
//! pattern) give a bare problem, which whoever knows the line turns into an error.

use crate::{Excerpt, Lines, Position, Source, suggest::did_you_mean};
use std::fmt;

/// A problem and the lines it was found in. Its text begins with the line and column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    problem: Box<Problem>,
    place: Option<(Lines, Position)>,
}

/// Everything this crate refuses. The wording follows the reference in substance, so that people find the same
/// answers when they search for it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    // The file and its lines.
    #[error("a line is longer than {} bytes", crate::parser::MAX_LINE_BYTES)]
    LineTooLong,
    #[error("the Dockerfile has no instructions")]
    NoInstructions,
    #[error("the Dockerfile has no stage to build: no FROM")]
    NoStage,
    #[error(
        "the Dockerfile has more than {} stages",
        crate::dockerfile::MAX_STAGES
    )]
    TooManyStages,
    #[error("{keyword} stands before the first FROM")]
    BeforeFrom { keyword: String },
    #[error("only one {name} directive can be used")]
    DuplicateDirective { name: String },
    #[error("the escape character is ` or \\, not {value:?}")]
    EscapeDirective { value: String },
    #[error("the frontend {reference:?} is not built in, and wharf fetches none")]
    Frontend { reference: String },
    #[error("unterminated heredoc: no line is {name:?}")]
    UnterminatedHeredoc { name: String },
    #[error("an ONBUILD trigger is one instruction")]
    TriggerCount,

    // Words and variables.
    #[error("failed to process {word:?}: {reason}")]
    Word { word: String, reason: String },

    // Instructions and their arguments.
    #[error("unknown instruction: {keyword}{}", did_you_mean(suggestion))]
    UnknownInstruction {
        keyword: String,
        suggestion: Option<String>,
    },
    #[error("unknown flag: {flag}{}", did_you_mean(suggestion))]
    UnknownFlag {
        flag: String,
        suggestion: Option<String>,
    },
    #[error("duplicate flag specified: {flag}")]
    DuplicateFlag { flag: String },
    #[error("missing a value on flag: {flag}")]
    FlagWithoutValue { flag: String },
    #[error("expecting boolean value for flag {flag}, not: {value}")]
    FlagNotBoolean { flag: String, value: String },
    #[error("{keyword} requires at least one argument")]
    AtLeastOneArgument { keyword: &'static str },
    #[error("{keyword} requires exactly one argument")]
    ExactlyOneArgument { keyword: &'static str },
    #[error("{keyword} requires at least two arguments: without a second there is no destination")]
    NoDestination { keyword: &'static str },
    #[error("{keyword} must have two arguments")]
    NameWithoutValue { keyword: &'static str },
    #[error("{keyword} names can not be blank")]
    BlankName { keyword: &'static str },
    #[error("can't find = in {word:?}: must be of the form name=value")]
    MissingEquals { word: String },
    #[error("a JSON array of arguments holds strings only")]
    NotStringArray,
    #[error("{keyword} requires the arguments to be in JSON form")]
    NotJson { keyword: &'static str },
    #[error("{keyword} cannot accept a heredoc as a destination")]
    HeredocDestination { keyword: &'static str },
    #[error("FROM requires either one or three arguments")]
    FromArguments,
    #[error(
        "invalid name for build stage: {name:?}, a name begins with a letter and has only letters, digits, - _ ."
    )]
    StageName { name: String },
    #[error("ONBUILD ONBUILD isn't allowed")]
    OnbuildChain,
    #[error("{keyword} isn't allowed as an ONBUILD trigger")]
    OnbuildTrigger { keyword: String },
    #[error("HEALTHCHECK NONE takes no arguments")]
    HealthcheckNoneArguments,
    #[error("missing command after HEALTHCHECK CMD")]
    HealthcheckNoCommand,
    #[error("unknown type {found:?} in HEALTHCHECK (try CMD)")]
    HealthcheckType { found: String },
    #[error("{flag} cannot be less than 1ms")]
    HealthcheckInterval { flag: String },
    #[error("--retries is a number from 0 to 2147483647, not {value:?}")]
    HealthcheckRetries { value: String },
    #[error("a VOLUME can not be an empty string")]
    EmptyVolume,

    // Flags of RUN.
    #[error("invalid network mode {value:?}{}", did_you_mean(suggestion))]
    Network {
        value: String,
        suggestion: Option<String>,
    },
    #[error("security {value:?} is not valid{}", did_you_mean(suggestion))]
    Security {
        value: String,
        suggestion: Option<String>,
    },
    #[error("a quote is out of place in the fields of {text:?}")]
    Fields { text: String },
    #[error("unexpected key {key:?} in {field:?}{}", did_you_mean(suggestion))]
    FieldKey {
        key: String,
        field: String,
        suggestion: Option<String>,
    },
    #[error("field {field:?} must be a key=value pair")]
    FieldWithoutValue { field: String },
    #[error("invalid value for {key}: {value:?}")]
    FieldValue { key: String, value: String },
    #[error("unsupported mount type {value:?}{}", did_you_mean(suggestion))]
    MountType {
        value: String,
        suggestion: Option<String>,
    },
    #[error("unsupported sharing value {value:?}{}", did_you_mean(suggestion))]
    MountSharing {
        value: String,
        suggestion: Option<String>,
    },
    #[error("{key} is not an option of {kind} mounts")]
    MountOption {
        key: &'static str,
        kind: &'static str,
    },
    #[error("'from' doesn't support variable expansion, define an alias stage instead")]
    MountFromVariable,
    #[error("a secret mount needs one of id, source, target")]
    SecretUnnamed,
    #[error("a secret mount can not have both source and id")]
    SecretNamedTwice,
    #[error("invalid mount target {target:?}")]
    MountTarget { target: String },
    #[error("device name already set to {name}")]
    DeviceNamedTwice { name: String },

    // Flags and sources of COPY and ADD.
    #[error(
        "invalid chmod parameter {value:?}: an octal number up to 07777 or symbolic modes such as u=rwx,go=rx"
    )]
    Mode { value: String },
    #[error("invalid checksum {value:?}")]
    Checksum { value: String },
    #[error("--checksum needs exactly one source, an http(s) or git one")]
    ChecksumSource,
    #[error("source can't be a URL for COPY")]
    CopyUrl,
    #[error("source can't be a git ref for COPY")]
    CopyGit,
    #[error("git source {url:?}: {reason}")]
    GitSource { url: String, reason: String },
    #[error(
        "variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope"
    )]
    CopyFromVariable,

    // Values.
    #[error("invalid port {port:?}: {reason}")]
    Port { port: String, reason: &'static str },
    #[error("invalid signal: {signal}")]
    Signal { signal: String },
    #[error("invalid duration {text:?}")]
    Duration { text: String },
    #[error("invalid size {text:?}")]
    ByteSize { text: String },
    #[error("invalid platform {text:?}: {reason}")]
    Platform { text: String, reason: &'static str },
    #[error("malformed pattern {pattern:?}")]
    Pattern { pattern: String },
    #[error("invalid check option {option:?}")]
    CheckOption { option: String },

    // Stages.
    #[error("base name ({expression}) should not be blank")]
    BlankBase { expression: String },
    #[error(
        "empty platform value from expression {expression}{}",
        did_you_mean(suggestion)
    )]
    EmptyPlatform {
        expression: String,
        suggestion: Option<String>,
    },
    #[error("invalid image name {name:?}: lower-case letters, digits and . _ - / before the tag")]
    ImageName { name: String },
    #[error("invalid stage index {index}")]
    StageIndex { index: String },
    #[error("circular dependency detected on stage: {stage}")]
    Circular { stage: String },
    #[error(
        "cannot use stage {reference:?} here, it needs to be defined before the current stage {stage:?}"
    )]
    LaterStage { reference: String, stage: String },
    #[error(
        "target stage {target:?} could not be found{}",
        did_you_mean(suggestion)
    )]
    Target {
        target: String,
        suggestion: Option<String>,
    },
}

impl Problem {
    /// What to do about it, where the text alone does not say.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Problem::Frontend { .. } => {
                "remove the syntax line, or write `# syntax=docker/dockerfile:1`, which is what wharf speaks"
            }
            Problem::NoStage | Problem::BeforeFrom { .. } => {
                "begin with `FROM image` or `FROM scratch`; only ARG may stand before it"
            }
            Problem::LineTooLong => "break the line with the escape character, or use a heredoc",
            Problem::UnterminatedHeredoc { .. } => {
                "the closing word stands alone on its line, without blanks around it; tabs before it need `<<-`"
            }
            Problem::NotJson { .. } => r#"write it as ["word", "word"], with double quotes"#,
            Problem::CopyUrl | Problem::CopyGit => "use ADD",
            Problem::LaterStage { .. } | Problem::Circular { .. } => {
                "stages are built from top to bottom: move the stage above its first use"
            }
            Problem::Word { reason, .. } if reason.contains("quote") => {
                "a quote that is meant literally is escaped"
            }
            _ => return None,
        })
    }

    /// The words of the source at which the problem shows, for finding its column.
    fn needle(&self) -> &str {
        match self {
            Problem::UnknownInstruction { keyword, .. }
            | Problem::BeforeFrom { keyword }
            | Problem::OnbuildTrigger { keyword } => keyword,
            Problem::UnknownFlag { flag, .. }
            | Problem::DuplicateFlag { flag }
            | Problem::FlagWithoutValue { flag }
            | Problem::FlagNotBoolean { flag, .. }
            | Problem::HealthcheckInterval { flag } => flag,
            Problem::FieldKey { field, .. } | Problem::FieldWithoutValue { field } => field,
            Problem::Word { word, .. } | Problem::MissingEquals { word } => word,
            Problem::EscapeDirective { value }
            | Problem::FieldValue { value, .. }
            | Problem::MountType { value, .. }
            | Problem::MountSharing { value, .. }
            | Problem::Network { value, .. }
            | Problem::Security { value, .. }
            | Problem::Mode { value }
            | Problem::Checksum { value }
            | Problem::HealthcheckRetries { value } => value,
            Problem::StageName { name }
            | Problem::UnterminatedHeredoc { name }
            | Problem::ImageName { name } => name,
            Problem::Port { port, .. } => port,
            Problem::Signal { signal } => signal,
            Problem::Duration { text } | Problem::Platform { text, .. } => text,
            Problem::BlankBase { expression } | Problem::EmptyPlatform { expression, .. } => {
                expression
            }
            Problem::LaterStage { reference, .. } | Problem::Frontend { reference } => reference,
            Problem::StageIndex { index } => index,
            Problem::GitSource { url, .. } => url,
            Problem::MountFromVariable => "from=",
            Problem::CopyFromVariable => "--from",
            _ => "",
        }
    }

    /// The problem at these lines of a source, at the column where it is written.
    pub fn at(self, source: &Source, lines: Lines) -> Error {
        let position = source.locate(lines, self.needle());
        Error {
            problem: Box::new(self),
            place: Some((lines, position)),
        }
    }
}

impl Error {
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// The lines of the instruction at fault; none when the file as a whole is.
    pub fn lines(&self) -> Option<Lines> {
        self.place.map(|(lines, _)| lines)
    }

    pub fn position(&self) -> Option<Position> {
        self.place.map(|(_, position)| position)
    }

    pub fn hint(&self) -> Option<&'static str> {
        self.problem.hint()
    }

    /// The source around the problem, for showing below the message.
    pub fn excerpt(&self, source: &Source) -> Option<Excerpt> {
        let (lines, position) = self.place?;
        Excerpt::around(source, lines, Some(position))
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Error {
        Error {
            problem: Box::new(problem),
            place: None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((_, position)) = self.place {
            write!(f, "{position}: ")?;
        }
        self.problem.fmt(f)
    }
}

/// Transparent: the problem is the whole message, so it is no source of its own.
impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_line_column_and_suggestion() {
        let source = Source::new(b"FROM a\nCOPY \\\n  --chwon=1 b c\n");
        let problem = Problem::UnknownFlag {
            flag: "--chwon".to_owned(),
            suggestion: Some("--chown".to_owned()),
        };
        let error = problem.at(&source, Lines::new(2, 3));
        assert_eq!(
            error.to_string(),
            "line 3, column 3: unknown flag: --chwon (did you mean --chown?)"
        );
        let excerpt = error.excerpt(&source).expect("a place").to_string();
        assert!(
            excerpt.contains("  --chwon=1 b c\n") && excerpt.contains("^"),
            "{excerpt}"
        );
    }

    #[test]
    fn a_problem_of_the_whole_file_has_no_place() {
        let error = Error::from(Problem::NoInstructions);
        assert_eq!(error.to_string(), "the Dockerfile has no instructions");
        assert_eq!((error.lines(), error.position()), (None, None));
    }
}
