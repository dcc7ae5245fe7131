//! Files of a build on their way: chosen, hashed and put in place, over directory descriptors.
