//! F2: a file's bytes decide its kind.

use std::io::Cursor;

use image::ImageFormat::{Gif, Jpeg, Png, WebP};
use media::{
    kind::{is_inline, is_picture},
    sniff::sniff,
};

use crate::samples::{
    containers::{archive, compound, hwp, hwpx, office},
    pictures::{encoded, quarters},
};

fn media_type(bytes: &[u8]) -> &'static str {
    sniff(&mut Cursor::new(bytes)).unwrap().media_type()
}

fn picture(format: image::ImageFormat) -> Vec<u8> {
    encoded(quarters(16, 12), format)
}

#[test]
fn pictures_are_shown_in_place() {
    for (format, expected) in [(Png, "image/png"), (Jpeg, "image/jpeg"), (Gif, "image/gif"), (WebP, "image/webp")] {
        let found = media_type(&picture(format));
        assert_eq!(found, expected);
        assert!(is_inline(found) && is_picture(found));
    }
}

#[test]
fn sound_and_video_are_shown_in_place() {
    let mp4 = b"\0\0\0\x18ftypisom\0\0\0\0isommp42\0\0\0\x08free";
    let m4a = b"\0\0\0\x18ftypM4A \0\0\0\0M4A mp42\0\0\0\x08free";
    let webm = [&b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm"[..], &[0; 300]].concat();
    let wav = b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0";
    for (bytes, expected) in [
        (&mp4[..], "video/mp4"),
        (m4a, "audio/mp4"),
        (&webm, "video/webm"),
        (b"ID3\x04\0\0\0\0\0\0", "audio/mpeg"),
        (b"OggS\0\x02\0\0\0\0", "audio/ogg"),
        (wav, "audio/wav"),
    ] {
        assert_eq!(media_type(bytes), expected);
        assert!(is_inline(expected));
    }
    assert!(!is_inline(media_type(b"\0\0\0\x14ftypqt  \0\0\0\0qt  ")), "QuickTime");
}

#[test]
fn documents_are_known_and_downloaded() {
    const OFFICE: &str = "application/vnd.openxmlformats-officedocument.";
    let odt = archive(&[("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", b"<x/>")]);
    for (bytes, expected) in [
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec(), "application/pdf".to_owned()),
        (hwp(&[]), "application/x-hwp".into()),
        (hwpx(&[]), "application/hwp+zip".into()),
        (odt, "application/vnd.oasis.opendocument.text".into()),
        (office("word", &[]), format!("{OFFICE}wordprocessingml.document")),
        (office("xl", &[]), format!("{OFFICE}spreadsheetml.sheet")),
        (office("ppt", &[]), format!("{OFFICE}presentationml.presentation")),
        (archive(&[("word/readme.txt", b"no document")]), "application/zip".into()),
        (archive(&[("META-INF/MANIFEST.MF", b"x")]), "application/java-archive".into()),
        (compound(&[("WordDocument", b"x")]), "application/msword".into()),
        (compound(&[("Other", b"x")]), "application/x-ole-storage".into()),
        (b"PK\x03\x04 and nothing".to_vec(), "application/zip".into()),
        (b"MZ\x90\0\x03\0\0\0".to_vec(), "application/vnd.microsoft.portable-executable".into()),
    ] {
        assert_eq!(media_type(&bytes), expected);
        assert!(!is_inline(&expected));
    }
}

#[test]
fn a_text_names_its_encoding() {
    let (cp949, _, _) = encoding_rs::EUC_KR.encode("회의록: 내일 세 시에 뵙겠습니다.\r\n");
    let utf16 = |text: &str| [&[0xff, 0xfe][..], &crate::samples::containers::utf16(text)].concat();
    for (bytes, charset) in [
        ("회의록\n".as_bytes().to_vec(), "utf-8"),
        (b"a,b\r\n1,2\r\n".to_vec(), "utf-8"),
        (b"\xef\xbb\xbfid,name".to_vec(), "utf-8"),
        ("<김민수> 안녕하세요".into(), "utf-8"),
        (b"<3 it".to_vec(), "utf-8"),
        (b"fn main() { if a < b {} }".to_vec(), "utf-8"),
        (utf16("회의록"), "utf-16le"),
        (cp949.to_vec(), "euc-kr"),
    ] {
        let found = media_type(&bytes);
        assert_eq!(found, format!("text/plain; charset={charset}"), "{}", String::from_utf8_lossy(&bytes));
        assert!(is_inline(found));
    }
    let long = "가".repeat(30_000);
    assert_eq!(media_type(long.as_bytes()), "text/plain; charset=utf-8", "its beginning ends within a character");
    for binary in [&b"a\0b"[..], b"\xff\xff\xff\xff", b"", b"\x01\x02"] {
        assert_eq!(media_type(binary), "application/octet-stream", "{binary:?}");
    }
}

