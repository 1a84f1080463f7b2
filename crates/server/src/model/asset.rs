//! A file of the browser's program.

use bytes::Bytes;

/// A file of a build, in one form: plain or compressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// With the ending of its compressed form, such as `daehwa.wasm.br`.
    pub name: String,
    pub content: Bytes,
}
