//! Documents that are containers: ZIP and OLE.

use std::io::{Cursor, Write};

use cfb::CompoundFile;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// An archive of these entries; `mimetype` is stored, as its standard wants it.
pub(crate) fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        let method = if *name == "mimetype" { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        writer.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// An OLE file of these streams.
pub(crate) fn compound(streams: &[(&str, &[u8])]) -> Vec<u8> {
    let mut file = CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    for (name, content) in streams {
        file.create_stream(format!("/{name}")).unwrap().write_all(content).unwrap();
    }
    file.flush().unwrap();
    file.into_inner().into_inner()
}

/// An HWP 5 document with these streams in addition to its header.
pub(crate) fn hwp(streams: &[(&str, &[u8])]) -> Vec<u8> {
    let mut header = b"HWP Document File".to_vec();
    header.resize(256, 0);
    let own: [(&str, &[u8]); 2] = [("FileHeader", &header), ("DocInfo", b"\0")];
    compound(&[&own[..], streams].concat())
}

/// An HWPX document with these entries in addition to its own.
pub(crate) fn hwpx(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let own: [(&str, &[u8]); 2] = [("mimetype", b"application/hwp+zip"), ("Contents/header.xml", b"<hh:head/>")];
    archive(&[&own[..], entries].concat())
}

/// An Office document: `folder` is `word`, `xl` or `ppt`.
pub(crate) fn office(folder: &str, entries: &[(&str, &[u8])]) -> Vec<u8> {
    let part = format!("{folder}/document.xml");
    let own: [(&str, &[u8]); 2] = [("[Content_Types].xml", b"<Types/>"), (&part, b"<w/>")];
    archive(&[&own[..], entries].concat())
}

/// A text as HWP's `PrvText` has it.
pub(crate) fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}
