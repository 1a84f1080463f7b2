//! Reads the bytes of a file.

use std::io::{Read, Seek};

/// A file with random access.
pub trait FileSource: Read + Seek {}

impl<T: Read + Seek> FileSource for T {}
