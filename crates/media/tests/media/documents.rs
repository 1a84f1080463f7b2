//! A12: documents of Hangul, LibreOffice and Office show the preview picture that their programs embed.

use std::io::Cursor;

use image::ImageFormat::{Bmp, Gif, Jpeg, Png, WebP};
use media::{
    kind::FileKind,
    preview::{LONG_SIDE, SmallPicture, TEXT_CHARS, of_document, of_picture, text_of_document},
    sniff::sniff,
};

use crate::samples::{
    containers::{archive, hwp, hwpx, office, utf16},
    pictures::{encoded, pdf, quarters},
};

const ODT: FileKind = FileKind::OpenDocument("application/vnd.oasis.opendocument.text");

fn shown(bytes: &[u8]) -> (FileKind, Option<SmallPicture>) {
    let mut source = Cursor::new(bytes);
    let kind = sniff(&mut source).unwrap();
    let made = if kind.is_picture() { of_picture(kind, bytes) } else { of_document(kind, &mut source) };
    (kind, made)
}

fn odt(entries: &[(&str, &[u8])]) -> Vec<u8> {
    archive(&[&[("mimetype", &b"application/vnd.oasis.opendocument.text"[..])], entries].concat())
}

#[test]
fn hangul_documents_show_their_picture() {
    const TEXT: &str = "2026년 예산안\r\n<구분><금액>\r\n\u{1}인건비 3,000만 원";
    let picture = |format| encoded(quarters(180, 256), format);
    let mut documents = 0;
    // As different versions write them: pictures of four formats, several sizes, with and without additional streams.
    for (format, ending) in [(Png, "png"), (Bmp, "bmp"), (Gif, "gif"), (Jpeg, "jpg")] {
        for further in 0..4 {
            let body = vec![b'x'; further * 70_000];
            let text = utf16(TEXT);
            let hwp = hwp(&[("PrvImage", &picture(format)), ("PrvText", &text), ("Summary", &body)]);
            let name = format!("Preview/PrvImage.{ending}");
            let entries: [(&str, &[u8]); 3] =
                [("Contents/section0.xml", &body), ("Preview/PrvText.txt", TEXT.as_bytes()), (&name, &picture(format))];
            for (bytes, kind) in [(hwp, FileKind::Hwp), (hwpx(&entries), FileKind::Hwpx)] {
                let (found, made) = shown(&bytes);
                let size = made.map(|made| (made.size.width, made.size.height));
                assert_eq!((found, size), (kind, Some((180, 256))), "{ending}");
                documents += 1;
            }
        }
    }
    assert!(documents >= 30);
}

#[test]
fn hangul_documents_have_the_beginning_of_their_text() {
    let text_of = |kind, bytes: Vec<u8>| text_of_document(kind, &mut Cursor::new(bytes));
    let of_hwp = |text: &str| text_of(FileKind::Hwp, hwp(&[("PrvText", &utf16(text))]));
    let of_hwpx = |bytes: &[u8]| text_of(FileKind::Hwpx, hwpx(&[("Preview/PrvText.txt", bytes)]));
    for (text, expected) in [
        ("2026년 예산안\r\n<구분><금액>\r\n\u{1}인건비 3,000만 원", Some("2026년 예산안 구분 금액 인건비 3,000만 원")),
        ("👩‍💻 𠀀", Some("👩‍💻 𠀀")),
        (" \r\n<><>", None),
        ("", None),
    ] {
        assert_eq!(of_hwp(text).as_deref(), expected);
        assert_eq!(of_hwpx(text.as_bytes()).as_deref(), expected);
        assert_eq!(
            of_hwpx(&[b"\xef\xbb\xbf", text.as_bytes()].concat()).as_deref(),
            expected,
            "with its byte order mark"
        );
    }
    for long in ["가".repeat(100_000), "가 ".repeat(100_000)] {
        assert_eq!(of_hwp(&long).unwrap().chars().count(), TEXT_CHARS);
    }
    assert_eq!(of_hwpx(&[0xff, b'a', 0xfe]).as_deref(), Some("a"), "not UTF-8");
    assert_eq!(text_of(FileKind::Hwp, hwp(&[("PrvText", b"a")])), None, "half a character");
    assert_eq!(text_of(FileKind::Hwp, hwp(&[])), None);
    assert_eq!(text_of(FileKind::Hwpx, hwpx(&[("Preview/PrvText.txt", &vec![b'a'; 5 * 1024 * 1024])])), None);
    assert_eq!(text_of(ODT, odt(&[("Preview/PrvText.txt", b"a")])), None);
}

