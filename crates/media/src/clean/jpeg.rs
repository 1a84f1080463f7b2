//! JPEG: segments with markers, scans of compressed data between them (ITU T.81, annex B).

use super::exif::orientation_alone;

const START: [u8; 2] = [0xff, 0xd8];
const END: [u8; 2] = [0xff, 0xd9];
const EXIF: &[u8] = b"Exif\0\0";
/// Bytes of a JFIF segment before its thumbnail.
const JFIF_BYTES: usize = 14;

pub(super) fn clean(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut rest = bytes.strip_prefix(&START)?;
    let (mut head, mut body, mut turned) = (START.to_vec(), Vec::with_capacity(bytes.len()), None);
    while let Some(marker) = next_marker(&mut rest) {
        match marker {
            0xd9 => break,
            // Markers without content have no meaning between segments.
            0x00 | 0x01 | 0xd0..=0xd8 => continue,
            _ => {}
        }
        let content = segment(&mut rest)?;
        match marker {
            0xe0 if content.starts_with(b"JFIF\0") && head.len() == START.len() => append_jfif(&mut head, content),
            0xe1 if turned.is_none() => turned = content.strip_prefix(EXIF).map(orientation_alone),
            _ if is_kept(marker, content) => append(&mut body, marker, content),
            _ => {}
        }
        if marker == 0xda {
            body.extend(scan(&mut rest));
        }
    }
    if let Some(orientation) = turned.flatten() {
        append(&mut head, 0xe1, &[EXIF, &orientation].concat());
    }
    head.append(&mut body);
    head.extend(END);
    Some(head)
}

/// Whether a segment is needed to show the picture in its colours.
fn is_kept(marker: u8, content: &[u8]) -> bool {
    match marker {
        // Tables, frames, scans.
        0xc0..=0xcf | 0xda..=0xdf => true,
        0xe2 => content.starts_with(b"ICC_PROFILE\0"),
        // The colour space of the components.
        0xee => content.starts_with(b"Adobe"),
        _ => false,
    }
}

/// The next marker, without fill bytes; `None` at the end of the file.
fn next_marker(rest: &mut &[u8]) -> Option<u8> {
    let at = rest.iter().position(|byte| *byte == 0xff)?;
    let behind = rest.get(at..)?;
    let marker = behind.iter().position(|byte| *byte != 0xff)?;
    *rest = behind.get(marker + 1..)?;
    Some(behind[marker])
}

/// The content of a segment; its length counts itself.
fn segment<'b>(rest: &mut &'b [u8]) -> Option<&'b [u8]> {
    let (length, behind) = rest.split_first_chunk()?;
    let length = usize::from(u16::from_be_bytes(*length)).checked_sub(2)?;
    let (content, behind) = behind.split_at_checked(length)?;
    *rest = behind;
    Some(content)
}

/// The compressed data up to the next marker. In it 0xff is followed by 0 or is a restart marker.
fn scan<'b>(rest: &mut &'b [u8]) -> &'b [u8] {
    let is_end = |at: &usize| rest.get(at + 1).is_some_and(|next| !matches!(next, 0 | 0xd0..=0xd7 | 0xff));
    let end = memchr::memchr_iter(0xff, rest).find(is_end).unwrap_or(rest.len());
    let (scan, behind) = rest.split_at(end);
    *rest = behind;
    scan
}

fn append(to: &mut Vec<u8>, marker: u8, content: &[u8]) {
    // The content was read from a segment, or is an orientation alone: it fits.
    let length = u16::try_from(content.len() + 2).unwrap_or(u16::MAX);
    to.extend([0xff, marker]);
    to.extend(length.to_be_bytes());
    to.extend(content);
}

/// Appends JFIF without its thumbnail, which shows what was cropped.
fn append_jfif(to: &mut Vec<u8>, content: &[u8]) {
    let mut header = content.get(..JFIF_BYTES).unwrap_or(b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0").to_vec();
    header[JFIF_BYTES - 2..].fill(0);
    append(to, 0xe0, &header);
}
