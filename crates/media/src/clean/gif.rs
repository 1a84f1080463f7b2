//! GIF: a list of blocks. Comments and XMP are in extension blocks.

/// Applications whose extensions belong to the picture: loops and the colour profile.
const KEPT: [&[u8; 11]; 3] = [b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012"];
const TRAILER: u8 = 0x3b;

pub(super) fn clean(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut at = 13 + colours(*bytes.get(10)?);
    let mut cleaned = bytes.get(..at)?.to_vec();
    loop {
        let start = at;
        // Some writers leave the trailer out.
        let is_kept = match bytes.get(at).copied().unwrap_or(TRAILER) {
            TRAILER => {
                cleaned.push(TRAILER);
                return Some(cleaned);
            }
            0x21 => {
                at = blocks_end(bytes, at + 2)?;
                match *bytes.get(start + 1)? {
                    // The timing and transparency of the next frame.
                    0xf9 => true,
                    0xff => KEPT.iter().any(|name| bytes.get(start + 3..start + 14) == Some(&name[..])),
                    _ => false,
                }
            }
            0x2c => {
                at = blocks_end(bytes, at + 11 + colours(*bytes.get(at + 9)?))?;
                true
            }
            _ => return None,
        };
        if is_kept {
            cleaned.extend(bytes.get(start..at)?);
        }
    }
}

/// Bytes of a colour table, by the flags that announce it.
fn colours(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

/// The offset behind a run of blocks, which an empty block ends.
fn blocks_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let length = usize::from(*bytes.get(at)?);
        at += 1 + length;
        if length == 0 {
            return Some(at);
        }
    }
}
