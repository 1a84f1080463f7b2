//! Detection of a table's encoding. Korean spreadsheets write CP949 by default, some write UTF-16.

use std::borrow::Cow;

use encoding_rs::{EUC_KR, Encoding, UTF_16BE, UTF_16LE};

/// The encoding of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextEncoding {
    Utf8,
    Utf16,
    /// EUC-KR with the extensions of Windows.
    Cp949,
}

/// Why bytes cannot be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DecodingError {
    /// A workbook of a spreadsheet program, not text.
    Workbook,
    /// The encoding is unknown. `line`, from 1, is the first that cannot be decoded.
    Unknown { line: u64 },
}

/// The signatures of Zip (.xlsx) and OLE (.xls).
const WORKBOOKS: [&[u8]; 2] = [b"PK\x03\x04", b"\xD0\xCF\x11\xE0"];

/// The text with `\n` as line ends and without a byte order mark.
pub(super) fn decode(bytes: &[u8]) -> Result<(String, TextEncoding), DecodingError> {
    if WORKBOOKS.iter().any(|begin| bytes.starts_with(begin)) {
        return Err(DecodingError::Workbook);
    }
    let (encoding, rest) = match Encoding::for_bom(bytes) {
        Some((encoding, mark)) => (Some(encoding), &bytes[mark..]),
        None => (without_mark(bytes), bytes),
    };
    let (text, name) = match encoding {
        Some(encoding) if encoding == UTF_16LE || encoding == UTF_16BE => (strict(encoding, rest), TextEncoding::Utf16),
        _ => match std::str::from_utf8(rest) {
            Ok(text) => (Some(Cow::Borrowed(text)), TextEncoding::Utf8),
            Err(_) if is_damaged_utf8(rest) || !looks_korean(rest) => (None, TextEncoding::Utf8),
            Err(_) => (strict(EUC_KR, rest), TextEncoding::Cp949),
        },
    };
    let text = text.ok_or_else(|| DecodingError::Unknown { line: first_invalid_line(rest) })?;
    Ok((text.replace("\r\n", "\n").replace('\r', "\n"), name))
}

fn strict<'b>(encoding: &'static Encoding, bytes: &'b [u8]) -> Option<Cow<'b, str>> {
    encoding.decode_without_bom_handling_and_without_replacement(bytes)
}

/// Detects UTF-16 without a byte order mark: line ends and separators are ASCII, so either the even or the odd bytes
/// contain zeros, but not both.
fn without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let is_zero_at = |offset: usize| bytes.iter().skip(offset).step_by(2).any(|byte| *byte == 0);
    match (is_zero_at(0), is_zero_at(1)) {
        (false, true) => Some(UTF_16LE),
        (true, false) => Some(UTF_16BE),
        _ => None,
    }
}

/// Whether more Hangul syllables than errors decode as UTF-8: then it is UTF-8 with damaged bytes. Other characters are
/// not evidence: 홍길동 in CP949 begins with the bytes of U+022B in UTF-8.
fn is_damaged_utf8(bytes: &[u8]) -> bool {
    let (mut syllables, mut invalid) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        syllables += chunk.valid().chars().filter(|c| matches!(c, '가'..='힣')).count();
        invalid += usize::from(!chunk.invalid().is_empty());
    }
    syllables > invalid
}

/// Whether most byte pairs are in KS X 1001 and some are its syllables: names in Latin-1 hardly have any.
fn looks_korean(bytes: &[u8]) -> bool {
    let (mut pairs, mut known, mut syllables) = (0, 0, 0);
    let mut bytes = bytes.iter();
    while let Some(lead) = bytes.next() {
        if *lead < 0x80 {
            continue;
        }
        let trail = bytes.next().copied().unwrap_or_default();
        let is_known = *lead >= 0xA1 && trail >= 0xA1;
        pairs += 1;
        known += usize::from(is_known);
        syllables += usize::from(is_known && (0xB0..=0xC8).contains(lead));
    }
    syllables > 0 && known * 2 >= pairs
}

fn first_invalid_line(bytes: &[u8]) -> u64 {
    let valid = std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
    1 + bytes[..valid].iter().filter(|byte| **byte == b'\n').count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "사번,성명\r\n2019,똠방각하 펲시\r\n2020,홍길동\r\n";

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn a_table_reads_the_same_however_it_was_written() {
        let lines = TABLE.replace("\r\n", "\n");
        let cp949 = EUC_KR.encode(TABLE).0.into_owned();
        let marked = format!("\u{feff}{TABLE}");
        for (bytes, written) in [
            (TABLE.as_bytes().to_vec(), TextEncoding::Utf8),
            (marked.as_bytes().to_vec(), TextEncoding::Utf8),
            (cp949, TextEncoding::Cp949),
            (utf16(&marked, u16::to_le_bytes), TextEncoding::Utf16),
            (utf16(&marked, u16::to_be_bytes), TextEncoding::Utf16),
            (utf16(TABLE, u16::to_le_bytes), TextEncoding::Utf16),
            (utf16(TABLE, u16::to_be_bytes), TextEncoding::Utf16),
        ] {
            assert_eq!(decode(&bytes), Ok((lines.clone(), written)));
        }
        assert_eq!(decode(b"login,name\raa,Ada\r"), Ok(("login,name\naa,Ada\n".into(), TextEncoding::Utf8)));
    }

    #[test]
    fn a_single_name_in_cp949_is_read() {
        for name in ["홍길동", "김민수", "이영희", "남궁뷁", "金哲洙 과장"] {
            let line = format!("aa,{name}\n");
            assert_eq!(decode(&EUC_KR.encode(&line).0), Ok((line, TextEncoding::Cp949)));
        }
    }

    #[test]
    fn a_file_in_an_unknown_encoding_is_refused() {
        for bytes in [b"PK\x03\x04\x14".as_slice(), b"\xD0\xCF\x11\xE0\xA1\xB1"] {
            assert_eq!(decode(bytes), Err(DecodingError::Workbook));
        }
        let mut damaged = TABLE.as_bytes().to_vec();
        damaged.remove(TABLE.find('홍').unwrap());
        assert_eq!(decode(&damaged), Err(DecodingError::Unknown { line: 3 }));
        for latin in [b"login,name\njose,Jos\xE9\n".as_slice(), b"login,name\nmueller,M\xFCller \xC4rzte\n"] {
            assert_eq!(decode(latin), Err(DecodingError::Unknown { line: 2 }), "Latin-1");
        }
        assert_eq!(decode(b"\xFF\xFEa\0b"), Err(DecodingError::Unknown { line: 1 }), "half a character");
    }
}
