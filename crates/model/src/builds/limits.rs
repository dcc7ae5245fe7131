//! What one build on the server may use up.

use std::time::Duration;

/// The bounds of one build of a rule; each can be set, within what the operator allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuildBounds {
    /// From its start to its end, pushing included. Shorter ends builds that compile for long; longer lets one that
    /// hangs keep its place.
    pub timeout: Duration,
    /// Thousandths of a processor.
    pub cpu_millis: u32,
    /// Bytes of memory of a step. With less, ordinary compilers are killed; with more, two builds fill a small machine.
    pub memory: u64,
    /// Bytes on disk: of the clone, of what all steps leave with their layers, and of base images that are unpacked.
    pub disk: u64,
    /// Bytes of log that are kept; what is more is counted and left out. Less cuts long test runs off, more fills the
    /// disk with what nobody reads.
    pub log: u64,
}

impl Default for BuildBounds {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(60 * 60),
            cpu_millis: 2000,
            memory: 4 << 30,
            disk: 20 << 30,
            log: 50 << 20,
        }
    }
}

/// Which bound is out of range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BuildBoundsError {
    /// Below a second.
    #[error("a build has at least a second")]
    Timeout,
    /// Below a tenth of a processor.
    #[error("a build has at least a tenth of a processor")]
    Cpu,
    /// Below 16 MiB.
    #[error("a build has at least 16 MiB of memory")]
    Memory,
    /// Below 16 MiB.
    #[error("a build has at least 16 MiB of disk")]
    Disk,
    /// Below 4 KiB.
    #[error("a build has at least 4 KiB of log")]
    Log,
}

impl BuildBounds {
    /// Refuses bounds under which nothing can run; these fail at once instead of in a way nobody understands.
    pub fn check(&self) -> Result<(), BuildBoundsError> {
        if self.timeout < Duration::from_secs(1) {
            Err(BuildBoundsError::Timeout)
        } else if self.cpu_millis < 100 {
            Err(BuildBoundsError::Cpu)
        } else if self.memory < 16 << 20 {
            Err(BuildBoundsError::Memory)
        } else if self.disk < 16 << 20 {
            Err(BuildBoundsError::Disk)
        } else if self.log < 4 << 10 {
            Err(BuildBoundsError::Log)
        } else {
            Ok(())
        }
    }

    /// These bounds, none above the same of `ceiling`.
    #[must_use]
    pub fn within(self, ceiling: &Self) -> Self {
        Self {
            timeout: self.timeout.min(ceiling.timeout),
            cpu_millis: self.cpu_millis.min(ceiling.cpu_millis),
            memory: self.memory.min(ceiling.memory),
            disk: self.disk.min(ceiling.disk),
            log: self.log.min(ceiling.log),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_those_of_the_documentation() {
        let bounds = BuildBounds::default();
        assert_eq!(bounds.check(), Ok(()));
        assert_eq!(bounds.timeout.as_secs(), 3600);
        assert_eq!(
            (bounds.cpu_millis, bounds.memory),
            (2000, 4 * 1024 * 1024 * 1024)
        );
        assert_eq!(
            (bounds.disk, bounds.log),
            (20 * 1024 * 1024 * 1024, 50 * 1024 * 1024)
        );
    }

    #[test]
    fn no_bound_exceeds_the_operators_and_none_is_too_small_to_run() {
        let ceiling = BuildBounds::default();
        let greedy = BuildBounds {
            timeout: Duration::MAX,
            memory: u64::MAX,
            ..ceiling
        };
        assert_eq!(greedy.within(&ceiling), ceiling);
        let modest = BuildBounds {
            memory: 1 << 30,
            ..ceiling
        };
        assert_eq!(modest.within(&ceiling), modest);
        let none = BuildBounds {
            memory: 0,
            ..ceiling
        };
        assert_eq!(none.check(), Err(BuildBoundsError::Memory));
        let instant = BuildBounds {
            timeout: Duration::ZERO,
            ..ceiling
        };
        assert_eq!(instant.check(), Err(BuildBoundsError::Timeout));
    }
}
