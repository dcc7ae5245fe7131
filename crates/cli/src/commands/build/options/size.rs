//! Sizes such as `64m` (docker/go-units).

use wharf_dockerfile::values::parse_byte_size;

use super::OptionProblem;

/// Bytes; units are steps of 1024.
pub(in crate::commands::build) fn read_size(
    option: &str,
    text: &str,
) -> Result<u64, OptionProblem> {
    parse_byte_size(text).map_err(|_| OptionProblem::new("size", option, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        assert_eq!(read_size("--memory", "64m"), Ok(64 << 20));
        assert_eq!(
            read_size("--memory", "lots").expect_err("no size").key(),
            "size"
        );
    }
}
