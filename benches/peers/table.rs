//! The rows of a measurement: printed as they come, and kept in a file with what they were measured on.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

pub(crate) struct Table {
    file: File,
    columns: usize,
}

impl Table {
    /// Begins `{name}.tsv` in a directory anew. `machine`: lines about what it is measured on.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn begin(out: &Path, name: &str, machine: &[String], columns: &[&str]) -> io::Result<Self> {
        fs::create_dir_all(out)?;
        let mut file = File::create(out.join(format!("{name}.tsv")))?;
        for line in machine {
            writeln!(file, "# {line}")?;
        }
        writeln!(file, "{}", columns.join("\t"))?;
        println!("\n| {} |\n|{}", columns.join(" | "), " --- |".repeat(columns.len()));
        Ok(Self { file, columns: columns.len() })
    }

    /// # Errors
    /// When it cannot be written.
    pub(crate) fn row(&mut self, cells: &[String]) -> io::Result<()> {
        debug_assert_eq!(cells.len(), self.columns);
        println!("| {} |", cells.join(" | "));
        writeln!(self.file, "{}", cells.join("\t"))
    }

    /// Why a row is not there. `cells`: those that say which.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn without(&mut self, cells: &[String], reason: &str) -> io::Result<()> {
        println!("| {} | {reason} |", cells.join(" | "));
        writeln!(self.file, "# {}: {reason}", cells.join(" "))
    }
}

/// With two decimals, unless it is whole.
pub(crate) fn cell(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value}") } else { format!("{value:.2}") }
}
