//! How much of the processors a step may use.

use super::OptionProblem;

/// The period that docker takes when none is given, in microseconds (CFS's own default).
const DEFAULT_PERIOD: u64 = 100_000;

/// Thousandths of a processor from `--cpus`, or from `--cpu-quota` and `--cpu-period`; the former wins.
pub(in crate::commands::build) fn read_cpu_millis(
    cpus: Option<&str>,
    quota: Option<&str>,
    period: Option<&str>,
) -> Result<Option<u32>, OptionProblem> {
    if let Some(text) = cpus {
        let refuse = || OptionProblem::new("number", "--cpus", text);
        let number: f64 = text.parse().map_err(|_| refuse())?;
        // 10,000 processors are more than any machine has; below a hundredth nothing gets done.
        if !(0.01..=10_000.0).contains(&number) {
            return Err(refuse());
        }
        return Ok(Some((number * 1000.0) as u32));
    }
    let count = |option: &str, text: Option<&str>| {
        text.map(|text| {
            text.parse::<i64>()
                .map_err(|_| OptionProblem::new("number", option, text))
        })
        .transpose()
    };
    let period = count("--cpu-period", period)?;
    let Some(quota) = count("--cpu-quota", quota)?.filter(|quota| *quota > 0) else {
        return Ok(None);
    };
    let period = period
        .and_then(|period| u64::try_from(period).ok())
        .filter(|period| *period > 0)
        .unwrap_or(DEFAULT_PERIOD);
    let millis = quota.unsigned_abs().saturating_mul(1000) / period;
    Ok(Some(u32::try_from(millis.max(10)).unwrap_or(u32::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processors_are_given_as_a_number_or_as_a_share_of_a_period() {
        assert_eq!(read_cpu_millis(Some("1.5"), None, None), Ok(Some(1500)));
        assert_eq!(read_cpu_millis(None, Some("50000"), None), Ok(Some(500)));
        assert_eq!(
            read_cpu_millis(None, Some("50000"), Some("25000")),
            Ok(Some(2000))
        );
        assert_eq!(read_cpu_millis(None, Some("-1"), None), Ok(None));
        assert_eq!(read_cpu_millis(None, None, Some("1000")), Ok(None));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["two", "0", "-1", "NaN", "inf"] {
            let problem = read_cpu_millis(Some(text), None, None).expect_err(text);
            assert_eq!(problem.key(), "number", "{text}");
        }
        assert!(read_cpu_millis(None, Some("1k"), None).is_err());
    }
}
