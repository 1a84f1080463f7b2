//! Parses a table: its encoding, separator, columns and rows, without their meaning.

use crate::messenger::import::{
    TextEncoding,
    columns::Columns,
    decoding::{DecodingError, decode},
    outcome::TableError,
};

impl From<DecodingError> for TableError {
    fn from(error: DecodingError) -> Self {
        match error {
            DecodingError::Workbook => Self::Workbook,
            DecodingError::Unknown { line } => Self::Encoding { line },
        }
    }
}

/// Field separators: a comma, a semicolon (in countries with a decimal comma), and a tab.
const SEPARATORS: [char; 3] = [',', ';', '\t'];
/// A sentinel row after the last one. The parser does not return it when a quotation mark before it is open.
const END: &str = "\u{1}";

pub(super) struct ParsedTable {
    pub(super) encoding: TextEncoding,
    pub(super) columns: Columns,
    /// Rows with their line numbers, from 1, without empty rows.
    pub(super) rows: Vec<(u64, csv::StringRecord)>,
}

/// # Errors
/// [`TableError`].
pub(super) fn read(bytes: &[u8]) -> Result<ParsedTable, TableError> {
    let (text, encoding) = decode(bytes)?;
    let (text, separator, first_line) = separated(&text);
    let marked = format!("{text}\n{END}\n");
    let mut reader = csv::ReaderBuilder::new();
    let mut reader = reader.has_headers(false).flexible(true).delimiter(separator as u8).from_reader(marked.as_bytes());
    let mut lines = LineCounter { text: &marked, at: 0, line: first_line };
    let (mut rows, mut is_closed) = (Vec::new(), false);
    for record in reader.records().map_while(Result::ok) {
        let line = lines.line_at(record.position().map_or(0, |position| position.byte() as usize));
        is_closed = record.len() == 1 && record.get(0) == Some(END);
        if !is_closed && record.iter().any(|field| !field.trim().is_empty()) {
            rows.push((line, record));
        }
    }
    if !is_closed {
        return Err(TableError::Unclosed { line: rows.last().map_or(first_line, |(line, _)| *line) });
    }
    if rows.is_empty() {
        return Err(TableError::Empty);
    }
    let columns = Columns::read(rows.remove(0).1.iter())?;
    Ok(ParsedTable { encoding, columns, rows })
}

/// The text, its separator, and the number of its first line. Some spreadsheets write a first line `sep=;`, which is
/// not part of the text.
fn separated(text: &str) -> (&str, char, u64) {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let declared = first.trim().strip_prefix("sep=").and_then(|rest| rest.chars().next());
    if let Some(separator) = declared.filter(char::is_ascii) {
        return (rest, separator, 2);
    }
    let count = |separator: char| {
        let unquoted = first.split('"').step_by(2);
        unquoted.map(|part| part.matches(separator).count()).sum::<usize>()
    };
    let separator = SEPARATORS.into_iter().rev().max_by_key(|separator| count(*separator));
    (text, separator.unwrap_or(','), 1)
}

/// Tracks the line number: the parser reports a position before the empty lines that precede a row.
struct LineCounter<'t> {
    text: &'t str,
    at: usize,
    line: u64,
}

impl LineCounter<'_> {
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
        let rows = read(text.as_bytes()).unwrap_or_else(|error| panic!("{text:?}: {error}")).rows;
        rows.into_iter().map(|(line, row)| (line, row.iter().map(str::to_owned).collect())).collect()
    }

    #[test]
    fn separators_quotes_and_empty_lines_of_spreadsheets_are_read() {
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
    fn a_file_that_is_no_table_is_refused_with_the_reason() {
        for (text, error) in [
            ("", TableError::Empty),
            ("\u{feff}\r\n \r\n", TableError::Empty),
            ("hong,홍길동\n", TableError::Columns),
            ("login,name\naa,가\nbb,\"나\ncc,다\n", TableError::Unclosed { line: 3 }),
            ("login,비고\naa,\"5\ncc,다", TableError::Unclosed { line: 2 }),
        ] {
            assert_eq!(read(text.as_bytes()).err(), Some(error), "{text:?}");
        }
        assert!(rows("login,name\n").is_empty());
    }
}
