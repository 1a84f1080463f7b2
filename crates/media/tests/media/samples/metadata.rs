//! Metadata that phones and programs write next to the pixels. Every text that must not be sent contains `CANARY`.

/// EXIF with a camera, a time, a location and a thumbnail, in one of the two byte orders.
pub(crate) fn exif(orientation: u8, is_little: bool) -> Vec<u8> {
    let tiff = Tiff { is_little };
    let (ascii, short, long, rational, undefined) = (2, 3, 4, 5, 7);
    let camera = tiff.directory(
        8,
        &[
            (0x010f, ascii, b"CANARY Electronics\0".to_vec()),
            (0x0112, short, tiff.shorts(&[u16::from(orientation)])),
            (0x0132, ascii, b"2026:11:29 CANARY 1\0".to_vec()),
            (0x8769, long, tiff.longs(&[300])),
            (0x8825, long, tiff.longs(&[500])),
        ],
    );
    let shot = tiff.directory(
        300,
        &[(0x9003, ascii, b"2026:11:29 CANARY 2\0".to_vec()), (0x927c, undefined, b"CANARY of the maker".to_vec())],
    );
    let location = tiff.directory(
        500,
        &[
            (1, ascii, b"N\0".to_vec()),
            (2, rational, tiff.longs(&[37, 1, 33, 1, 59, 1])),
            (3, ascii, b"E\0".to_vec()),
            (4, rational, tiff.longs(&[126, 1, 58, 1, 41, 1])),
            (0x1b, undefined, b"CANARY method".to_vec()),
        ],
    );
    let mut bytes = if is_little { b"II\x2a\0\x08\0\0\0".to_vec() } else { b"MM\0\x2a\0\0\0\x08".to_vec() };
    for (at, directory) in [(8, camera), (300, shot), (500, location)] {
        bytes.resize(at, 0);
        bytes.extend(directory);
    }
    bytes
}

struct Tiff {
    is_little: bool,
}

impl Tiff {
    fn shorts(&self, values: &[u16]) -> Vec<u8> {
        values.iter().flat_map(|value| if self.is_little { value.to_le_bytes() } else { value.to_be_bytes() }).collect()
    }

    fn longs(&self, values: &[u32]) -> Vec<u8> {
        values.iter().flat_map(|value| if self.is_little { value.to_le_bytes() } else { value.to_be_bytes() }).collect()
    }

    /// A directory at `at` of entries of (tag, type, value). Values that do not fit follow it.
    fn directory(&self, at: u32, entries: &[(u16, u16, Vec<u8>)]) -> Vec<u8> {
        let mut behind = Vec::new();
        let mut bytes = self.shorts(&[u16::try_from(entries.len()).unwrap()]);
        let values_at = at + 2 + 12 * u32::try_from(entries.len()).unwrap() + 4;
        for (tag, kind, value) in entries {
            let size = [1, 1, 2, 4, 8, 1, 1][usize::from(*kind) - 1];
            bytes.extend(self.shorts(&[*tag, *kind]));
            bytes.extend(self.longs(&[u32::try_from(value.len() / size).unwrap()]));
            if value.len() <= 4 {
                bytes.extend(value.iter().chain(&[0; 4]).take(4));
            } else {
                bytes.extend(self.longs(&[values_at + u32::try_from(behind.len()).unwrap()]));
                behind.extend(value);
                behind.resize(behind.len().next_multiple_of(2), 0);
            }
        }
        bytes.extend([0; 4]);
        bytes.extend(behind);
        bytes
    }
}

pub(crate) const XMP: &[u8] =
    b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:Description exif:GPSLatitude='37,33.99N CANARY'/></x:xmpmeta>";

/// A colour profile of RGB with this many bytes.
pub(crate) fn profile(length: usize) -> Vec<u8> {
    let mut profile: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
    profile[16..20].copy_from_slice(b"RGB ");
    profile[36..40].copy_from_slice(b"acsp");
    profile
}

