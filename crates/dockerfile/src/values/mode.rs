//! `--chmod`: an octal mode, or changes as chmod(1) writes them.

use crate::Problem;

/// The permission bits of a mode, set-id and sticky included.
const ALL_BITS: u32 = 0o7777;
/// What `a`, or no letter, stands for: everything but the sticky bit (BSD setmode(3)).
const STANDARD_BITS: u32 = 0o6777;
const STICKY: u32 = 0o1000;

/// What to do with the modes of copied files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModeChange {
    /// Every file and directory gets this mode.
    Octal(u32),
    /// Every one has its own mode changed, step by step.
    Symbolic(Vec<ModeStep>),
}

/// One step of a symbolic change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModeStep {
    Set(u32),
    Clear(u32),
    /// `X`: set for directories, and for files that somebody could execute before the change.
    SetIfExecutable(u32),
    /// The bits of one class of users, right-aligned by `from`, to the classes in `to`.
    Copy {
        from: u32,
        to: u32,
        operator: Operator,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    Add,
    Remove,
    Assign,
}

impl ModeChange {
    /// `0755`, or clauses such as `u=rwX,go-w`, without a umask.
    pub fn parse(text: &str) -> Result<ModeChange, Problem> {
        let refused = || Problem::Mode {
            value: text.to_owned(),
        };
        if text.starts_with(|character: char| character.is_ascii_digit()) {
            let mode = u32::from_str_radix(text, 8).map_err(|_| refused())?;
            return (mode <= ALL_BITS)
                .then_some(ModeChange::Octal(mode))
                .ok_or_else(refused);
        }
        let mut steps = Vec::new();
        for clause in text.split(',') {
            parse_clause(clause, &mut steps).ok_or_else(refused)?;
        }
        Ok(ModeChange::Symbolic(steps))
    }

    /// The new permission bits of a file or directory that has `mode`; other bits of `mode` are not in the answer.
    pub fn apply(&self, mode: u32, is_directory: bool) -> u32 {
        let before = mode & ALL_BITS;
        match self {
            ModeChange::Octal(mode) => *mode,
            ModeChange::Symbolic(steps) => {
                let is_executable = is_directory || before & 0o111 != 0;
                steps
                    .iter()
                    .fold(before, |mode, step| apply_step(mode, *step, is_executable))
            }
        }
    }
}

fn apply_step(mode: u32, step: ModeStep, is_executable: bool) -> u32 {
    match step {
        ModeStep::Set(bits) => mode | bits,
        ModeStep::Clear(bits) => mode & !bits,
        ModeStep::SetIfExecutable(bits) if is_executable => mode | bits,
        ModeStep::SetIfExecutable(_) => mode,
        ModeStep::Copy { from, to, operator } => {
            let value = (mode >> from) & 0o7;
            let spread = (value * 0o111) & to;
            match operator {
                Operator::Add => mode | spread,
                Operator::Remove => mode & !spread,
                Operator::Assign => (mode & !to) | spread,
            }
        }
    }
}

/// `[ugoa]*([+-=][rwxXstugo]*)+`.
fn parse_clause(clause: &str, steps: &mut Vec<ModeStep>) -> Option<()> {
    let operators = clause.trim_start_matches(['a', 'u', 'g', 'o']);
    let who = clause[..clause.len() - operators.len()]
        .chars()
        .fold(0, |who, letter| {
            who | match letter {
                'u' => 0o4700,
                'g' => 0o2070,
                'o' => 0o0007,
                _ => STANDARD_BITS,
            }
        });
    let mut rest = operators;
    while !rest.is_empty() {
        let operator = match rest.as_bytes()[0] {
            b'+' => Operator::Add,
            b'-' => Operator::Remove,
            b'=' => Operator::Assign,
            _ => return None,
        };
        let letters = &rest[1..];
        let end = letters.find(['+', '-', '=']).unwrap_or(letters.len());
        parse_permissions(who, operator, &letters[..end], steps)?;
        rest = &letters[end..];
    }
    (!operators.is_empty()).then_some(())
}

