//! COPY and ADD on real directories: what is chosen, what it amounts to, and how it ends up.

mod destinations;
mod tree;