/// A JPEG with everything that a phone writes: JFIF with a thumbnail, EXIF, XMP, IPTC, a comment, the profile, the
/// directory of a second picture, and behind the picture a video with its own location.
pub(crate) fn phone_jpeg(jpeg: &[u8], exif: &[u8], profile: &[u8]) -> Vec<u8> {
    let jfif = segment(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\x02\x02CANARY thumb");
    let chunks = profile.chunks(60_000);
    let count = u8::try_from(chunks.len()).unwrap();
    let profiles =
        chunks.zip(1..).flat_map(|(part, at)| segment(0xe2, &[b"ICC_PROFILE\0", &[at, count][..], part].concat()));
    let head = [
        jfif,
        segment(0xe1, &[b"Exif\0\0", exif].concat()),
        segment(0xe1, &[b"http://ns.adobe.com/xap/1.0/\0", XMP].concat()),
        segment(
            0xe1,
            b"http://ns.adobe.com/xmp/extension/\x000123456789ABCDEF0123456789ABCDEF\0\0\0\x06\0\0\0\0CANARY",
        ),
        segment(0xe2, b"MPF\0CANARY"),
        segment(0xed, b"Photoshop 3.0\08BIM\x04\x04\0\0\0\0\0\x06CANARY"),
        segment(0xeb, b"CANARY HDR"),
        segment(0xfe, b"CANARY comment"),
        profiles.collect(),
    ]
    .concat();
    let own_jfif = 2 + 2 + usize::from(u16::from_be_bytes([jpeg[4], jpeg[5]]));
    let (body, end) = jpeg[own_jfif..].split_at(jpeg.len() - own_jfif - 2);
    let between_scans = segment(0xfe, b"CANARY between scans");
    let video = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom\xa9xyz+37.5665+126.9780/CANARY";
    [&jpeg[..2], &head, body, &between_scans, end, &phone_trailer(exif), video].concat()
}

/// A second, whole picture.
fn phone_trailer(exif: &[u8]) -> Vec<u8> {
    [&[0xff, 0xd8][..], &segment(0xe1, &[b"Exif\0\0", exif].concat()), &[0xff, 0xd9]].concat()
}

fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    [&[0xff, marker][..], &u16::try_from(content.len() + 2).unwrap().to_be_bytes(), content].concat()
}

/// A PNG with EXIF, texts, a time, and bytes behind its end.
pub(crate) fn phone_png(png: &[u8], exif: &[u8]) -> Vec<u8> {
    let chunks = [
        chunk(b"eXIf", exif),
        chunk(b"tEXt", b"Comment\0CANARY"),
        chunk(b"zTXt", b"Comment\0\0CANARY"),
        chunk(b"iTXt", &[b"XML:com.adobe.xmp\0\0\0\0\0", XMP].concat()),
        chunk(b"tIME", b"CANARY\0"),
        chunk(b"caBX", b"CANARY"),
    ];
    let after_header = 8 + 25;
    [&png[..after_header], &chunks.concat(), &png[after_header..], b"CANARY"].concat()
}

fn chunk(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let named = [&name[..], content].concat();
    let crc = crc32fast::hash(&named).to_be_bytes();
    [&u32::try_from(content.len()).unwrap().to_be_bytes(), &named[..], &crc].concat()
}

/// A WebP in the extended format with a profile, EXIF and XMP.
pub(crate) fn phone_webp(webp: &[u8], (width, height): (u32, u32), exif: &[u8], profile: &[u8]) -> Vec<u8> {
    let side = |side: u32| (side - 1).to_le_bytes()[..3].to_vec();
    let extended = [&[0x2c, 0, 0, 0][..], &side(width), &side(height)].concat();
    let chunks = [
        riff(b"VP8X", &extended),
        riff(b"ICCP", profile),
        webp[12..].to_vec(),
        riff(b"EXIF", exif),
        riff(b"XMP ", XMP),
        riff(b"ABCD", b"CANARY"),
    ]
    .concat();
    let size = u32::try_from(chunks.len() + 4).unwrap().to_le_bytes();
    [b"RIFF", &size[..], b"WEBP", &chunks, b"CANARY"].concat()
}

