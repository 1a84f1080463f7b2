//! `Content-Disposition` (RFC 6266): whether a file is shown or saved, and under which name.

use std::fmt::Write;

/// The ASCII name of a file whose name has no ASCII characters.
const NAMELESS: &str = "file";

/// `inline` or `attachment` with a name: in ASCII for old programs, and in UTF-8 (RFC 8187).
pub(super) fn disposition(is_inline: bool, name: &str) -> String {
    let kind = if is_inline { "inline" } else { "attachment" };
    format!("{kind}; filename=\"{}\"; filename*=UTF-8''{}", in_ascii(name), encoded(name))
}

/// Characters that every program reads literally; others become `_`. Some programs decode `%41`.
fn in_ascii(name: &str) -> String {
    let is_plain = |c: char| c == ' ' || c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%' | '/' | ';');
    let plain: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    let (stem, ending) = plain.rsplit_once('.').unwrap_or((&plain, ""));
    match (stem.chars().any(|c| c.is_ascii_alphanumeric()), ending) {
        (true, _) => plain,
        (false, "") => NAMELESS.to_owned(),
        (false, ending) => format!("{NAMELESS}.{ending}"),
    }
}

/// Percent-encodes everything but `attr-char`.
fn encoded(name: &str) -> String {
    name.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_given_in_both_spellings() {
        for (name, ascii, utf8) in [
            ("report v2.pdf", "report v2.pdf", "report%20v2.pdf"),
            ("예산.hwp", "file.hwp", "%EC%98%88%EC%82%B0.hwp"),
            ("2026 예산.hwp", "2026 __.hwp", "2026%20%EC%98%88%EC%82%B0.hwp"),
            ("예산", "file", "%EC%98%88%EC%82%B0"),
            ("résumé.pdf", "r_sum_.pdf", "r%C3%A9sum%C3%A9.pdf"),
            ("it's 100%.txt", "it's 100_.txt", "it%27s%20100%25.txt"),
            ("a;b=c.txt", "a_b=c.txt", "a%3Bb%3Dc.txt"),
            ("x\"; filename=\"y.exe", "x__ filename=_y.exe", "x%22%3B%20filename%3D%22y.exe"),
            ("a\r\nX: y", "a__X: y", "a%0D%0AX%3A%20y"),
        ] {
            let expected = format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{utf8}");
            assert_eq!(disposition(false, name), expected);
        }
        assert!(disposition(true, "a.png").starts_with("inline; "));
    }
}