#[test]
fn office_documents_show_their_thumbnail() {
    let (png, jpeg) = (encoded(quarters(128, 96), Png), encoded(quarters(128, 96), Jpeg));
    for bytes in [
        odt(&[("Thumbnails/thumbnail.png", &png)]),
        office("word", &[("docProps/thumbnail.jpeg", &jpeg)]),
        office("xl", &[("docProps/thumbnail.png", &png)]),
        office("ppt", &[("docprops/Thumbnail.JPEG", &jpeg)]),
    ] {
        let (kind, made) = shown(&bytes);
        assert_eq!(made.map(|made| made.size.width), Some(128), "{kind:?}");
    }
}

#[test]
fn documents_without_a_preview_are_files() {
    let emf = b"\x01\0\0\0\x6c\0\0\0";
    // A valid picture that is too long to be extracted.
    let vast = encoded(quarters(1400, 1400), Bmp);
    assert!(vast.len() > 4 * 1024 * 1024);
    for (bytes, expected) in [
        (hwp(&[]), FileKind::Hwp),
        (hwp(&[("PrvImage", b"no picture"), ("PrvText", b"")]), FileKind::Hwp),
        (hwp(&[("PrvImage", &vast)]), FileKind::Hwp),
        (hwpx(&[]), FileKind::Hwpx),
        (hwpx(&[("Preview/PrvImage.png", b"\x89PNG")]), FileKind::Hwpx),
        (hwpx(&[("Preview/PrvImage.png", &vast)]), FileKind::Hwpx),
        (odt(&[]), ODT),
        (office("word", &[("docProps/thumbnail.emf", emf)]), office_kind()),
    ] {
        let (kind, made) = shown(&bytes);
        assert_eq!((kind, made.is_some()), (expected, false));
    }
}

fn office_kind() -> FileKind {
    FileKind::OfficeXml("application/vnd.openxmlformats-officedocument.wordprocessingml.document")
}

/// A file of each kind that has a preview.
fn previewed() -> Vec<Vec<u8>> {
    let picture = |format| encoded(quarters(90, 128), format);
    let entry = |ending: &str| format!("Preview/PrvImage.{ending}");
    let mut files: Vec<_> = [Png, Jpeg, Gif, WebP].map(picture).into();
    files.extend([pdf(612, 792), odt(&[("Thumbnails/thumbnail.png", &picture(Png))])]);
    files.push(office("word", &[("docProps/thumbnail.jpeg", &picture(Jpeg))]));
    for (format, ending) in [(Png, "png"), (Bmp, "bmp"), (Gif, "gif"), (Jpeg, "jpg")] {
        files.push(hwp(&[("PrvImage", &picture(format))]));
        files.push(hwpx(&[(&entry(ending), &picture(format))]));
    }
    files
}

#[test]
fn no_cut_and_no_turned_byte_makes_a_preview_of_a_wrong_size() {
    for whole in previewed() {
        assert!(shown(&whole).1.is_some());
        let step = (whole.len() / 41).max(1);
        for at in (0..whole.len()).step_by(step) {
            let mut turned = whole.clone();
            turned[at] ^= 0xff;
            for malformed in [&whole[..at], &turned] {
                let (_, made) = shown(malformed);
                let sizes =
                    made.map(|made| (made.size.width.max(made.size.height), made.size.width.min(made.size.height)));
                assert!(sizes.is_none_or(|(long, short)| long <= LONG_SIDE && short > 0));
            }
        }
    }
}
