//! COPY and ADD on real directories: what is chosen, what it amounts to, and how it ends up.

mod attacks;
mod caching;
mod choosing;
mod destinations;
mod passing;
mod port;
mod random_tree;
mod results;
mod tree;
