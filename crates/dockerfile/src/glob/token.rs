//! What a pattern is made of, whatever notation it was written in.

use super::class::Class;

/// One element of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    Char(char),
    /// Exactly one character.
    One(Except),
    /// Any number of characters, none included.
    Many(Except),
    /// Nothing, or any number of whole directories with the slash behind them.
    Directories,
    Class(Class),
}

/// What a wildcard does not match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Except {
    Nothing,
    Newline,
    Slash,
}

impl Except {
    pub(super) fn allows(self, character: char) -> bool {
        match self {
            Except::Nothing => true,
            Except::Newline => character != '\n',
            Except::Slash => character != '/',
        }
    }
}
