//! Names of files, without anything that could harm a path, a header, a screen or a disk.

use unicode_normalization::UnicodeNormalization;

use crate::text;
use protocol::limit::FILE_NAME_BYTES;

/// The name of a file whose name has no allowed character.
const NAMELESS: &str = "file";
/// Bytes of an extension, with its dot, that a shortened name keeps.
const ENDING_BYTES: usize = 32;
/// Names that Windows reserves, with any extension (learn.microsoft.com, Naming Files).
const RESERVED: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

/// The name under which a file is stored and served: NFC, the last part of a path, without control and format
/// characters, at most [`FILE_NAME_BYTES`] bytes with its extension kept, and valid on every system. Never empty.
pub fn file_name(text: &str) -> String {
    let last = text.rsplit(['/', '\\']).find(|part| !part.trim().is_empty()).unwrap_or_default();
    let drawn: String = last.chars().filter_map(drawn).collect();
    let words: Vec<&str> = drawn.split_whitespace().collect();
    let name: String = words.join(" ").nfc().collect();
    let name = shortened(trimmed(&name));
    let name = trimmed(&name);
    if !text::is_visible(name) {
        return NAMELESS.to_owned();
    }
    if is_reserved(name) { format!("_{name}") } else { name.to_owned() }
}

/// The character in a name; `None` if it is invisible, and `_` if Windows and browsers replace it.
fn drawn(c: char) -> Option<char> {
    match c {
        '"' | '*' | ':' | '<' | '>' | '?' | '|' => Some('_'),
        c if c.is_whitespace() => Some(' '),
        c => text::is_drawn(c).then_some(c),
    }
}

/// Without dots and spaces at both ends: leading dots hide a file, and trailing ones are dropped when it is saved.
fn trimmed(name: &str) -> &str {
    name.trim_matches([' ', '.'])
}

/// At most [`FILE_NAME_BYTES`] bytes, cut before the extension.
fn shortened(name: &str) -> String {
    // One byte is for the mark of a reserved name.
    let most = FILE_NAME_BYTES - 1;
    if name.len() <= most {
        return name.to_owned();
    }
    let ending = name.rfind('.').map(|dot| &name[dot..]).filter(|ending| ending.len() <= ENDING_BYTES);
    let ending = ending.unwrap_or_default();
    let stem = &name[..name.floor_char_boundary(most - ending.len())];
    format!("{}{ending}", trimmed(stem))
}

fn is_reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_uppercase();
    let numbered = stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT"));
    let is_number =
        |rest: &str| rest.chars().count() == 1 && rest.chars().all(|c| c.is_ascii_digit() || "¹²³".contains(c));
    RESERVED.contains(&stem.as_str()) || numbered.is_some_and(is_number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The original and the resulting name.
    const NAMES: [(&str, &str); 60] = [
        ("예산.hwp", "예산.hwp"),
        ("\u{110b}\u{1168}\u{1109}\u{1161}\u{11ab}.hwp", "예산.hwp"),
        ("re\u{301}sume\u{301}.pdf", "résumé.pdf"),
        ("2026년 3분기 (최종) v2.xlsx", "2026년 3분기 (최종) v2.xlsx"),
        ("사진 1.jpeg", "사진 1.jpeg"),
        ("a.tar.gz", "a.tar.gz"),
        ("README", "README"),
        ("%2e%2e%2fetc", "%2e%2e%2fetc"),
        ("it's.txt", "it's.txt"),
        ("a;b,c=d.txt", "a;b,c=d.txt"),
        ("", "file"),
        (" ", "file"),
        (".", "file"),
        ("..", "file"),
        ("...", "file"),
        ("/", "file"),
        ("\\", "file"),
        ("\u{0}", "file"),
        ("\u{200b}\u{2060}", "file"),
        ("\u{3164}\u{115f}", "file"),
        ("\u{301}", "file"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("/etc/shadow", "shadow"),
        ("C:\\Users\\minsu\\문서.docx", "문서.docx"),
        ("a/b/", "b"),
        ("a/..", "file"),
        ("..%2f/x", "x"),
        ("\\\\server\\share\\x.txt", "x.txt"),
        ("x.txt/", "x.txt"),
        ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
        ("\u{2066}a\u{2069}.txt", "a.txt"),
        ("\u{200f}b\u{61c}.txt", "b.txt"),
        ("a\u{0}.txt", "a.txt"),
        ("a\r\nSet-Cookie: x=y.txt", "a Set-Cookie_ x=y.txt"),
        ("a\nb.txt", "a b.txt"),
        ("a\tb.txt", "a b.txt"),
        ("a\u{1b}[31m.txt", "a[31m.txt"),
        ("a\u{7f}\u{9b}.txt", "a.txt"),
        ("a\u{2028}b.txt", "a b.txt"),
        ("a\u{feff}.txt", "a.txt"),
        ("a\u{ffff}\u{fdd0}.txt", "a.txt"),
        ("\"quoted\".txt", "_quoted_.txt"),
        ("a:b.txt", "a_b.txt"),
        ("<script>.html", "_script_.html"),
        ("what?.txt", "what_.txt"),
        ("*.*", "_._"),
        ("a|b", "a_b"),
        ("CON", "_CON"),
        ("con.txt", "_con.txt"),
        ("Aux .c", "_Aux .c"),
        ("NUL.tar.gz", "_NUL.tar.gz"),
        ("COM1", "_COM1"),
        ("lpt9.log", "_lpt9.log"),
        ("COM¹.txt", "_COM¹.txt"),
        ("COM10.txt", "COM10.txt"),
        ("report.", "report"),
        ("report. . ", "report"),
        (".bashrc", "bashrc"),
        ("  a   b\u{3000}c.txt  ", "a b c.txt"),
    ];

    #[test]
    fn a_name_is_kept_as_every_system_can_save_it() {
        for (given, kept) in NAMES {
            assert_eq!(file_name(given), kept, "{given:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_ending() {
        let hangul = file_name(&format!("{}.hwpx", "가".repeat(1_000)));
        assert_eq!(hangul, format!("{}.hwpx", "가".repeat(83)));
        let long_ending = file_name(&format!("a.{}", "x".repeat(1_000)));
        assert_eq!(long_ending.len(), FILE_NAME_BYTES - 1);
        assert_eq!(file_name(&"가".repeat(1_000)), "가".repeat(84));
        let reserved = file_name(&format!("con.{}.txt", "x".repeat(300)));
        assert!(reserved.len() <= FILE_NAME_BYTES && reserved.starts_with("_con.") && reserved.ends_with(".txt"));
        assert!(!file_name(&format!("{} .txt", "가 ".repeat(100))).contains(" .txt"));
    }

    proptest! {
        #[test]
        fn a_kept_name_is_safe_and_stays_as_it_is(text in "\\PC{0,40}|[./\\\\ :\"\u{202e}\u{200d}\r\n\u{0}가CONaux1]{0,12}|가{80,90}[.a]{0,40}") {
            let name = file_name(&text);
            prop_assert_eq!(file_name(&name), name.clone());
            prop_assert!(!name.is_empty() && name.len() <= FILE_NAME_BYTES);
            let is_unsafe = name.contains(['/', '\\', '"', '\u{0}', '\r', '\n']) || name.starts_with('.');
            prop_assert!(!is_unsafe);
        }
    }
}
