//! PNG: a signature, then chunks with a type and a checksum.

use super::exif::orientation_alone;

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// Chunks that the picture needs for its colours and its animation.
const KEPT: [&[u8; 4]; 20] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"cICP", b"mDCV",
    b"cLLI", b"bKGD", b"pHYs", b"sPLT", b"hIST", b"acTL", b"fcTL", b"fdAT",
];
/// Bytes of a chunk's length, type and checksum.
const AROUND_BYTES: usize = 12;

pub(super) fn clean(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut rest = bytes.strip_prefix(SIGNATURE)?;
    let mut cleaned = Vec::with_capacity(bytes.len());
    cleaned.extend(SIGNATURE);
    loop {
        let length = usize::try_from(u32::from_be_bytes(*rest.first_chunk()?)).ok()?;
        let (chunk, behind) = rest.split_at_checked(length.checked_add(AROUND_BYTES)?)?;
        rest = behind;
        let name = chunk.get(4..8)?;
        if name == b"eXIf" {
            cleaned.extend(orientation_alone(&chunk[8..8 + length]).map(exif_chunk).unwrap_or_default());
        } else if KEPT.iter().any(|kept| *kept == name) {
            cleaned.extend(chunk);
        }
        if name == b"IEND" {
            return Some(cleaned);
        }
    }
}

fn exif_chunk(exif: Vec<u8>) -> Vec<u8> {
    let named = [b"eXIf", &exif[..]].concat();
    let length = u32::try_from(exif.len()).unwrap_or_default().to_be_bytes();
    [&length, &named[..], &crc32fast::hash(&named).to_be_bytes()].concat()
}
