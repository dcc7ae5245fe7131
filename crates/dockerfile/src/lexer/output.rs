//! What a scan writes: the text, and the words it falls into.

/// Text and words grow together; they differ in that blanks part words unless they were quoted or escaped.
#[derive(Default)]
pub(super) struct Output {
    pub(super) text: String,
    words: Vec<String>,
    word: String,
}

impl Output {
    /// A plain character of the source: a blank ends the word.
    pub(super) fn push_plain(&mut self, character: char) {
        self.text.push(character);
        self.push_to_word(character);
    }

    /// An escaped character: a blank is part of the word.
    pub(super) fn push_escaped(&mut self, character: char) {
        self.text.push(character);
        self.word.push(character);
    }

    /// A variable's value outside quotes: its blanks part words.
    pub(super) fn push_value(&mut self, value: &str) {
        self.text.push_str(value);
        value
            .chars()
            .for_each(|character| self.push_to_word(character));
    }

    /// Quoted text: one piece.
    pub(super) fn push_quoted(&mut self, text: &str) {
        self.text.push_str(text);
        self.word.push_str(text);
    }

    pub(super) fn into_words(mut self) -> Vec<String> {
        self.end_word();
        self.words
    }

    fn push_to_word(&mut self, character: char) {
        if character.is_whitespace() {
            self.end_word();
        } else {
            self.word.push(character);
        }
    }

    fn end_word(&mut self) {
        if !self.word.is_empty() {
            self.words.push(std::mem::take(&mut self.word));
        }
    }
}
