//! Real programs, as people build them: with compilers, package managers and bundlers, upon a real distribution. Each is
//! run by dockerd afterwards.

mod debian;
mod front_end;
mod go;
mod python;
