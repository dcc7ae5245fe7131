//! Whether the values of an expanded instruction make sense.

use super::Instruction;
use crate::Problem;

impl Instruction {
    /// Fails on what no build could use: modes, checksums, sources of the wrong kind, ports, signals. Call it after
    /// [`expand`](Instruction::expand); before, a variable is no value.
    pub fn check(&self) -> Result<(), Problem> {
        match self {
            Instruction::Copy(copy) => {
                copy.parse_chmod()?;
                copy.check_sources()
            }
            Instruction::Add(add) => {
                add.parse_chmod()?;
                add.check_sources()
            }
            Instruction::Expose(expose) => expose.parse_ports().map(|_| ()),
            Instruction::StopSignal(stop) => stop.check(),
            _ => Ok(()),
        }
    }
}
