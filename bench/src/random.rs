//! Numbers that look random and are the same in every run (xorshift64*, Vigna 2016).
//! Refuses to be unpredictable: two runs must measure the same bytes. Called by the workloads.

pub(crate) struct Random(u64);

impl Random {
    /// Equal seeds give equal numbers.
    pub(crate) fn new(seed: u64) -> Random {
        // The state must not be zero.
        Random(seed ^ 0x9e37_79b9_7f4a_7c15)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number from 0 up to, but not including, 1.
    pub(crate) fn next_share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_repeatable_and_spread() {
        let shares = |seed| {
            let mut random = Random::new(seed);
            (0..1000).map(|_| random.next_share()).collect::<Vec<_>>()
        };
        assert_eq!(shares(1), shares(1));
        assert_ne!(shares(1), shares(2));
        let sum: f64 = shares(3).iter().sum();
        assert!((450.0..550.0).contains(&sum), "{sum}");
    }
}
