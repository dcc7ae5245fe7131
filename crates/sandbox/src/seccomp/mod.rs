//! The filter of system calls: Docker's default profile, compiled to the kernel's classic BPF.
//!
//! Written by hand instead of with a library: conditions compare the low 32 bits, as the kernel itself does for flags and
//! address families (a 64-bit comparison lets `socket(1 << 32 | AF_VSOCK)` pass), programs of the 32-bit architecture
//! keep working, and it takes well under a millisecond at run time.

mod bpf;
mod table;

pub(crate) use bpf::compile;
pub(crate) use table::Profile;
