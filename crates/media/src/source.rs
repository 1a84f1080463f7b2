//! Where the bytes of a file are read from.

use std::io::{Read, Seek};

/// A file that can be read anywhere.
pub trait FileSource: Read + Seek {}

impl<T: Read + Seek> FileSource for T {}