fn parse_permissions(
    mut who: u32,
    operator: Operator,
    letters: &str,
    steps: &mut Vec<ModeStep>,
) -> Option<()> {
    let takes_special = who == 0 || who & !0o7 != 0;
    let (mut bits, mut executable, mut copies) = (0, 0, Vec::new());
    for letter in letters.chars() {
        match letter {
            'r' => bits |= 0o444,
            'w' => bits |= 0o222,
            'x' => bits |= 0o111,
            'X' if operator == Operator::Remove => bits |= 0o111,
            'X' => executable |= 0o111,
            's' if takes_special => bits |= 0o6000,
            't' if takes_special => {
                who |= STICKY;
                bits |= STICKY;
            }
            's' | 't' => {}
            'u' => copies.push(6),
            'g' => copies.push(3),
            'o' => copies.push(0),
            _ => return None,
        }
    }
    let mask = if who == 0 { ALL_BITS } else { who };
    if operator == Operator::Assign && (copies.is_empty() || bits != 0) {
        steps.push(ModeStep::Clear(if who == 0 { STANDARD_BITS } else { who }));
    }
    match operator {
        _ if bits == 0 => {}
        Operator::Remove => steps.push(ModeStep::Clear(mask & bits)),
        Operator::Add | Operator::Assign => steps.push(ModeStep::Set(mask & bits)),
    }
    if executable != 0 {
        steps.push(ModeStep::SetIfExecutable(mask & executable));
    }
    let to = if who == 0 { 0o777 } else { who & 0o777 };
    steps.extend(
        copies
            .into_iter()
            .map(|from| ModeStep::Copy { from, to, operator }),
    );
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(text: &str, mode: u32) -> u32 {
        ModeChange::parse(text).expect(text).apply(mode, false)
    }

    #[test]
    fn octal_modes_replace() {
        assert_eq!(change("644", 0o4755), 0o644);
        assert_eq!(change("07777", 0), 0o7777);
        for text in ["10000", "8", "64x", "0o644", ""] {
            assert!(ModeChange::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn symbolic_modes_change_bit_by_bit() {
        for (text, before, after) in [
            ("u=rwx,go=rx", 0o600, 0o755),
            ("u=rwx,go=u-w", 0o000, 0o755),
            ("go-w", 0o666, 0o644),
            ("a+x", 0o644, 0o755),
            ("+x", 0o644, 0o755),
            ("=r", 0o4755, 0o444),
            ("go=", 0o755, 0o700),
            ("u+s", 0o755, 0o4755),
            ("g+s", 0o755, 0o2755),
            ("+t", 0o755, 0o1755),
            ("o+t", 0o755, 0o755),
            ("g=u", 0o704, 0o774),
            ("g+o", 0o704, 0o744),
            ("g-o", 0o775, 0o725),
            ("u-x+w", 0o500, 0o600),
            ("ug=rw,o=", 0o777, 0o660),
            ("-x", 0o755, 0o644),
            ("=", 0o755, 0o000),
        ] {
            assert_eq!(change(text, before), after, "{text} on {before:o}");
        }
        for text in ["x", "u", "u*x", "u+q", ",", "u+x,", "rwx"] {
            assert!(ModeChange::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_capital_x_looks_at_directories_and_at_what_was_executable() {
        let change = ModeChange::parse("=rw,+X").expect("a mode");
        assert_eq!(change.apply(0o700, false), 0o777);
        assert_eq!(change.apply(0o600, false), 0o666);
        assert_eq!(change.apply(0o600, true), 0o777);
        let change = ModeChange::parse("a-X").expect("a mode");
        assert_eq!(change.apply(0o755, false), 0o644);
    }

    #[test]
    fn bits_of_the_file_type_do_not_come_through() {
        assert_eq!(change("u+w", 0o100_444), 0o644);
    }
}