/// Web pages, drawings and messages in every disguise: the declared type does not matter.
const ACTIVE: [(&str, &str); 24] = [
    ("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "image/svg+xml"),
    ("\u{feff}<?xml version='1.0'?><!-- x --><svg onload='alert(1)'/>", "image/svg+xml"),
    ("<?xml version='1.0'?><!DOCTYPE svg [<!ENTITY a 'b'>]><svg>&a;</svg>", "image/svg+xml"),
    ("<!-- a --><svg/>", "image/svg+xml"),
    ("<x:svg xmlns:x='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
    ("<!DOCTYPE html><p>x", "text/html"),
    (" \n\t<HTML><body onload=alert(1)>", "text/html"),
    ("<script>alert(1)</script>", "text/html"),
    ("<ScRiPt src=//x></ScRiPt>", "text/html"),
    ("<!-- --><script>alert(1)</script>", "text/html"),
    ("<img src=x onerror=alert(1)><body >", "text/html"),
    ("<iframe src=javascript:alert(1)>", "text/html"),
    ("<a href=javascript:alert(1)>x</a>", "text/html"),
    ("<table background=x>", "text/html"),
    ("<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><script/></html>", "text/html"),
    ("<?xml version='1.0'?><?xml-stylesheet href='x.xsl'?><a/>", "application/xml"),
    ("<note><to>x</to></note>", "application/xml"),
    ("MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x", "multipart/related"),
    ("From: <Saved by Blink>\r\nmime-version: 1.0\r\nContent-Type: multipart/related;", "multipart/related"),
    ("From: a@b\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<p>x", "message/rfc822"),
    ("hello <script>alert(1)</script>", "application/octet-stream"),
    ("var a = '<html>'; // <!doctype html>", "application/octet-stream"),
    ("<?php echo 1; ?>", "text/html"),
    ("text <svg onload=alert(1)>", "application/octet-stream"),
];

#[test]
fn pages_drawings_and_messages_are_downloaded() {
    for (text, expected) in ACTIVE {
        assert_eq!(media_type(text.as_bytes()), expected, "{text}");
        assert!(!is_inline(expected));
        let utf16 = [&[0xff, 0xfe][..], &crate::samples::containers::utf16(text)].concat();
        assert!(!is_inline(media_type(&utf16)), "{text} in UTF-16");
    }
}

#[test]
fn polyglots_are_downloaded() {
    let jar = archive(&[("META-INF/MANIFEST.MF", b"Main-Class: x"), ("x.class", b"\xca\xfe\xba\xbe")]);
    let with = |format, what: &[u8]| [&picture(format)[..], what].concat();
    let script = b"<script>alert(1)</script>";
    let mut commented = picture(Jpeg);
    commented.splice(2..2, *b"\xff\xe0/*");
    let mut text_chunk = picture(Png);
    text_chunk.splice(33..33, [&b"\0\0\0\x19tEXt"[..], script, b"\0\0\0\0"].concat());
    let far = [&picture(Jpeg)[..], &vec![0; 700_000], b"<sCRIPT\n>"].concat();
    for (bytes, what) in [
        (with(Gif, &jar), "GIFAR"),
        (with(Jpeg, &jar), "JPEG and JAR"),
        (with(Png, &[&jar[..], b"trailing bytes"].concat()), "an archive that does not end the file"),
        (with(Gif, script), "GIF and page"),
        (with(Png, b"<HTML ><p>"), "PNG and page"),
        (with(WebP, b"<svg onload=alert(1)>"), "WebP and drawing"),
        (with(Jpeg, b"<?php system(1); ?>"), "JPEG and PHP"),
        ([b"GIF89a/*", &picture(Gif)[8..]].concat(), "GIF and script"),
        (commented, "JPEG and script"),
        (text_chunk, "page in a PNG's text"),
        (far, "page far behind a picture"),
        ([&b"RIFF/*\0\0WEBP"[..], &picture(WebP)[12..]].concat(), "WebP and script"),
        (b"%PDF-1.4\n<html><script>alert(1)</script>".to_vec(), "PDF and page"),
        ([b"ID3\x04\0\0\0\0\0\x20", &script[..]].concat(), "MP3 and page"),
    ] {
        assert_eq!(media_type(&bytes), "application/octet-stream", "{what}");
    }
}

#[test]
fn a_page_before_the_bytes_of_a_picture_is_a_page() {
    for bytes in [&b"<html>%PDF-1.4"[..], b"<!doctype html>\x20GIF89a"] {
        assert_eq!(media_type(bytes), "text/html");
    }
}

#[test]
fn pictures_with_words_in_their_metadata_stay_pictures() {
    let xmp =
        b"<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?><x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF/></x:xmpmeta>";
    let mut bytes = picture(Jpeg);
    let length = u16::try_from(xmp.len() + 31).unwrap().to_be_bytes();
    bytes.splice(2..2, [&[0xff, 0xe1][..], &length, b"http://ns.adobe.com/xap/1.0/\0", xmp].concat());
    assert_eq!(media_type(&bytes), "image/jpeg");
}