fn riff(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_le_bytes();
    [&name[..], &length, content, &[0][..content.len() % 2]].concat()
}

/// A GIF with a comment and XMP before its first frame.
pub(crate) fn talking_gif(gif: &[u8]) -> Vec<u8> {
    let colours = if gif[10] & 0x80 == 0 { 0 } else { 3 << ((gif[10] & 7) + 1) };
    let at = 13 + colours;
    let comment = b"\x21\xfe\x06CANARY\0";
    let xmp = b"\x21\xff\x0bXMP DataXMP\x06CANARY\0";
    let looped = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0";
    [&gif[..at], comment, xmp, looped, &gif[at..], b"CANARY"].concat()
}

fn media_box(kind: &[u8; 4], content: &[&[u8]]) -> Vec<u8> {
    let content = content.concat();
    [&(content.len() as u32 + 8).to_be_bytes()[..], kind, &content].concat()
}

/// The time of creation: a letter for each byte, so that a test finds it.
const MADE_AT: &[u8] = b"CANARYCA";

/// A film as phones make it: locations in `udta` and `meta`, times, a track of movements, XMP at the end.
pub(crate) fn phone_film(brand: &[u8; 4]) -> Vec<u8> {
    let header = |kind| media_box(kind, &[&[0; 4], MADE_AT, &[1; 12]]);
    let track = |handler: &[u8; 4], more: &[u8]| {
        let handler = media_box(b"hdlr", &[&[0; 8], handler, &[0; 13]]);
        let media = media_box(b"mdia", &[&header(b"mdhd"), &handler, &media_box(b"minf", &[b"tables"])]);
        media_box(b"trak", &[&header(b"tkhd"), &media, more])
    };
    let location = media_box(b"\xa9xyz", &[b"+37.5665+126.9780/CANARY"]);
    let words = media_box(b"udta", &[&location]);
    let film = media_box(
        b"moov",
        &[
            &header(b"mvhd"),
            &track(b"vide", &words),
            &track(b"meta", b""),
            &words,
            &media_box(b"meta", &[b"com.apple.quicktime.location.ISO6709 CANARY"]),
        ],
    );
    let picture = media_box(b"mdat", &[&[7; 100_000]]);
    let behind = media_box(b"uuid", &[&[0xbe; 16], b"<x:xmpmeta>CANARY"]);
    [media_box(b"ftyp", &[brand, &[0; 4], brand]), film, picture, behind].concat()
}

/// A HEIC picture: EXIF and XMP are items, one in `mdat` and one in the `meta` box itself.
pub(crate) fn phone_heic() -> Vec<u8> {
    let (exif, xmp) = (b"\0\0\0\x06Exif\0\0CANARY of EXIF", b"<x:xmpmeta>CANARY");
    let info = |id: u8, kind: &[u8; 4]| media_box(b"infe", &[&[2, 0, 0, 0], &[0, id, 0, 0], kind, b"\0"]);
    let infos = media_box(b"iinf", &[&[0, 0, 0, 0, 0, 3], &info(1, b"hvc1"), &info(2, b"Exif"), &info(3, b"mime")]);
    let kind = media_box(b"ftyp", &[b"heic", &[0; 4], b"mif1heic"]);
    let location = |id: u8, method: u8, at: u32, length: u32| {
        [&[0, id, 0, method, 0, 0, 0, 1][..], &at.to_be_bytes(), &length.to_be_bytes()].concat()
    };
    // The picture, then EXIF, in `mdat`, whose offset depends on the length of the table alone.
    let structure = |at: u32| {
        let table =
            [location(1, 0, at, 64), location(2, 0, at + 64, exif.len() as u32), location(3, 1, 0, xmp.len() as u32)]
                .concat();
        let locations = media_box(b"iloc", &[&[1, 0, 0, 0, 0x44, 0, 0, 3], &table]);
        media_box(b"meta", &[&[0; 4], &infos, &locations, &media_box(b"idat", &[xmp])])
    };
    let at = (kind.len() + structure(0).len() + 8) as u32;
    [kind, structure(at), media_box(b"mdat", &[&[7; 64], exif])].concat()
}
