//! The context of the large image: 300 MB in 13,905 files of very different sizes, as an application with its
//! dependencies has them. Most are text that gzip shrinks to less than a third; every tenth cannot be shrunk, and all together shrink to a third.
//! Refuses to repeat itself within what a compressor can see. Called by the workloads.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::random::Random;

pub(crate) const FILES: usize = 13_905;
pub(crate) const BYTES: usize = 300_000_000;

const FILES_PER_FOLDER: usize = 135;

/// Files are pieces of it, cut anywhere. Much smaller, and a compressor with a large window would find them again.
const BLOCK: usize = 32 << 20;

/// Different words; fewer make text that shrinks more.
const WORDS: usize = 1_000;

/// The largest file before all sizes are fitted to [`BYTES`]; most are far smaller.
const LARGEST: f64 = 200_000.0;

/// Every so many-th file is incompressible, as images and archives are.
const INCOMPRESSIBLE: usize = 10;

/// # Errors
/// A file cannot be written.
pub(crate) fn write_files(folder: &Path) -> Result<()> {
    let mut random = Random::new(1);
    let sizes = choose_sizes(&mut random);
    let (text, noise) = (write_text(&mut random), write_noise(&mut random));
    for (number, size) in sizes.into_iter().enumerate() {
        let part = folder.join(format!("part-{:03}", number / FILES_PER_FOLDER));
        let block = match number % INCOMPRESSIBLE {
            0 => &noise,
            _ => &text,
        };
        let start = (random.next_share() * (block.len() - size) as f64) as usize;
        let file = part.join(format!("file-{number:05}"));
        fs::create_dir_all(&part)
            .and_then(|()| fs::write(&file, &block[start..start + size]))
            .with_context(|| file.display().to_string())?;
    }
    Ok(())
}

/// Many small files and a few large ones, [`BYTES`] in all.
fn choose_sizes(random: &mut Random) -> Vec<usize> {
    let wishes: Vec<f64> = (0..FILES)
        .map(|_| 300.0 + LARGEST * random.next_share().powi(8))
        .collect();
    let factor = BYTES as f64 / wishes.iter().sum::<f64>();
    let mut sizes: Vec<usize> = wishes.iter().map(|wish| (wish * factor) as usize).collect();
    sizes[0] += BYTES - sizes.iter().sum::<usize>();
    sizes
}

fn write_text(random: &mut Random) -> Vec<u8> {
    let words: Vec<Vec<u8>> = (0..WORDS).map(|_| make_word(random)).collect();
    let mut text = Vec::with_capacity(BLOCK + 16);
    while text.len() < BLOCK {
        // Some words are much more frequent than others.
        let index = (random.next_share().powi(4) * WORDS as f64) as usize;
        text.extend_from_slice(&words[index]);
        let end = random.next_share();
        text.extend_from_slice(match end {
            end if end < 0.10 => b";\n    ".as_slice(),
            end if end < 0.25 => b"(".as_slice(),
            end if end < 0.35 => b", ".as_slice(),
            _ => b" ".as_slice(),
        });
    }
    text
}

fn make_word(random: &mut Random) -> Vec<u8> {
    let length = 4 + (random.next_share() * 12.0) as usize;
    (0..length)
        .map(|_| b'a' + (random.next_share() * 26.0) as u8)
        .collect()
}

fn write_noise(random: &mut Random) -> Vec<u8> {
    let mut noise = Vec::with_capacity(BLOCK / 4);
    while noise.len() < BLOCK / 4 {
        noise.extend_from_slice(&random.next().to_le_bytes());
    }
    noise
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn sizes_are_exact_in_number_and_sum() {
        let sizes = choose_sizes(&mut Random::new(1));
        assert_eq!((sizes.len(), sizes.iter().sum::<usize>()), (FILES, BYTES));
        assert!(*sizes.iter().max().unwrap() < BLOCK / 8);
        assert_eq!(FILES % FILES_PER_FOLDER, 0);
    }

    #[test]
    fn text_shrinks_to_less_than_a_third_and_noise_does_not() {
        let shrink = |bytes: &[u8]| {
            let level = flate2::Compression::default();
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap().len() as f64 / bytes.len() as f64
        };
        let mut random = Random::new(1);
        let text = write_text(&mut random);
        let share = shrink(&text[..1 << 20]);
        assert!((0.2..0.35).contains(&share), "{share}");
        assert!(shrink(&write_noise(&mut random)[..1 << 20]) > 0.99);
    }
}
