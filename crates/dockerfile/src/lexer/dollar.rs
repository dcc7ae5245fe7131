//! What follows a `$`: a name, or a name and an operator in braces.

use super::{
    pattern,
    scan::{MISSING_BRACE, Reason, Scan},
};

impl Scan<'_> {
    pub(super) fn scan_dollar(&mut self) -> Result<String, Reason> {
        self.cursor.take();
        if self.cursor.take_if('{') {
            return self.scan_braces();
        }
        let name = self.scan_name();
        if name.is_empty() {
            return Ok("$".to_owned());
        }
        Ok(match self.look_up(&name)? {
            Some(value) => value,
            None if self.lexer.keep_unset => format!("${name}"),
            None => String::new(),
        })
    }

    fn scan_braces(&mut self) -> Result<String, Reason> {
        match self.cursor.peek() {
            None => return Err(MISSING_BRACE.to_owned()),
            Some('{' | '}' | ':') => return Err("syntax error: bad substitution".to_owned()),
            Some(_) => {}
        }
        let name = self.scan_name();
        match self.cursor.take() {
            Some('}') => Ok(match self.look_up(&name)? {
                Some(value) => value,
                None if self.lexer.keep_unset => format!("${{{name}}}"),
                None => String::new(),
            }),
            Some(':') => match self.cursor.take() {
                Some(operator @ ('-' | '+' | '?')) => self.apply_default(&name, operator, true),
                other => Err(describe_operator(":", other)),
            },
            Some(operator @ ('-' | '+' | '?')) => self.apply_default(&name, operator, false),
            Some(operator @ ('#' | '%')) => self.apply_trim(&name, operator),
            Some('/') => self.apply_replace(&name),
            other => Err(describe_operator("", other)),
        }
    }

    /// `${name-word}`, `${name+word}`, `${name?word}`; with a colon, empty counts as not set.
    fn apply_default(
        &mut self,
        name: &str,
        operator: char,
        with_colon: bool,
    ) -> Result<String, Reason> {
        let word = self.scan_operand('}', false, MISSING_BRACE)?;
        let value = self.look_up(name)?;
        if value.is_none() && self.lexer.keep_unset {
            let colon = if with_colon { ":" } else { "" };
            return Ok(format!("${{{name}{colon}{operator}{word}}}"));
        }
        let given = value
            .clone()
            .filter(|value| !(with_colon && value.is_empty()));
        match (operator, given) {
            ('+', Some(_)) => Ok(word),
            ('+', None) => Ok(String::new()),
            (_, Some(value)) => Ok(value),
            ('-', None) => Ok(word),
            _ if !word.is_empty() => Err(format!("{name}: {word}")),
            _ if value.is_none() => Err(format!("{name}: is not allowed to be unset")),
            _ => Err(format!("{name}: is not allowed to be empty")),
        }
    }

    /// `${name#pattern}` and `%`: the shortest match at the start or end goes; doubled, the longest.
    fn apply_trim(&mut self, name: &str, operator: char) -> Result<String, Reason> {
        let written = self.scan_operand('}', true, MISSING_BRACE)?;
        let Some(value) = self.look_up(name)? else {
            return Ok(if self.lexer.keep_unset {
                format!("${{{name}{operator}{written}}}")
            } else {
                String::new()
            });
        };
        let (pattern, longest) = match written.strip_prefix(operator) {
            Some(pattern) => (pattern, true),
            None => (written.as_str(), false),
        };
        match operator {
            '#' => pattern::trim_start(&value, pattern, longest),
            _ => pattern::trim_end(&value, pattern, longest),
        }
    }

    /// `${name/pattern/word}`: the first match is replaced; with `//`, every one.
    fn apply_replace(&mut self, name: &str) -> Result<String, Reason> {
        let all = self.cursor.take_if('/');
        let pattern = self.scan_operand('/', true, "syntax error: missing '/' in ${}")?;
        let word = self.scan_operand('}', true, MISSING_BRACE)?;
        match self.look_up(name)? {
            Some(value) => {
                let most = self.lexer.most_expanded;
                pattern::replace(&value, &pattern, &word, (all, most))
            }
            None if self.lexer.keep_unset => Ok(format!("${{{name}/{pattern}/{word}}}")),
            None => Ok(String::new()),
        }
    }

    /// Letters, digits and `_`; or a number; or one of the shell's special parameters, which no build sets.
    fn scan_name(&mut self) -> String {
        match self.cursor.peek() {
            Some(first) if first.is_numeric() => self.cursor.take_while(char::is_numeric),
            Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => {
                return self.cursor.take().map(String::from).unwrap_or_default();
            }
            _ => self
                .cursor
                .take_while(|character| character.is_alphanumeric() || character == '_'),
        }
        .to_owned()
    }
}

fn describe_operator(colon: &str, operator: Option<char>) -> Reason {
    match operator {
        None => MISSING_BRACE.to_owned(),
        Some(operator) => format!("unsupported modifier ({colon}{operator}) in substitution"),
    }
}
