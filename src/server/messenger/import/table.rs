//! A table of people as it was written: its rows and columns, not yet what they mean.

use crate::server::messenger::import::{
    Written,
    columns::Columns,
    decoding::{NoText, decode},
};

/// Why a file as a whole is no table of people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WrongTable {
    /// There is nothing in it.
    Empty,
    /// It is a workbook, as Excel keeps it.
    Workbook,
    /// Its text is in an encoding that is not known; seen first in this line, from 1.
    Encoding { line: u64 },
    /// Its first line names no column of logins.
    Columns,
    /// Its first line names the same column twice.
    Doubled { one: String, other: String },
    /// The quotation mark of this line, from 1, is never closed.
    Unclosed { line: u64 },
}

impl From<NoText> for WrongTable {
    fn from(no_text: NoText) -> Self {
        match no_text {
            NoText::Workbook => Self::Workbook,
            NoText::Unknown { line } => Self::Encoding { line },
        }
    }
}

/// What separates fields: a comma, what spreadsheets take where that is the decimal point, and a tab.
const SEPARATORS: [char; 3] = [',', ';', '\t'];
/// A row of ours behind the last one: it is not seen as a row when a quotation mark before it is open.
const END: &str = "\u{1}";

pub(super) struct Table {
    pub(super) written: Written,
    pub(super) columns: Columns,
    /// With their lines, from 1; those without a word are left out.
    pub(super) rows: Vec<(u64, csv::StringRecord)>,
}

/// # Errors
/// Why this is none.
pub(super) fn read(bytes: &[u8]) -> Result<Table, WrongTable> {
    let (text, written) = decode(bytes)?;
    let (text, separator, first_line) = separated(&text);
    let marked = format!("{text}\n{END}\n");
    let mut reader = csv::ReaderBuilder::new();
    let mut reader = reader.has_headers(false).flexible(true).delimiter(separator as u8).from_reader(marked.as_bytes());
    let mut lines = Lines { text: &marked, at: 0, line: first_line };
    let (mut rows, mut is_closed) = (Vec::new(), false);
    for record in reader.records().map_while(Result::ok) {
        let line = lines.line_at(record.position().map_or(0, |position| position.byte() as usize));
        is_closed = record.len() == 1 && record.get(0) == Some(END);
        if !is_closed && record.iter().any(|field| !field.trim().is_empty()) {
            rows.push((line, record));
        }
    }
    if !is_closed {
        return Err(WrongTable::Unclosed { line: rows.last().map_or(first_line, |(line, _)| *line) });
    }
    if rows.is_empty() {
        return Err(WrongTable::Empty);
    }
    let columns = Columns::read(rows.remove(0).1.iter())?;
    Ok(Table { written, columns, rows })
}

/// The text behind a first line that says `sep=;`, as some spreadsheets write, the separator, and the number of the
/// text's first line.
fn separated(text: &str) -> (&str, char, u64) {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let said = first.trim().strip_prefix("sep=").and_then(|said| said.chars().next());
    if let Some(separator) = said.filter(char::is_ascii) {
        return (rest, separator, 2);
    }
    let count = |separator: char| {
        let unquoted = first.split('"').step_by(2);
        unquoted.map(|part| part.matches(separator).count()).sum::<usize>()
    };
    let separator = SEPARATORS.into_iter().rev().max_by_key(|separator| count(*separator));
    (text, separator.unwrap_or(','), 1)
}

/// Counts lines forward. The reader's own count is that of the empty lines before a row.
struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: u64,
}

impl Lines<'_> {
    fn line_at(&mut self, byte: usize) -> u64 {
        let rest = &self.text.as_bytes()[byte..];
        let empty = rest.iter().take_while(|byte| **byte == b'\n').count();
        let passed = &self.text.as_bytes()[self.at..byte + empty];
        self.line += passed.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.at = byte + empty;
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<(u64, Vec<String>)> {
        let rows = read(text.as_bytes()).unwrap_or_else(|wrong| panic!("{text:?}: {wrong:?}")).rows;
        rows.into_iter().map(|(line, row)| (line, row.iter().map(str::to_owned).collect())).collect()
    }

    #[test]
    fn separators_quotes_and_empty_lines_are_as_spreadsheets_write_them() {
        let expected = [(2, vec!["aa".to_owned(), "다, \"라\"; 마".to_owned()])];
        for text in [
            "login,name\naa,\"다, \"\"라\"\"; 마\"\n",
            "login;name\naa;\"다, \"\"라\"\"; 마\"",
            "id\tname\naa\t다, \"라\"; 마\r\n",
        ] {
            assert_eq!(rows(text), expected, "{text:?}");
        }
        let gaps = rows("sep=;\r\n\r\n아이디;이름\r\n\r\n,;\r\naa;\"가\r\n나\"\r\n;\r\n\r\nbb;다\r\n");
        let gaps: Vec<_> = gaps.iter().map(|(line, fields)| (*line, fields[0].as_str())).collect();
        assert_eq!(gaps, [(5, ","), (6, "aa"), (10, "bb")]);
    }

    #[test]
    fn a_file_that_is_no_table_says_why() {
        for (text, wrong) in [
            ("", WrongTable::Empty),
            ("\u{feff}\r\n \r\n", WrongTable::Empty),
            ("hong,홍길동\n", WrongTable::Columns),
            ("login,name\naa,가\nbb,\"나\ncc,다\n", WrongTable::Unclosed { line: 3 }),
            ("login,비고\naa,\"5\ncc,다", WrongTable::Unclosed { line: 2 }),
        ] {
            assert_eq!(read(text.as_bytes()).err(), Some(wrong), "{text:?}");
        }
        assert!(rows("login,name\n").is_empty());
    }
}
