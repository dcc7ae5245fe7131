//! From pieces to a tag that is always legal.

use super::NamingError;
use sha2::{Digest, Sha256};
use wharf_oci::Tag;

/// A part of a tag to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// What only holds characters of a tag.
    Text(String),
    /// A name from outside: it is made fit.
    Name(String),
}

/// How many hexadecimal digits tell names apart that look alike once they fit: with 6, two of a hundred such names in
/// one repository meet in one case of 3000; fewer meet in practice, more make tags that nobody reads.
const DIGITS: usize = 6;

/// What a cut name keeps at least: a character, the dash and the digits.
const SHORTEST_CUT: usize = 1 + 1 + DIGITS;

fn is_tag_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '.' | '-')
}

/// Whether `text` holds nothing that a tag cannot hold.
pub(super) fn has_tag_characters(text: &str) -> bool {
    text.chars().all(is_tag_character)
}

fn digits_of(text: &str) -> String {
    let mut digits = hex_of(&Sha256::digest(text.as_bytes()));
    digits.truncate(DIGITS);
    digits
}

fn hex_of(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `name` in at most `room` characters: as it is, or made fit with its digits.
fn fit_name(name: &str, first: bool, room: usize) -> String {
    let begins_well = !first || !name.starts_with(['.', '-']);
    if name.len() <= room && begins_well && has_tag_characters(name) {
        return name.to_owned();
    }
    let mut readable = String::with_capacity(name.len());
    let mut in_run = false;
    for character in name.chars() {
        if is_tag_character(character) {
            readable.push(character);
        } else if !in_run {
            readable.push('-');
        }
        in_run = !is_tag_character(character);
    }
    let readable = if first {
        readable.trim_start_matches(['.', '-'])
    } else {
        &readable
    };
    let kept = &readable[..readable.len().min(room - DIGITS - 1)];
    let dash = if kept.is_empty() { "" } else { "-" };
    format!("{kept}{dash}{}", digits_of(name))
}

fn join(pieces: &[Piece], cut: Option<(usize, usize)>) -> String {
    let mut whole = String::new();
    for (place, piece) in pieces.iter().enumerate() {
        let room = match cut {
            Some((cut, room)) if cut == place => room,
            _ => Tag::MAX_LEN,
        };
        let written = match piece {
            Piece::Text(text) => text.clone(),
            Piece::Name(name) => fit_name(name, whole.is_empty(), room),
        };
        whole.push_str(&written);
    }
    whole
}

/// Puts the pieces together; the result has at most 128 characters, however long they are.
pub(super) fn compose(pieces: &[Piece]) -> Result<Tag, NamingError> {
    let mut whole = join(pieces, None);
    if whole.len() > Tag::MAX_LEN {
        whole = shorten(pieces, &whole);
    }
    whole.parse().map_err(|source| NamingError::NotATag {
        text: whole,
        source,
    })
}

/// Cuts the longest name, so that prefix, time and commit stay; where that is not enough, the end.
fn shorten(pieces: &[Piece], whole: &str) -> String {
    let excess = whole.len() - Tag::MAX_LEN;
    let longest = pieces
        .iter()
        .enumerate()
        .filter_map(|(place, piece)| match piece {
            Piece::Name(name) => Some((fit_name(name, place == 0, Tag::MAX_LEN).len(), place)),
            Piece::Text(_) => None,
        })
        .max();
    if let Some((length, place)) = longest
        && length >= excess + SHORTEST_CUT
    {
        let cut = join(pieces, Some((place, length - excess)));
        if cut.len() <= Tag::MAX_LEN {
            return cut;
        }
    }
    let kept: String = whole.chars().take(Tag::MAX_LEN - DIGITS - 1).collect();
    format!("{kept}-{}", digits_of(whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(name: &str) -> String {
        compose(&[Piece::Name(name.into())]).unwrap().to_string()
    }

    #[test]
    fn a_legal_name_is_kept_as_it_is() {
        for legal in ["main", "v1.2.3-rc.1", "_x", "A_b", &"a".repeat(128)] {
            assert_eq!(name(legal), legal);
        }
    }

    #[test]
    fn any_other_name_is_made_fit_and_gets_digits_of_its_own() {
        // The digits are those of `printf %s feature/login | sha256sum`.
        assert_eq!(name("feature/login"), "feature-login-df7c7a");
        for (reference, begin) in [
            ("feature/login", "feature-login-"),
            ("feature//@login", "feature-login-"),
            ("a+b", "a-b-"),
            ("fix#", "fix--"),
            ("-x", "x-"),
            ("日本/x", "x-"),
        ] {
            let tag = name(reference);
            let digits = &hex_of(&Sha256::digest(reference.as_bytes()))[..6];
            assert_eq!(tag, format!("{begin}{digits}"));
        }
        assert_eq!(
            name("日本"),
            hex_of(&Sha256::digest("日本".as_bytes()))[..6]
        );
        assert_ne!(name("feature/login"), name("feature:login"));
    }

    #[test]
    fn what_is_too_long_is_cut_in_the_name_and_keeps_what_is_around() {
        let text = |text: &str| Piece::Text(text.into());
        let long = "feature/".to_owned() + &"x".repeat(200);
        let tag = compose(&[text("v-"), Piece::Name(long.clone()), text("-01234567")]).unwrap();
        assert_eq!(tag.as_str().len(), 128);
        assert!(tag.as_str().starts_with("v-feature-xxx") && tag.as_str().ends_with("-01234567"));
        let other = compose(&[text("v-"), Piece::Name(long + "y"), text("-01234567")]).unwrap();
        assert_ne!(tag, other);
        let two = compose(&[text(&"p".repeat(127)), text("-a")]).unwrap();
        let three = compose(&[text(&"p".repeat(127)), text("-b")]).unwrap();
        assert!(two != three && two.as_str().len() == 128);
    }

    #[test]
    fn a_name_inside_may_begin_with_a_dash_or_be_empty() {
        let pieces = [Piece::Name("1.2".into()), Piece::Name("-rc1".into())];
        assert_eq!(compose(&pieces).unwrap().as_str(), "1.2-rc1");
        let pieces = [Piece::Text("release-".into()), Piece::Name(String::new())];
        assert_eq!(compose(&pieces).unwrap().as_str(), "release-");
        assert!(matches!(
            compose(&[Piece::Name(String::new())]),
            Err(NamingError::NotATag { .. })
        ));
        assert!(compose(&[Piece::Text("-x".into())]).is_err());
    }
}
