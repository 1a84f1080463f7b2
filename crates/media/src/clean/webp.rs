//! WebP: RIFF chunks. The first chunk of the extended format has a flag for every kind of metadata.

use super::exif::orientation_alone;

const EXIF: &[u8; 4] = b"EXIF";
/// Chunks that the picture needs for its colours and its animation.
const KEPT: [&[u8; 4]; 7] = [b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"];
const EXIF_FLAG: u8 = 0x08;
const XMP_FLAG: u8 = 0x04;
/// The offset of the content of `VP8X`, after RIFF, its size, WEBP, the chunk's name and size.
const FLAGS_AT: usize = 20;

pub(super) fn clean(bytes: &[u8]) -> Option<Vec<u8>> {
    let size = usize::try_from(u32::from_le_bytes(*bytes.get(4..)?.first_chunk()?)).ok()?;
    let mut rest = bytes.get(12..size.checked_add(8)?.min(bytes.len()))?;
    let mut cleaned = bytes.get(..12)?.to_vec();
    let (mut turned, mut is_extended) = (None, false);
    while let Some((header, behind)) = rest.split_first_chunk::<8>() {
        let (name, length) = header.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_le_bytes(*length.first_chunk()?)).ok()?;
        let content = behind.get(..length)?;
        if name == EXIF && turned.is_none() {
            turned = orientation_alone(content.strip_prefix(b"Exif\0\0").unwrap_or(content));
        } else if KEPT.contains(&name) {
            is_extended |= name == b"VP8X";
            append(&mut cleaned, name, content);
        }
        rest = behind.get(length + length % 2..).unwrap_or_default();
    }
    if is_extended {
        let flags = cleaned.get_mut(FLAGS_AT)?;
        *flags &= !(EXIF_FLAG | XMP_FLAG);
        if let Some(exif) = turned {
            *flags |= EXIF_FLAG;
            append(&mut cleaned, EXIF, &exif);
        }
    }
    let size = u32::try_from(cleaned.len() - 8).ok()?;
    cleaned[4..8].copy_from_slice(&size.to_le_bytes());
    Some(cleaned)
}

/// Chunks have an even length.
fn append(to: &mut Vec<u8>, name: &[u8; 4], content: &[u8]) {
    to.extend(name);
    to.extend(u32::try_from(content.len()).unwrap_or_default().to_le_bytes());
    to.extend(content);
    to.extend(&[0][..content.len() % 2]);
}
