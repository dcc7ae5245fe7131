//! Cells: this program again, with ids, a root, processes, a network and limits of its own, in which it is root.
//!
//! What runs in a cell can start steps and jobs of its own ([`Host::of_cell`](crate::Host::of_cell)), and reaches nothing
//! of the machine but read-only programs, one folder that was given to it, and one socket. Its ids are nobody's outside:
//! it can neither open what belongs to who started it nor send it a signal. It ends, with everything below it, when its
//! starter lets go of it or dies.
//!
//! What the program does in there and what the socket is for is the caller's affair. The build worker is started here.

mod cells;
mod note;
mod running;

pub use cells::{CELL_FOLDER, Cell, Cells};
pub(crate) use note::{CellNote, GROUPS, NOTE};
pub use running::{CellExit, RunningCell};
