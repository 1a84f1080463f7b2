//! The hash that names a blob: SHA-256 of its bytes, written in hexadecimal digits.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::{files::blocking::blocking, model::BlobHash};

/// Bytes read at once.
const PIECE: usize = 256 * 1024;

/// The hash and the number of bytes of a file.
///
/// # Errors
/// If the file cannot be read.
pub async fn hash_file(path: &Path) -> io::Result<(BlobHash, u64)> {
    let path = path.to_owned();
    blocking(move || hash(&path)).await
}

/// The hash with these digits; `None` for any other text.
pub fn hash_of_digits(digits: &str) -> Option<BlobHash> {
    HEXLOWER.decode(digits.as_bytes()).ok()?.try_into().ok().map(BlobHash)
}

fn hash(path: &Path) -> io::Result<(BlobHash, u64)> {
    let (mut file, mut piece) = (File::open(path)?, vec![0; PIECE]);
    let (mut sum, mut length) = (Sha256::new(), 0);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok((BlobHash(sum.finalize().into()), length)),
            read => {
                sum.update(&piece[..read]);
                length += read as u64;
            }
        }
    }
}
