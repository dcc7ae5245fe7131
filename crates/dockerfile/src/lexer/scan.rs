//! One pass over a text: plain characters, escapes, quotes. What follows a `$` is in `dollar`.

use super::{Lexer, MAX_DEPTH, Variables, cursor::Cursor, output::Output};
use crate::Problem;
use std::collections::BTreeSet;

/// Why a text can not be read; the text itself is added at the end.
pub(super) type Reason = String;

pub(super) const MISSING_BRACE: &str = "syntax error: missing '}'";

pub(super) struct Scan<'a> {
    pub(super) lexer: Lexer,
    pub(super) cursor: Cursor<'a>,
    pub(super) used: BTreeSet<String>,
    pub(super) unset: BTreeSet<String>,
    /// Escape characters stay: always, or within a pattern, which has its own use for them.
    keep_escapes: bool,
    variables: &'a dyn Variables,
    depth: usize,
    expanded: usize,
}

impl<'a> Scan<'a> {
    pub(super) fn new(lexer: Lexer, text: &'a str, variables: &'a dyn Variables) -> Scan<'a> {
        Scan {
            lexer,
            cursor: Cursor::new(text),
            used: BTreeSet::new(),
            unset: BTreeSet::new(),
            keep_escapes: lexer.keep_escapes,
            variables,
            depth: 0,
            expanded: 0,
        }
    }

    pub(super) fn run(&mut self, text: &str) -> Result<Output, Problem> {
        self.scan_to(None).map_err(|reason| Problem::Word {
            word: text.to_owned(),
            reason,
        })
    }

    /// The operand of an operator: up to `stop`, which is consumed.
    pub(super) fn scan_operand(
        &mut self,
        stop: char,
        keep_escapes: bool,
        missing: &str,
    ) -> Result<String, Reason> {
        if self.depth == MAX_DEPTH {
            return Err(format!("variables nest deeper than {MAX_DEPTH} levels"));
        }
        self.depth += 1;
        let outer = std::mem::replace(&mut self.keep_escapes, keep_escapes);
        let scanned = self.scan_to(Some(stop));
        self.keep_escapes = outer;
        self.depth -= 1;
        match scanned {
            Ok(output) => Ok(output.text),
            Err(_) if self.cursor.peek().is_none() => Err(missing.to_owned()),
            Err(reason) => Err(reason),
        }
    }

    fn scan_to(&mut self, stop: Option<char>) -> Result<Output, Reason> {
        let mut output = Output::default();
        while let Some(character) = self.cursor.peek() {
            if Some(character) == stop {
                self.cursor.take();
                return Ok(output);
            }
            match character {
                '$' => output.push_value(&self.scan_dollar()?),
                '<' => output.push_quoted(&self.scan_angle()),
                '\'' if !self.lexer.ignore_quotes => output.push_quoted(&self.scan_single()?),
                '"' if !self.lexer.ignore_quotes => output.push_quoted(&self.scan_double()?),
                _ if character == self.lexer.escape => self.scan_escape(&mut output),
                _ => {
                    self.cursor.take();
                    output.push_plain(character);
                }
            }
        }
        match stop {
            None => Ok(output),
            Some(stop) => Err(format!(
                "unexpected end of statement while looking for matching {stop}"
            )),
        }
    }

    /// An escape character at the end escapes nothing.
    fn scan_escape(&mut self, output: &mut Output) {
        self.cursor.take();
        if self.keep_escapes {
            output.push_escaped(self.lexer.escape);
        }
        if let Some(next) = self.cursor.take() {
            output.push_escaped(next);
        }
    }

    /// `<<` keeps the blanks after it, so that the name of a here-document stays with its mark.
    fn scan_angle(&mut self) -> String {
        self.cursor.take();
        if !self.cursor.take_if('<') {
            return "<".to_owned();
        }
        let blanks = self
            .cursor
            .take_while(|character| matches!(character, '\t' | '\r' | ' '));
        format!("<<{blanks}")
    }

    fn scan_single(&mut self) -> Result<String, Reason> {
        self.cursor.take();
        let text = self.cursor.take_while(|character| character != '\'');
        if !self.cursor.take_if('\'') {
            return Err(
                "unexpected end of statement while looking for matching single-quote".to_owned(),
            );
        }
        Ok(if self.lexer.keep_quotes {
            format!("'{text}'")
        } else {
            text.to_owned()
        })
    }

    /// Variables are replaced; only the quote, `$` and the escape character itself can be escaped.
    fn scan_double(&mut self) -> Result<String, Reason> {
        self.cursor.take();
        let mut text = String::new();
        while let Some(character) = self.cursor.peek() {
            if character == '$' {
                text.push_str(&self.scan_dollar()?);
                continue;
            }
            self.cursor.take();
            if character == '"' {
                return Ok(if self.lexer.keep_quotes {
                    format!("\"{text}\"")
                } else {
                    text
                });
            }
            if character == self.lexer.escape {
                if self.keep_escapes {
                    text.push(character);
                }
                let can_be_escaped =
                    |next: &char| matches!(next, '"' | '$') || *next == self.lexer.escape;
                match self.cursor.peek().filter(can_be_escaped) {
                    Some(next) => {
                        self.cursor.take();
                        text.push(next);
                    }
                    None => text.push(character),
                }
                continue;
            }
            text.push(character);
        }
        Err("unexpected end of statement while looking for matching double-quote".to_owned())
    }

    /// A variable's value; what was asked for is noted either way.
    pub(super) fn look_up(&mut self, name: &str) -> Result<Option<String>, Reason> {
        let Some(value) = self.variables.get(name) else {
            self.unset.insert(name.to_owned());
            return Ok(None);
        };
        self.used.insert(name.to_owned());
        self.expanded += value.len();
        let most = self.lexer.most_expanded;
        if self.expanded > most {
            return Err(format!("variables would add more than {most} bytes"));
        }
        Ok(Some(value.to_owned()))
    }
}
